import { describe, expect, it } from "vitest";
import { waitBeforeAttempt } from "./backoff";
import { Heartbeat, LOST_AFTER_MS, PING_EVERY_MS } from "./heartbeat";

describe("Heartbeat", () => {
  const ticks = (heart: Heartbeat, fromMs: number, count: number, answeredUntilMs = -1) => {
    const said: string[] = [];
    for (let i = 0; i < count; i++) {
      const nowMs = fromMs + i * PING_EVERY_MS;
      said.push(heart.tick(nowMs));
      if (nowMs <= answeredUntilMs) heart.pong(nowMs, nowMs + 30);
    }
    return said;
  };

  it("pings for as long as it is answered", () => {
    expect(ticks(new Heartbeat(), 0, 100, 1e9)).toEqual(Array(100).fill("ping"));
  });

  it("calls the line lost when pings stay unanswered for a second", () => {
    // Answered up to 1000; the ping after that is the first that isn't.
    const lostAtMs = ticks(new Heartbeat(), 0, 20, 1000).indexOf("lost") * PING_EVERY_MS;
    expect(lostAtMs).toBe(1000 + PING_EVERY_MS + LOST_AFTER_MS + PING_EVERY_MS);
  });

  it("measures the round trip", () => {
    const heart = new Heartbeat();
    heart.tick(100);
    heart.pong(100, 142);
    expect(heart.roundTripMs).toBe(42);
  });

  it("does not blame the line for a page that slept", () => {
    const heart = new Heartbeat();
    heart.tick(0);
    expect(heart.tick(600_000)).toBe("ping");
    expect(ticks(heart, 600_500, 5)).toContain("lost");
  });
});

describe("waitBeforeAttempt", () => {
  it("asks at once, then waits longer, and gives up within 45 seconds", () => {
    const waits: number[] = [];
    let elapsedMs = 0;
    for (let attempt = 0; ; attempt++) {
      const waitMs = waitBeforeAttempt(attempt, elapsedMs);
      if (waitMs === null) break;
      waits.push(waitMs);
      elapsedMs += waitMs + 50;
    }
    expect(waits[0]).toBe(0);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(elapsedMs).toBeLessThanOrEqual(45_000);
    expect(waits.length).toBeGreaterThan(7);
  });

  it("gives up at once when an attempt itself took that long", () => {
    expect(waitBeforeAttempt(1, 45_000)).toBeNull();
  });
});
