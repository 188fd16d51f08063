/** What the board shows of its calls: pure. */

import type { LiveCall, Mode } from "./api";

export const FILTERS = ["all", "agent", "waiting", "person", "trouble"] as const;
export type Filter = (typeof FILTERS)[number];

const BAD_MOODS: readonly string[] = ["annoyed", "angry", "distressed"];

/** With whom the caller is. */
export type With = "agent" | "waiting" | "person";

export function withWhom(call: LiveCall): With {
  if (call.state === "bridged") return "person";
  if (call.state === "held") return "waiting";
  // The line is away: whatever was under way goes on when it is back.
  if (call.state === "adrift" && call.handoff) return call.handoff.state === "bridged" ? "person" : "waiting";
  return "agent";
}

/** Where somebody should look: a mood that turned, an urgent handoff, a caller who was cut off. */
export const isTrouble = (call: LiveCall): boolean =>
  call.state === "adrift" ||
  call.handoff?.urgent === true ||
  (call.mood !== null && BAD_MOODS.includes(call.mood.mood));

export function shown(calls: readonly LiveCall[], filter: Filter): LiveCall[] {
  return calls.filter((call) => {
    if (filter === "all") return true;
    return filter === "trouble" ? isTrouble(call) : withWhom(call) === filter;
  });
}

export const counts = (calls: readonly LiveCall[]): Record<Filter, number> =>
  Object.fromEntries(FILTERS.map((filter) => [filter, shown(calls, filter).length])) as Record<
    Filter,
    number
  >;

/** The call above or below in the list; the first one when none of it is chosen. */
export function neighbour(calls: readonly LiveCall[], callId: string | null, step: 1 | -1): string | null {
  const here = calls.findIndex((call) => call.call_id === callId);
  if (here < 0) return calls.at(step === 1 ? 0 : -1)?.call_id ?? null;
  return calls[here + step]?.call_id ?? null;
}

/** Which sentence says who hears whom; a whisper needs somebody to hear it. */
export type Hearing =
  | "listen"
  | "whisper"
  | "whisperNobody"
  | "bargePerson"
  | "bargeAgent"
  | "bargeHeld"
  | "listenHeld";

export function hearing(mode: Mode, who: With): Hearing {
  if (mode === "listen") return who === "waiting" ? "listenHeld" : "listen";
  if (mode === "whisper") return who === "person" ? "whisper" : "whisperNobody";
  if (who === "waiting") return "bargeHeld";
  return who === "person" ? "bargePerson" : "bargeAgent";
}

const REACH: readonly Mode[] = ["listen", "whisper", "talk"];

/** Whether fewer people hear one in `next`: then nothing more may be said until it is so. */
export const isQuieter = (next: Mode, now: Mode): boolean => REACH.indexOf(next) < REACH.indexOf(now);
