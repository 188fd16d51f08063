/** What happened in a call beside its words: pure. */

import type { HandoffTold, MoodTold, Turn } from "../api";

/** Stands for whoever answered the phone extension, in place of an advisor's id. */
export const PHONE = "phone";

/** Who had the call, each once, in the order in which they took it. */
export function advisorNames(handoffs: readonly HandoffTold[]): string[] {
  const taken = handoffs.flatMap(({ offers }) => offers.filter((offer) => offer.result === "accepted"));
  return [...new Set(taken.map(({ advisor }) => advisor.name ?? advisor.id))];
}

/** Seconds from the wish for a person to the first who took the call, or to the end of the wait; null while it lasts. */
export function waitedS(handoff: HandoffTold): number | null {
  const first = handoff.offers.find((offer) => offer.result === "accepted" && offer.answered_at !== null);
  const until = first?.answered_at ?? handoff.ended_at;
  return until === null ? null : Math.max(0, until - handoff.created_at);
}

export interface MoodStretch extends MoodTold {
  /** Of the whole call's words, 0 to 1. */
  share: number;
}

/** The moods one after the other, each as long as it lasted; a short one is still wide enough to be seen. */
export function stretches(moods: readonly MoodTold[], turns: readonly Turn[]): MoodStretch[] {
  const endMs = Math.max(0, ...turns.map((turn) => turn.ended_ms), ...moods.map((mood) => mood.at_ms));
  const lengths = moods.map((mood, place) =>
    Math.max((moods[place + 1]?.at_ms ?? endMs) - mood.at_ms, endMs * LEAST_SHARE, 1),
  );
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  return moods.map((mood, place) => ({ ...mood, share: (lengths[place] ?? 0) / whole }));
}

const LEAST_SHARE = 0.04;
