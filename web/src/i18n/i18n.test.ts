import { describe, expect, it } from "vitest";
import { ar } from "./ar";
import { en } from "./en";
import { firstLanguage } from "./index";

type Tree = { [key: string]: string | Tree };

function sentences(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : sentences(value, `${path}${key}.`),
  );
}

const placeholders = (sentence: string) =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe("the sentences", () => {
  const english = new Map(sentences(en));
  const arabic = new Map(sentences(ar as Tree));

  it("exist in both languages", () => {
    expect([...arabic.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("have the same gaps, and are never empty", () => {
    for (const [key, sentence] of english) {
      expect.soft(placeholders(arabic.get(key) ?? ""), key).toEqual(placeholders(sentence));
      expect.soft(arabic.get(key)?.trim(), key).toBeTruthy();
    }
  });

  it("are written in Arabic script", () => {
    const latin = new Set(["app.switchTo", "calls.none"]);
    for (const [key, sentence] of arabic) {
      if (!latin.has(key)) expect.soft(sentence, key).toMatch(/[\u0600-\u06FF]/);
    }
  });
});

describe("firstLanguage", () => {
  it("is the remembered one, then the browser's first that we speak, then English", () => {
    expect(firstLanguage("ar", ["en-GB"])).toBe("ar");
    expect(firstLanguage(null, ["fr-FR", "ar-EG", "en"])).toBe("ar");
    expect(firstLanguage("xx", ["de"])).toBe("en");
  });
});
