import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { ar } from "../i18n/ar";
import { en } from "../i18n/en";
import codes from "./codes.json";
import { plainly } from "./view";
import { factWord, intentWord, wordFor } from "./words";

/* What can be in a brief is listed by the server's own test (tests/domain/desk/test_codes.py). */
describe.each(["en", "ar"])("in %s", (language) => {
  beforeAll(async () => {
    await i18next.init({ resources: { en: { translation: en }, ar: { translation: ar } }, lng: language });
  });

  const { did, ...worded } = codes;

  it.each(Object.entries(worded).flatMap(([kind, all]) => all.map((code) => [kind, code] as const)))(
    "%s has words for %s",
    (kind, code) => {
      expect(i18next.exists(`desk.${kind}.${code}`, { fallbackLng: [] })).toBe(true);
      isInWords(wordFor(i18next.t, i18next, kind as "fact", code));
    },
  );

  it.each(did)("what was done has words for %s", (kind) => {
    isInWords(factWord(i18next.t, i18next, kind));
    expect(factWord(i18next.t, i18next, kind)).not.toBe(plainly(kind));
  });

  function isInWords(words: string): void {
    expect(words).not.toContain("_");
    if (language === "ar") expect(words).toMatch(/[\u0600-\u06FF]/);
    if (language === "ar") expect(words).not.toMatch(/[a-z]/);
  }

  it("names a tenant's own tool in what was done with it", () => {
    const words = factWord(i18next.t, i18next, "tool:renew_plan_unknown");
    expect(words).toContain("renew plan");
    expect(words).not.toContain("_");
    expect(words).not.toBe("renew plan unknown");
  });

  it("names the document and the tool of an answer, and shows a tenant's own intent as it is", () => {
    expect(intentWord(i18next.t, i18next, "knowledge:terms.pdf · p. 2")).toContain("terms.pdf · p. 2");
    expect(intentWord(i18next.t, i18next, "tool_slot:renew_plan:day")).toContain("renew plan");
    expect(intentWord(i18next.t, i18next, "cancelled:book_visit")).not.toContain("_");
    expect(intentWord(i18next.t, i18next, "errand_again:visit:day")).not.toContain(":");
    expect(intentWord(i18next.t, i18next, "delivery_cost")).toBe("delivery cost");
  });
});
