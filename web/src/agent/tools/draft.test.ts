import { describe, expect, it } from "vitest";
import { changeOf, draftOf, faultsOf, NEW_TOOL, objectIn } from "./draft";

const TOOL = {
  ...NEW_TOOL,
  name: "branch_hours",
  about: { en: "When a branch opens", ar: "متى يفتح الفرع" },
  url: "https://shop.example/branches",
  answer: { en: "It opens at {opens}.", ar: "يفتح عند {opens}." },
  examples: { en: "when does the marina open\nwhen do you open in Sharjah", ar: "متى يفتح المارينا" },
  asks: { branch: { en: "Which branch?", ar: "أي فرع؟" } },
};

describe("a tool's form", () => {
  it("finds what is wrong, field by field", () => {
    expect(Object.values(faultsOf(TOOL)).some(Boolean)).toBe(false);
    expect(faultsOf({ ...TOOL, name: "Hours" }).name).toBe(true);
    expect(faultsOf({ ...TOOL, url: "https://" }).url).toBe(true);
    expect(faultsOf({ ...TOOL, input: "[]" }).input).toBe(true);
    expect(faultsOf({ ...TOOL, output: "{" }).output).toBe(true);
    expect(faultsOf({ ...TOOL, answer: { en: "x", ar: " " } }).answer).toBe(true);
    expect(faultsOf({ ...TOOL, timeout: "5001" }).timeout).toBe(true);
    expect(faultsOf({ ...TOOL, examples: { en: " \n", ar: "متى" } }).examples).toBe(true);
    expect(faultsOf({ ...TOOL, examples: { en: "when\n".repeat(11), ar: "متى" } }).examples).toBe(true);
    expect(faultsOf({ ...TOOL, asks: {} }).asks).toBe(true);
    expect(faultsOf({ ...TOOL, asks: {}, input: "{}" }).asks).toBe(false);
  });

  it("asks for a second fact where the answer has a proof, and keeps a token that nobody touched", () => {
    expect(changeOf(TOOL)).toMatchObject({ assurance: "nothing", proof: null, timeout_ms: 3000 });
    expect(changeOf(TOOL)).not.toHaveProperty("secret");
    expect(changeOf({ ...TOOL, proof: "phone", secret: " x " })).toMatchObject({
      assurance: "second_fact",
      proof: "phone",
      secret: "x",
    });
  });

  it("takes a question from each line, and asks for what the input requires", () => {
    const change = changeOf({ ...TOOL, asks: { ...TOOL.asks, gone: { en: "x", ar: "y" } } });
    expect(change.examples.en).toEqual(["when does the marina open", "when do you open in Sharjah"]);
    expect(Object.keys(change.asks)).toEqual(["branch"]);
  });

  it("comes back as it was saved", () => {
    const { name, ...rest } = TOOL;
    const saved = {
      ...changeOf(TOOL),
      name,
      has_secret: false,
      effect: "read" as const,
      server: null,
      remote: "",
      approved: "",
      idempotent: false,
      needs_advisor: false,
      reference: null,
      off_because: null,
    };
    expect(draftOf(saved)).toEqual({ name, ...rest });
  });

  it("takes objects only", () => {
    expect([objectIn("{}"), objectIn("null"), objectIn("1"), objectIn("[1]"), objectIn("")]).toEqual([
      {},
      null,
      null,
      null,
      null,
    ]);
  });
});
