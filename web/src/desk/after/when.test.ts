import { expect, it } from "vitest";
import { localInput, unixOf } from "./when";

it("goes to a date field and back, to the minute", () => {
  const unixS = Date.UTC(2026, 2, 1, 5, 7) / 1000;
  expect(localInput(unixS)).toMatch(/^2026-0[23]-\d\dT\d\d:\d\d$/);
  expect(unixOf(localInput(unixS + 42))).toBe(unixS);
});

it("takes nothing for no time", () => {
  expect(unixOf("")).toBeNull();
  expect(unixOf("soon")).toBeNull();
});
