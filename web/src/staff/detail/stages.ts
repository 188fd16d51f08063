/** The latency chart's arithmetic: from turns to bars, in the order in which the stages happen. */

import type { Turn } from "../api";

/** Stages that a reader will know, first to last; others follow, by name. */
export const STAGE_ORDER = [
  "transport",
  "vad",
  "endpoint",
  "asr",
  "brain",
  "retrieval",
  "llm",
  "tts",
  "playout",
] as const;

export type KnownStage = (typeof STAGE_ORDER)[number];

/** Sums and wholes that some servers list beside the stages; drawing them too would count everything twice. */
const WHOLES: readonly string[] = ["total", "voice_to_voice"];

export interface Segment {
  stage: string;
  ms: number;
  startMs: number;
}

export interface Bar {
  lease: number;
  seq: number;
  totalMs: number;
  segments: Segment[];
}

const rank = (stage: string): number => {
  const at = (STAGE_ORDER as readonly string[]).indexOf(stage);
  return at < 0 ? STAGE_ORDER.length : at;
};

const COLOURS = 8;

/** The same colour for a stage in every call: which of the stylesheet's eight. */
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
  let heard: Record<string, number> = {};
  for (const turn of turns) {
    if (turn.speaker === "caller") {
      heard = turn.stages_ms;
      continue;
    }
    const segments = segmentsOf({ ...heard, ...turn.stages_ms });
    const last = segments.at(-1);
    heard = {};
    if (last) bars.push({ lease: turn.lease, seq: turn.seq, totalMs: last.startMs + last.ms, segments });
  }
  return bars;
}

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
