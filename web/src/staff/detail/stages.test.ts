import { describe, expect, it } from "vitest";
import type { Turn } from "../api";
import { barsOf, groupsOf, guessedIn, inOrder, scaleOf, sourceOf } from "./stages";

const turn = (seq: number, speaker: Turn["speaker"], stages_ms: Record<string, number>): Turn => ({
  lease: 1,
  seq,
  speaker,
  stages_ms,
  text: "",
  language: "en",
  started_ms: 0,
  ended_ms: 0,
  kind: speaker === "agent" ? "answer" : null,
  intent: null,
  interrupted: false,
  by_supervisor: false,
  by: null,
  guesses: { begun: seq, thrown_away: 1 },
});

describe("guessedIn", () => {
  it("counts recognitions by the customer's turns and sentences by ours", () => {
    const turns = [
      turn(2, "caller", {}),
      turn(3, "agent", {}),
      turn(4, "caller", {}),
      turn(5, "advisor", {}),
    ];
    expect(guessedIn(turns)).toEqual({
      words: { begun: 6, thrownAway: 2 },
      sentences: { begun: 3, thrownAway: 1 },
    });
  });
});

describe("barsOf", () => {
  it("joins what the caller's turn took to the answer that follows, in the order of the stages", () => {
    const [bar] = barsOf([
      turn(2, "caller", { endpoint: 480, asr: 190 }),
      turn(3, "agent", { playout: 20, tts: 180, brain: 420 }),
    ]);
    expect(bar).toEqual({
      lease: 1,
      seq: 3,
      need: "plain",
      answers: true,
      totalMs: 1290,
      segments: [
        { stage: "endpoint", ms: 480, startMs: 0 },
        { stage: "asr", ms: 190, startMs: 480 },
        { stage: "brain", ms: 420, startMs: 670 },
        { stage: "tts", ms: 180, startMs: 1090 },
        { stage: "playout", ms: 20, startMs: 1270 },
      ],
    });
  });

  it("counts a caller's wait once, though two turns of ours follow", () => {
    const bars = barsOf([
      turn(1, "caller", { asr: 100 }),
      turn(2, "agent", { tts: 50 }),
      turn(3, "agent", { tts: 60 }),
    ]);
    expect(bars.map((bar) => bar.totalMs)).toEqual([150, 60]);
  });

  it("leaves out turns that nobody measured, and sums", () => {
    expect(barsOf([turn(1, "agent", {}), turn(2, "agent", { total: 900, tts: 0 })])).toEqual([]);
  });
});

describe("groupsOf", () => {
  const asked = (seq: number) => turn(seq, "caller", { endpoint: 600 });
  const quoted = { ...turn(4, "agent", { retrieval: 60, tts: 40 }), intent: "knowledge:terms.pdf · Returns" };
  const turns = [
    turn(0, "agent", { tts: 90 }),
    asked(1),
    turn(2, "agent", { tool: 0, tts: 10, filler: 900 }),
    asked(3),
    quoted,
    ...[5, 7, 9].flatMap((seq) => [asked(seq), turn(seq + 1, "agent", { tts: seq * 10 })]),
  ];

  it("tells answers apart by what they needed, with the figures of what was asked for", () => {
    const told = groupsOf(barsOf(turns)).map(({ need, bars, p50Ms, p95Ms }) => [
      need,
      bars.length,
      p50Ms,
      p95Ms,
    ]);
    expect(told).toEqual([
      ["plain", 4, 670, 690],
      ["document", 1, 700, 700],
      ["tool", 1, 1510, 1510],
    ]);
  });

  it("has no figures where nothing was asked", () => {
    expect(groupsOf(barsOf(turns.slice(0, 1)))).toMatchObject([{ need: "plain", p50Ms: null, p95Ms: null }]);
  });

  it("knows a quote by its source", () => {
    expect([quoted, asked(1)].map(sourceOf)).toEqual(["terms.pdf · Returns", null]);
  });
});

describe("the chart", () => {
  it("puts stages that it doesn't know last", () => {
    expect(inOrder(["zoo", "tts", "asr", "abc", "tts"])).toEqual(["asr", "tts", "abc", "zoo"]);
  });

  it.each([
    [120, 500, 3],
    [1640, 2000, 5],
    [9000, 10_000, 6],
  ])("fits %i ms into %i ms with %i ticks", (totalMs, endMs, ticks) => {
    const scale = scaleOf([{ lease: 1, seq: 1, need: "plain", answers: true, totalMs, segments: [] }]);
    expect(scale.endMs).toBe(endMs);
    expect(scale.ticks).toHaveLength(ticks);
    expect(scale.ticks.at(-1)).toBe(endMs);
  });
});
