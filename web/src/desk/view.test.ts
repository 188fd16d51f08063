import { describe, expect, it } from "vitest";
import type { Desk, Handoff, Taken } from "./api";
import {
  evidenceOf,
  modeOf,
  plainly,
  secondsLeft,
  skewOf,
  supervisorsOf,
  toneOf,
  trendOf,
  wordsOf,
} from "./view";

const handoff = (offeredUntil: number | null): Handoff => ({
  handoff_id: "c1-1",
  channel: "web",
  call_id: "c1",
  reason: "caller_asked",
  urgent: false,
  language: "ar",
  queue_id: "default",
  state: "waiting",
  created_at: 0,
  offer_number: 1,
  offered_until: offeredUntil,
  accepted_at: null,
  joined_at: null,
  brief: null,
});
const taken: Taken = {
  handoff_id: "c0-1",
  call_id: "c0",
  number: 1,
  result: "accepted",
  offered_at: 0,
  answered_at: 0,
  left: "gave_back",
  left_at: 0,
  wrap_up_until: 300,
  wrapped_up_at: null,
  disposition: null,
  notes: null,
};
const desk = (parts: Partial<Desk>): Desk => ({
  me: { id: "u1" },
  now: 1000,
  presence: { state: "ready", since: 0, away: null, next_state: null, tab: null },
  offer: null,
  handoff: null,
  wrap_ups: [],
  waiting: [],
  callbacks: [],
  dials: false,
  queues: [],
  ...parts,
});
const moods = (...names: string[]) => names.map((mood, at_ms) => ({ mood, at_ms, because: [] }));

describe("the desk", () => {
  it("shows the caller first, then what rings, then the open form", () => {
    const all = { handoff: handoff(null), offer: handoff(1020), wrap_ups: [taken] };
    expect(modeOf(desk(all), 1000).is).toBe("talking");
    expect(modeOf(desk({ ...all, handoff: null }), 1000).is).toBe("ringing");
    expect(modeOf(desk({ wrap_ups: [taken] }), 1000).is).toBe("wrapping_up");
    expect(modeOf(desk({}), 1000).is).toBe("idle");
  });

  it("lets nothing ring beyond its time", () => {
    expect(modeOf(desk({ offer: handoff(1020) }), 1019.9).is).toBe("ringing");
    expect(modeOf(desk({ offer: handoff(1020) }), 1020).is).toBe("idle");
    expect(modeOf(desk({ offer: handoff(null) }), 1000).is).toBe("idle");
  });

  it("counts down by the server's clock", () => {
    const skew = skewOf(desk({ now: 1000 }), 940_000);
    expect(skew).toBe(60);
    expect(secondsLeft(1020, 940.2 + skew)).toBe(20);
    expect(secondsLeft(1020, 2000)).toBe(0);
  });
});

describe("a mood", () => {
  it.each([
    [[], "same"],
    [["calm"], "same"],
    [["calm", "neutral", "annoyed"], "worse"],
    [["angry", "annoyed", "neutral"], "better"],
    [["angry", "calm", "calm", "calm", "calm"], "same"],
    [["calm", "of a newer server"], "worse"],
  ] as const)("%j gets %s", (names, trend) => {
    expect(trendOf(moods(...names))).toBe(trend);
  });

  it("has a tone, and a plain one where it is unknown", () => {
    expect(["calm", "neutral", "annoyed", "angry", "distressed", "bored"].map(toneOf)).toEqual([
      "good",
      "plain",
      "warm",
      "bad",
      "bad",
      "plain",
    ]);
  });

  it("tells the latest evidence that there was", () => {
    const brief = {
      moods: [
        { mood: "angry", at_ms: 1, because: ["loud"] },
        { mood: "angry", at_ms: 2, because: [] },
      ],
    };
    expect(evidenceOf(brief as never)).toEqual(["loud"]);
    expect(evidenceOf({ moods: [] } as never)).toEqual([]);
  });
});

it("reads a code without words for it", () => {
  expect(plainly("delivery_cost")).toBe("delivery cost");
  expect(plainly("tool:book_table")).toBe("book table");
  expect(plainly("handoff:caller-asked")).toBe("handoff:caller asked");
});

describe("the words of a task", () => {
  it("begin with the trouble, whatever else it has", () => {
    expect(wordsOf({ what: { priority: "high", trouble: "The fridge leaks." } })).toBe(
      "The fridge leaks. · high",
    );
    expect(wordsOf({ what: { ticket: "4711", comment: "  " } })).toBe("4711");
  });

  it("are none once they were erased", () => {
    expect(wordsOf({ what: {} })).toBe("");
  });
});

describe("supervisors beside the advisor", () => {
  const party = (mode: string, name: string | null) => ({ role: "supervisor", mode, name });

  it("are named when they speak, and not when they only listen", () => {
    const advisor = { role: "advisor", mode: "talk", name: "Aisha" };
    expect(supervisorsOf([advisor])).toEqual([]);
    expect(supervisorsOf([advisor, party("listen", "Khalid"), party("listen", "Mona")])).toEqual([
      { mode: "listen", name: null },
    ]);
    expect(supervisorsOf([party("talk", "Khalid"), party("whisper", null), party("listen", "Mona")])).toEqual(
      [
        { mode: "talk", name: "Khalid" },
        { mode: "whisper", name: null },
        { mode: "listen", name: null },
      ],
    );
  });

  it("are taken for speaking in a way that this page doesn't know", () => {
    expect(supervisorsOf([party("sing", "Khalid")])).toEqual([{ mode: "talk", name: "Khalid" }]);
  });
});
