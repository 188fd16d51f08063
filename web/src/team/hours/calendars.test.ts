import { describe, expect, it } from "vitest";
import { dayName, dayText, gregorianMonths, hijriMonths, nextDay } from "./calendars";

const NOVEMBER_2026 = Date.UTC(2026, 10, 24, 15);
const shown = (written: string, hijri: boolean) =>
  nextDay(written, hijri, NOVEMBER_2026)?.toISOString().slice(0, 10);

describe("a holiday's next day", () => {
  it.each([
    ["12-02", false, "2026-12-02"],
    ["01-01", false, "2027-01-01"],
    ["02-29", false, undefined],
    ["2028-02-29", false, "2028-02-29"],
    ["2027-02-29", false, undefined],
    ["10-01", true, "2027-03-09"],
    ["12-10", true, "2027-05-16"],
    ["1447-09-01", true, "2026-02-18"],
    ["1450-01-01", true, "2028-05-25"],
    ["soon", false, undefined],
  ] as const)("of %s (Hijri: %s) is %s", (written, hijri, day) => {
    expect(shown(written, hijri)).toBe(day);
  });
});

describe("names", () => {
  it("are written in both calendars and languages", () => {
    const date = new Date(Date.UTC(2027, 2, 9));
    expect(dayText(date, "gregory", "en")).toBe("9 March 2027");
    expect(dayText(date, "hijri", "en")).toMatch(/1 Shawwal 1448/);
    expect(dayText(date, "hijri", "ar")).toMatch(/شوال/);
    expect(hijriMonths("en")[8]).toBe("Ramadan");
    expect(hijriMonths("ar")).not.toContain("");
    expect(gregorianMonths("en")[11]).toBe("December");
    expect(dayName(0, "en")).toBe("Monday");
    expect(dayName(6, "ar")).toBe("الأحد");
  });
});
