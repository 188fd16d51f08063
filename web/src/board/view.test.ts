import { describe, expect, it } from "vitest";
import type { LiveCall, LiveHandoff } from "./api";
import { counts, hearing, isQuieter, isTrouble, neighbour, shown, withWhom } from "./view";

const handoff = (state: string, urgent = false): LiveHandoff => ({
  handoff_id: "h",
  state,
  queue: "sales",
  reason: "caller_asked",
  urgent,
  created_at: 0,
  advisor: null,
});

const call = (call_id: string, change: Partial<LiveCall> = {}): LiveCall => ({
  call_id,
  channel: "web",
  state: "talking",
  language: "en",
  started_at: 0,
  turns: 0,
  mood: null,
  reply_ms: null,
  handoff: null,
  ...change,
});

const CALLS = [
  call("a"),
  call("b", { state: "held", handoff: handoff("waiting") }),
  call("c", { state: "bridged", handoff: handoff("bridged") }),
  call("d", { state: "adrift", handoff: handoff("adrift") }),
  call("e", { state: "adrift", handoff: handoff("bridged") }),
  call("f", { mood: { mood: "angry", score: -0.8, evidence: [] } }),
  call("g", { mood: { mood: "calm", score: 0.5, evidence: [] } }),
];

describe("the filter", () => {
  it("knows with whom each caller is, also while the line is away", () => {
    expect(CALLS.map(withWhom)).toEqual([
      "agent",
      "waiting",
      "person",
      "waiting",
      "person",
      "agent",
      "agent",
    ]);
  });

  it("counts what it would show", () => {
    expect(counts(CALLS)).toEqual({ all: 7, agent: 3, waiting: 2, person: 2, trouble: 3 });
    expect(shown(CALLS, "trouble").map((one) => one.call_id)).toEqual(["d", "e", "f"]);
    expect(isTrouble(call("x", { handoff: handoff("waiting", true) }))).toBe(true);
  });
});

describe("up and down", () => {
  it("go through the list and stop at its ends", () => {
    expect(neighbour(CALLS, null, 1)).toBe("a");
    expect(neighbour(CALLS, null, -1)).toBe("g");
    expect(neighbour(CALLS, "a", 1)).toBe("b");
    expect(neighbour(CALLS, "a", -1)).toBeNull();
    expect(neighbour([], "a", 1)).toBeNull();
  });
});

describe("who hears whom", () => {
  it.each([
    ["listen", "agent", "listen"],
    ["listen", "waiting", "listenHeld"],
    ["whisper", "person", "whisper"],
    ["whisper", "agent", "whisperNobody"],
    ["talk", "person", "bargePerson"],
    ["talk", "agent", "bargeAgent"],
    ["talk", "waiting", "bargeHeld"],
  ] as const)("in %s with the caller at %s: %s", (mode, who, sentence) => {
    expect(hearing(mode, who)).toBe(sentence);
  });

  it("is fewer people in one direction only", () => {
    expect(isQuieter("listen", "talk")).toBe(true);
    expect(isQuieter("whisper", "talk")).toBe(true);
    expect(isQuieter("talk", "whisper")).toBe(false);
    expect(isQuieter("listen", "listen")).toBe(false);
  });
});
