import { describe, expect, it } from "vitest";
import { isShortName, shortNameFrom, skillsOf } from "./rules";

describe("skills", () => {
  it.each([
    ["", []],
    ["Billing, returns", ["billing", "returns"]],
    ["washing machines، billing,, billing", ["washing-machines", "billing"]],
  ])("are read from %j", (text, skills) => {
    expect(skillsOf(text)).toEqual(skills);
  });

  it.each(["ok", "a-b_c9"])("may be called %s", (name) => expect(isShortName(name)).toBe(true));
  it.each(["", "9a", "Ä", "a b", "x".repeat(41)])("may not be called %j", (name) =>
    expect(isShortName(name)).toBe(false),
  );
});

describe("a queue's short name", () => {
  it.each([
    ["Orders & Returns", [], "orders-returns"],
    ["Orders", ["orders", "orders-2"], "orders-3"],
    ["  24/7 Café ", [], "cafe"],
    ["الطلبات", [], ""],
  ])("of %j beside %j is %j", (name, taken, short) => {
    expect(shortNameFrom(name, taken)).toBe(short);
  });

  it("is always one that the gateway takes", () => {
    const long = shortNameFrom(`Z${"very long ".repeat(20)}`, []);
    expect(isShortName(long)).toBe(true);
  });
});
