import { describe, expect, it } from "vitest";
import type { HandoffTold, MoodTold, OfferTold, Turn } from "../api";
import { advisorNames, PHONE, stretches, waitedS } from "./story";

const offer = (name: string, result: string, answered_at: number | null): OfferTold => ({
  number: 1,
  advisor: { id: name.toLowerCase(), name },
  result,
  offered_at: 100,
  answered_at,
  left: null,
  left_at: null,
  disposition: null,
  notes: null,
});

const handoff = (ended_at: number | null, ...offers: OfferTold[]): HandoffTold => ({
  handoff_id: "c-1",
  number: 1,
  reason: "caller_asked",
  urgent: false,
  queue: { id: "default", name: {} },
  state: "ended",
  created_at: 100,
  ended_at,
  result: null,
  offers,
});

describe("who had the call", () => {
  it("is everybody who took it, once", () => {
    const first = handoff(200, offer("Sam", "missed", 120), offer("Layla", "accepted", 130));
    const again = handoff(300, offer("Layla", "accepted", 140), offer("Huda", "accepted", 150));
    expect(advisorNames([first, again])).toEqual(["Layla", "Huda"]);
    expect(advisorNames([])).toEqual([]);
    const phone = { ...offer("Phone", "accepted", 120), advisor: { id: PHONE, name: null } };
    expect(advisorNames([handoff(200, phone)])).toEqual([PHONE]);
  });
});

describe("the wait", () => {
  it.each([
    [handoff(null, offer("Sam", "missed", 120), offer("Layla", "accepted", 131)), 31],
    [handoff(190, offer("Sam", "declined", 120)), 90],
    [handoff(null), null],
    [handoff(99), 0],
  ])("of %j is %s s", (told, waited) => {
    expect(waitedS(told)).toBe(waited);
  });
});

describe("the moods", () => {
  const mood = (name: string, at_ms: number): MoodTold => ({ mood: name, at_ms, because: [] });
  const until = (ended_ms: number) => [{ ended_ms } as Turn];

  it("fill the whole call, each as long as it lasted", () => {
    const shares = stretches([mood("neutral", 0), mood("angry", 30_000)], until(40_000)).map(
      ({ share }) => share,
    );
    expect(shares).toEqual([0.75, 0.25]);
  });

  it("can all be seen, however short", () => {
    const found = stretches([mood("neutral", 0), mood("angry", 100_000)], until(100_000));
    expect(found[1]?.share).toBeGreaterThan(0.03);
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(stretches([], [])).toEqual([]);
    expect(stretches([mood("calm", 0)], [])[0]?.share).toBe(1);
  });
});
