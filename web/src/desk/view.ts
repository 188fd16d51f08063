/** What the desk shows: pure, from what was read of it last. */

import type { Party } from "../call/protocol";
import type { Brief, Desk, Handoff, MoodAt, Taken, Task } from "./api";

export type Mode =
  | { is: "idle" }
  | { is: "ringing"; offer: Handoff }
  | { is: "talking"; handoff: Handoff }
  | { is: "wrapping_up"; taken: Taken };

/** Somebody who writes has no line to join. */
export const isWritten = ({ channel }: { channel: string | null }): boolean =>
  channel === "sms" || channel === "whatsapp";

export interface SupervisorHere {
  mode: "talk" | "whisper" | "listen";
  name: string | null;
}

/** Those who speak are named; of those who only listen the advisor learns that there are some. */
export function supervisorsOf(parties: readonly Party[]): SupervisorHere[] {
  const here = parties.filter(({ role }) => role === "supervisor");
  const speaking = here.filter(({ mode }) => mode !== "listen");
  const named = speaking.map(
    ({ mode, name }): SupervisorHere => ({ mode: mode === "whisper" ? mode : "talk", name }),
  );
  return here.length > speaking.length ? [...named, { mode: "listen", name: null }] : named;
}

/** An offer whose time is over has gone to somebody else, whatever was read before. */
export function modeOf(desk: Desk, nowS: number): Mode {
  if (desk.handoff) return { is: "talking", handoff: desk.handoff };
  if (desk.offer && (desk.offer.offered_until ?? 0) > nowS) return { is: "ringing", offer: desk.offer };
  const taken = desk.wrap_ups[0];
  return taken ? { is: "wrapping_up", taken } : { is: "idle" };
}

/** The server's clock may not be this machine's: both count down by the server's. */
export const skewOf = (desk: Desk, atMs: number): number => desk.now - atMs / 1000;

export type Trend = "better" | "same" | "worse";

const SCORES: Record<string, number> = { calm: 2, neutral: 1, annoyed: -1, distressed: -2, angry: -2 };

/** Over the last few estimates only: a caller who was angry an hour ago and is calm now is calm. */
const LATEST = 4;

export function trendOf(moods: readonly MoodAt[]): Trend {
  const scores = moods.slice(-LATEST).map(({ mood }) => SCORES[mood] ?? 0);
  const change = (scores.at(-1) ?? 0) - (scores[0] ?? 0);
  if (change === 0) return "same";
  return change > 0 ? "better" : "worse";
}

/** Of how a mood is drawn; one that a newer server names otherwise is drawn plainly. */
export function toneOf(mood: string): "good" | "plain" | "warm" | "bad" {
  const score = SCORES[mood];
  if (score === undefined || score === 1) return "plain";
  if (score > 1) return "good";
  return score < -1 ? "bad" : "warm";
}

/** The codes of evidence of the latest estimate that had any. */
export const evidenceOf = (brief: Brief): readonly string[] =>
  brief.moods.findLast(({ because }) => because.length > 0)?.because ?? [];

/** Seconds until `untilS`, never below zero. */
export const secondsLeft = (untilS: number, nowS: number): number => Math.max(0, Math.ceil(untilS - nowS));

/** A code as words, where the pages have none for it: `delivery_cost` reads "delivery cost", a tool by its name. */
export const plainly = (code: string): string => code.replace(/^tool:/, "").replaceAll(/[_-]/g, " ");

/** Of a task, what was said first; none once the call's words were erased. */
export const wordsOf = ({ what: { trouble, ...others } }: Pick<Task, "what">): string =>
  [trouble, ...Object.values(others)].filter((words) => words?.trim()).join(" · ");
