/** The latency chart's arithmetic: from turns to bars, in the order in which the stages happen, and their figures. */

import type { Turn } from "../api";

/** Stages that a reader will know, first to last; others follow, by name. */
export const STAGE_ORDER = [
  "endpoint",
  "asr",
  "brain",
  "retrieval",
  "llm",
  "tool",
  "tts",
  "playout",
  "filler",
] as const;

export type KnownStage = (typeof STAGE_ORDER)[number];

/** Sums and wholes that some servers list beside the stages; drawing them too would count everything twice. */
const WHOLES: readonly string[] = ["total", "voice_to_voice"];

export interface Segment {
  stage: string;
  ms: number;
  startMs: number;
}

/** What an answer took beside the tenant's own facts and the model. */
export const NEEDS = ["plain", "document", "tool"] as const;

export type Need = (typeof NEEDS)[number];

export interface Bar {
  lease: number;
  seq: number;
  need: Need;
  /** Whether it answers something that the caller had asked. */
  answers: boolean;
  totalMs: number;
  segments: Segment[];
}

const SOURCE_PREFIX = "knowledge:";

/** The document that a turn quoted, as people read it. */
export const sourceOf = (turn: Turn): string | null =>
  turn.intent?.startsWith(SOURCE_PREFIX) ? turn.intent.slice(SOURCE_PREFIX.length) : null;

const needOf = (turn: Turn): Need =>
  "tool" in turn.stages_ms ? "tool" : sourceOf(turn) === null ? "plain" : "document";

const rank = (stage: string): number => {
  const at = (STAGE_ORDER as readonly string[]).indexOf(stage);
  return at < 0 ? STAGE_ORDER.length : at;
};

const COLOURS = 9;

/** The same colour for a stage in every call: which of the stylesheet's nine. */
export const colourOf = (stage: string): number => rank(stage) % COLOURS;

export function inOrder(stages: Iterable<string>): string[] {
  return [...new Set(stages)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/**
 * One bar for each of our turns that was measured. What a caller's turn took (to notice its end, to recognise it) is
 * part of the wait for the answer to it, so it opens the bar of the next turn of ours.
 */
export function barsOf(turns: readonly Turn[]): Bar[] {
  const bars: Bar[] = [];
  let asked: Turn | null = null;
  for (const turn of turns) {
    if (turn.speaker === "caller") {
      asked = turn;
      continue;
    }
    const segments = turn.speaker === "agent" ? segmentsOf({ ...asked?.stages_ms, ...turn.stages_ms }) : [];
    const last = segments.at(-1);
    const answers = asked !== null && (turn.kind === "answer" || turn.kind === "clarify");
    asked = null;
    if (!last) continue;
    const totalMs = last.startMs + last.ms;
    bars.push({ lease: turn.lease, seq: turn.seq, need: needOf(turn), answers, totalMs, segments });
  }
  return bars;
}

export interface Guessed {
  begun: number;
  thrownAway: number;
}

/** What was begun before it was known to be needed: recognitions at pauses, and sentences of ours. */
export function guessedIn(turns: readonly Turn[]): { words: Guessed; sentences: Guessed } {
  const sum = (speaker: Turn["speaker"]): Guessed =>
    turns
      .filter((turn) => turn.speaker === speaker)
      .reduce(
        (so, { guesses }) => ({
          begun: so.begun + guesses.begun,
          thrownAway: so.thrownAway + guesses.thrown_away,
        }),
        { begun: 0, thrownAway: 0 },
      );
  return { words: sum("caller"), sentences: sum("agent") };
}

export interface Group {
  need: Need;
  bars: Bar[];
  /** Of the answers alone; null where there is none among the bars. */
  p50Ms: number | null;
  p95Ms: number | null;
}

/** The bars apart by what the answers needed, those that needed nothing first. */
export function groupsOf(bars: readonly Bar[]): Group[] {
  return NEEDS.map((need) => {
    const those = bars.filter((bar) => bar.need === need);
    const waits = those
      .filter((bar) => bar.answers)
      .map((bar) => bar.totalMs)
      .sort((a, b) => a - b);
    return { need, bars: those, p50Ms: medianOf(waits), p95Ms: p95Of(waits) };
  }).filter((group) => group.bars.length > 0);
}

const medianOf = (sorted: readonly number[]): number | null => {
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  return low === undefined || high === undefined ? null : Math.round((low + high) / 2);
};

/** The nearest rank: of less than twenty values, the largest. */
const p95Of = (sorted: readonly number[]): number | null =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * 95) / 100))] ?? null;

function segmentsOf(stagesMs: Record<string, number>): Segment[] {
  const segments: Segment[] = [];
  let startMs = 0;
  for (const stage of inOrder(Object.keys(stagesMs))) {
    const ms = stagesMs[stage] ?? 0;
    if (WHOLES.includes(stage) || !(ms > 0)) continue;
    segments.push({ stage, ms, startMs });
    startMs += ms;
  }
  return segments;
}

/** The chart's scale: a round number of milliseconds that holds the longest bar, and the ticks up to it. */
export function scaleOf(bars: readonly Bar[]): { endMs: number; ticks: number[] } {
  const longest = Math.max(500, ...bars.map((bar) => bar.totalMs));
  const step = [250, 500, 1000, 2000, 5000, 10_000].find((ms) => longest / ms <= 5) ?? 30_000;
  const count = Math.ceil(longest / step);
  return { endMs: count * step, ticks: Array.from({ length: count + 1 }, (_, position) => position * step) };
}
