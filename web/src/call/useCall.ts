/** The page's one call, as React sees it. */

import { useEffect, useState, useSyncExternalStore } from "react";
import type { CallState } from "./machine";
import { CallSession } from "./session";

export function useCall(): [CallState, CallSession] {
  const [session] = useState(() => new CallSession());
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  useEffect(() => {
    const leave = () => session.leave();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [session]);
  return [state, session];
}
