/** Which microphone and speaker, how the sound is cleaned, and whether the microphone works. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AudioChoice, Level, openMicrophone } from "../call/audio";
import { LevelMeter } from "./LevelMeter";
import { useDevices } from "./useDevices";

interface AudioSettingsProps {
  audio: AudioChoice;
  change: (audio: AudioChoice) => void;
  /** How loud the caller is in a running call; null before one, when the microphone can be tried out. */
  level: (() => number) | null;
}

export function AudioSettings({ audio, change, level }: AudioSettingsProps) {
  const { t } = useTranslation();
  const [testing, setTesting] = useState(false);
  const tested = useMicrophoneTest(testing && level === null, audio);
  const devices = useDevices(tested !== null);
  const shown = level ?? tested;
  return (
    <section className="settings" aria-label={t("settings.title")}>
      <DeviceChoice
        label={t("settings.microphone")}
        devices={devices.microphones}
        value={audio.microphoneId}
        change={(microphoneId) => change({ ...audio, microphoneId })}
      />
      {"setSinkId" in HTMLMediaElement.prototype ? (
        <DeviceChoice
          label={t("settings.speaker")}
          devices={devices.speakers}
          value={audio.speakerId}
          change={(speakerId) => change({ ...audio, speakerId })}
        />
      ) : (
        <p className="hint">{t("settings.speakerFixed")}</p>
      )}
      <div className="settings-level">
        <LevelMeter read={shown} label={t("settings.level")} />
        {level === null && (
          <button
            type="button"
            className="button"
            aria-pressed={testing}
            onClick={() => setTesting(!testing)}
          >
            {testing ? t("settings.stop") : t("settings.test")}
          </button>
        )}
      </div>
      {testing && level === null && <p className="hint">{t("settings.hint")}</p>}
      <Toggle
        label={t("settings.echo")}
        checked={audio.echoCancellation}
        change={(echoCancellation) => change({ ...audio, echoCancellation })}
      />
      <Toggle
        label={t("settings.noise")}
        checked={audio.noiseSuppression}
        change={(noiseSuppression) => change({ ...audio, noiseSuppression })}
      />
      <Toggle
        label={t("settings.gain")}
        checked={audio.autoGainControl}
        change={(autoGainControl) => change({ ...audio, autoGainControl })}
      />
      {level !== null && <p className="hint">{t("settings.applies")}</p>}
    </section>
  );
}

interface DeviceChoiceProps {
  label: string;
  devices: MediaDeviceInfo[];
  value: string;
  change: (deviceId: string) => void;
}

function DeviceChoice({ label, devices, value, change }: DeviceChoiceProps) {
  const { t } = useTranslation();
  const known = devices.some((device) => device.deviceId === value);
  return (
    <label className="field">
      <span>{label}</span>
      <select value={known ? value : ""} onChange={(event) => change(event.target.value)}>
        <option value="">{t("settings.defaultDevice")}</option>
        {devices.map((device, position) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || t("settings.unnamed", { number: position + 1 })}
          </option>
        ))}
      </select>
    </label>
  );
}

function Toggle({
  label,
  checked,
  change,
}: {
  label: string;
  checked: boolean;
  change: (checked: boolean) => void;
}) {
  return (
    <label className="toggle">
      <input type="checkbox" checked={checked} onChange={(event) => change(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** A reader of the microphone's level while the test runs, null otherwise. */
function useMicrophoneTest(running: boolean, audio: AudioChoice): (() => number) | null {
  const [read, setRead] = useState<(() => number) | null>(null);
  useEffect(() => {
    if (!running) return;
    let stopped = false;
    let stream: MediaStream | null = null;
    const context = new AudioContext();
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    void openMicrophone(audio)
      .then((opened) => {
        stream = opened;
        if (stopped) return stop();
        const level = new Level(context, opened);
        setRead(() => () => level.read());
      })
      .catch(() => {});
    return () => {
      stopped = true;
      stop();
      setRead(null);
      void context.close();
    };
  }, [running, audio]);
  return read;
}
