import { describe, expect, it } from "vitest";
import { shortcutOf } from "../softphone/useShortcuts";
import { clock, milliseconds, moment, nameOf, secondsText } from "./format";

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [7_900, "0:07"],
    [187_000, "3:07"],
    [3_729_000, "1:02:09"],
    [-5, "0:00"],
  ])("shows %i ms as %s", (ms, shown) => {
    expect(clock(ms)).toBe(shown);
  });
});

describe("times", () => {
  const now = new Date(2026, 10, 22, 15, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime() / 1000;

  it("name the day only when it isn't today, and the year only when it isn't this one", () => {
    expect(moment(at(2026, 10, 22, 9, 5), now, "en")).toBe("09:05");
    expect(moment(at(2026, 10, 21, 9, 5), now, "en")).toContain("21 Nov");
    expect(moment(at(2025, 10, 21, 9, 5), now, "en")).toContain("2025");
  });

  it("count in the grammar of the language", () => {
    expect(secondsText(1, "en")).toBe("1 second");
    expect(secondsText(8, "ar")).toBe("8 ثوان");
    expect(milliseconds(231, "en")).toBe("231ms");
    expect(milliseconds(1290, "en")).toBe("1.29s");
  });
});

describe("names", () => {
  it("fall back to the other language, then to the slug", () => {
    expect(nameOf({ en: "Noor", ar: "نور" }, "ar", "noor")).toBe("نور");
    expect(nameOf({ en: "Noor" }, "ar", "noor")).toBe("Noor");
    expect(nameOf({}, "en", "noor")).toBe("noor");
  });
});

describe("shortcuts", () => {
  it("work on an Arabic keyboard as well", () => {
    expect(shortcutOf({ key: "ة", code: "KeyM" })).toBe("mute");
    expect(shortcutOf({ key: "M", code: "Semicolon" })).toBe("mute");
    expect(shortcutOf({ key: "#", code: "Digit3" })).toBe("digit");
    expect(shortcutOf({ key: "a", code: "KeyA" })).toBeNull();
  });
});
