/** A person's own line, as React sees it; the opening state while there is none yet. */

import { useSyncExternalStore } from "react";
import type { JoinedCall } from "./joined";
import { type JoinedState, OPENING } from "./machine";

const never = () => () => {};
const opening = () => OPENING;

export function useJoined(call: JoinedCall | null): JoinedState {
  return useSyncExternalStore(call?.subscribe ?? never, call?.snapshot ?? opening);
}
