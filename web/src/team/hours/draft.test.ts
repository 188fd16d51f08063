import { describe, expect, it } from "vitest";
import type { HoursPlan } from "../api";
import { draftOf, faultsOf, type HolidayDraft, type HoursDraft, planOf, sameAs } from "./draft";

const PLAN: HoursPlan = {
  time_zone: "Asia/Dubai",
  calendar: { weekend: ["saturday", "sunday"], announced: [{ month: "1448-09", starts: "2027-02-09" }] },
  hours: [{ days: ["monday", "friday"], opens: "09:00", closes: "21:00" }],
  holidays: [
    { name: { en: "National Day", ar: "عيد الاتحاد" }, date: "12-02", days: 2, hours: [] },
    {
      name: { en: "Eid", ar: "العيد" },
      hijri: "1448-10-01",
      days: 3,
      hours: [{ opens: "16:00", closes: "24:00" }],
    },
  ],
  ramadan: { hours: [{ days: ["sunday"], opens: "20:00", closes: "02:00" }] },
  calling: { earliest: "09:00", latest: "20:00" },
};

describe("the plan", () => {
  it("comes back from the form as it was", () => {
    expect(planOf(draftOf(PLAN))).toEqual(PLAN);
    expect(faultsOf(draftOf(PLAN))).toEqual(new Set());
  });

  it("is the same though it was read twice", () => {
    expect(sameAs(draftOf(PLAN), draftOf(PLAN))).toBe(true);
    expect(sameAs(draftOf(PLAN), { ...draftOf(PLAN), latest: "21:00" })).toBe(false);
  });

  it("has no hours for Ramadan once they are switched off", () => {
    expect(planOf({ ...draftOf(PLAN), ramadanApart: false }).ramadan.hours).toEqual([]);
  });
});

describe("what is wrong", () => {
  const draft = draftOf(PLAN);
  const [national] = draft.holidays as [HolidayDraft];
  const withHoliday = (change: Partial<HolidayDraft>): HoursDraft => ({
    ...draft,
    holidays: [{ ...national, ...change }],
  });

  it.each<[string, HoursDraft]>([
    ["zone", { ...draft, time_zone: " " }],
    ["week.monday", { ...draft, week: { ...draft.week, monday: [{ opens: "9", closes: "x" }] } }],
    ["ramadan.sunday", { ...draft, ramadan: { ...draft.ramadan, sunday: [{ opens: "", closes: "" }] } }],
    [`holiday.${national.key}.name`, withHoliday({ name: { en: "x", ar: "" } })],
    [`holiday.${national.key}.day`, withHoliday({ month: 2, day: "30" })],
    [`holiday.${national.key}.day`, withHoliday({ hijri: true, day: "31" })],
    [`holiday.${national.key}.days`, withHoliday({ days: "31" })],
    [`holiday.${national.key}.hours`, withHoliday({ hours: [{ opens: "10:00", closes: "10:00" }] })],
    ["announced.a", { ...draft, announced: [{ key: "a", year: "48", month: 9, starts: "2027-02-09" }] }],
    ["calling", { ...draft, earliest: "20:00", latest: "09:00" }],
  ])("is at %s", (place, wrong) => {
    expect([...faultsOf(wrong)]).toEqual([place]);
  });
});
