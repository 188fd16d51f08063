import { describe, expect, it } from "vitest";
import { afterClose, parseLive, pauseMs } from "./messages";

describe("parseLive", () => {
  it.each([
    [{ type: "ready" }, { type: "ready" }],
    [
      { type: "ping", n: 3 },
      { type: "ping", n: 3 },
    ],
    [
      { type: "changed", what: "desk" },
      { type: "changed", what: "desk", callId: null },
    ],
    [
      { type: "changed", what: "call", call_id: "c1" },
      { type: "changed", what: "call", callId: "c1" },
    ],
    [
      { type: "ring", handoff_id: "c1-1", until: 12.5 },
      { type: "ring", handoffId: "c1-1", until: 12.5 },
    ],
    [{ type: "tab_replaced" }, { type: "tab_replaced" }],
  ])("reads %j", (message, expected) => {
    expect(parseLive(JSON.stringify(message))).toEqual(expected);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '"ready"',
    '{"type":"later"}',
    '{"type":"ping"}',
    '{"type":"ping","n":"3"}',
    '{"type":"changed"}',
    '{"type":"ring","handoff_id":"c1-1"}',
    new ArrayBuffer(2),
  ])("ignores %j", (raw) => {
    expect(parseLive(raw)).toBeNull();
  });
});

describe("afterClose", () => {
  it.each([
    [1000, "again"],
    [1006, "again"],
    [1013, "again"],
    [4401, "renew"],
    [4403, "refused"],
    [4408, "again"],
    [4409, "replaced"],
    [4429, "again"],
  ] as const)("takes %i for %s", (code, what) => {
    expect(afterClose(code)).toBe(what);
  });
});

describe("pauseMs", () => {
  it("tries a few times before the server gives the page up, and never stops trying", () => {
    const within = [0, 1, 2, 3].map((attempt) => pauseMs(attempt, 1));
    expect(within.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
    expect(pauseMs(500, 0.5)).toBe(10_000);
  });

  it("spreads pages that lost the same server", () => {
    expect(pauseMs(2, 0)).toBe(750);
    expect(pauseMs(2, 1)).toBe(1250);
  });
});
