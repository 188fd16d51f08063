import { describe, expect, it } from "vitest";
import { reasonOf, shownAs } from "./delivery";

describe("a delivery", () => {
  it("is shown in the words that people at work know", () => {
    expect(["unsent", "accepted", "sent", "delivered", "read", "failed", "unknown"].map(shownAs)).toEqual([
      "queued",
      "queued",
      "sent",
      "delivered",
      "read",
      "failed",
      "unclear",
    ]);
    expect(shownAs("teleported")).toBe("unclear");
  });

  it("says why it failed only where there are words for it", () => {
    expect(reasonOf({ state: "failed", reason: "opted_out" })).toBe("opted_out");
    expect(reasonOf({ state: "failed", reason: "moon_phase" })).toBeNull();
    expect(reasonOf({ state: "failed", reason: null })).toBeNull();
  });
});
