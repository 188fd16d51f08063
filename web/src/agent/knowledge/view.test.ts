import { describe, expect, it } from "vitest";
import { around, faultOf, MOST_BYTES } from "./view";

describe("a file", () => {
  it.each([
    ["a.pdf", 1, null],
    ["A.B.DOCX", 1, null],
    ["picture.png", 1, "unsupported_type"],
    ["pdf", 1, null],
    ["notes", 1, "unsupported_type"],
    ["a.txt", 0, "empty"],
    ["a.txt", MOST_BYTES + 1, "too_large"],
  ])("%s of %d bytes: %s", (name, size, fault) => {
    expect(faultOf({ name, size })).toBe(fault);
  });
});

describe("a passage", () => {
  it("is split around its answer, wherever that stands", () => {
    expect(around("One. Two. Three.", "Two.")).toEqual({ before: "One. ", answer: "Two.", after: " Three." });
    expect(around("One.", "Two.")).toEqual({ before: "One.", answer: "", after: "" });
    expect(around("One.", null)).toEqual({ before: "One.", answer: "", after: "" });
  });
});
