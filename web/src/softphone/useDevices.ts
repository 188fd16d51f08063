/** The microphones and speakers that the browser knows, kept up to date as they are plugged and unplugged. */

import { useEffect, useState } from "react";

export interface Devices {
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

/** Pass whether the microphone is open: only then do browsers tell the devices' names. */
export function useDevices(microphoneOpen: boolean): Devices {
  const [devices, setDevices] = useState<Devices>({ microphones: [], speakers: [] });
  // biome-ignore lint/correctness/useExhaustiveDependencies: names appear once the microphone is open.
  useEffect(() => {
    const source = navigator.mediaDevices;
    if (!source?.enumerateDevices) return;
    let stopped = false;
    const look = async () => {
      const all = await source.enumerateDevices().catch(() => []);
      if (stopped) return;
      const named = (kind: MediaDeviceKind) =>
        all.filter(
          (device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default",
        );
      setDevices({ microphones: named("audioinput"), speakers: named("audiooutput") });
    };
    void look();
    source.addEventListener("devicechange", look);
    return () => {
      stopped = true;
      source.removeEventListener("devicechange", look);
    };
  }, [microphoneOpen]);
  return devices;
}
