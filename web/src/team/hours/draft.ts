/** The opening plan as it stands in the form, what is wrong with it, and the plan that it makes. Pure. */

import type { Holiday, HoursPlan, Stretch } from "../api";
import { DAYS, faultsOf as faultsOfDay, isEmpty, isTime, rowsOf, type Week, weekOf } from "./week";

export interface HolidayDraft {
  /** Tells rows apart while they are edited; never sent. */
  key: string;
  name: { en: string; ar: string };
  hijri: boolean;
  /** "" is every year. */
  year: string;
  month: number;
  day: string;
  days: string;
  hours: Stretch[];
}

export interface AnnouncedDraft {
  key: string;
  year: string;
  month: number;
  starts: string;
}

export interface HoursDraft {
  time_zone: string;
  weekend: string[];
  week: Week;
  ramadan: Week;
  /** Ramadan has hours of its own. */
  ramadanApart: boolean;
  holidays: HolidayDraft[];
  announced: AnnouncedDraft[];
  earliest: string;
  latest: string;
}

let made = 0;
export const newKey = (): string => `row-${++made}`;

export function draftOf(plan: HoursPlan): HoursDraft {
  const ramadan = weekOf(plan.ramadan.hours);
  return {
    time_zone: plan.time_zone,
    weekend: plan.calendar.weekend,
    week: weekOf(plan.hours),
    ramadan,
    ramadanApart: !isEmpty(ramadan),
    holidays: plan.holidays.map(holidayDraft),
    announced: plan.calendar.announced.map(({ month, starts }) => ({
      key: newKey(),
      year: month.slice(0, 4),
      month: Number(month.slice(5)),
      starts,
    })),
    earliest: plan.calling.earliest,
    latest: plan.calling.latest,
  };
}

function holidayDraft(holiday: Holiday): HolidayDraft {
  const written = holiday.hijri ?? holiday.date ?? "01-01";
  const [day = "", month = "1", year = ""] = written.split("-").reverse();
  return {
    key: newKey(),
    name: { en: holiday.name.en ?? "", ar: holiday.name.ar ?? "" },
    hijri: holiday.hijri !== undefined,
    year,
    month: Number(month),
    day: String(Number(day)),
    days: String(holiday.days),
    hours: holiday.hours,
  };
}

/** "12-02", or "2026-12-02". */
export function writtenDay({ year, month, day }: Pick<HolidayDraft, "year" | "month" | "day">): string {
  const [two, of] = [String(month).padStart(2, "0"), day.trim().padStart(2, "0")];
  return year.trim() === "" ? `${two}-${of}` : `${year.trim()}-${two}-${of}`;
}

export function planOf(draft: HoursDraft): HoursPlan {
  return {
    time_zone: draft.time_zone.trim(),
    calendar: {
      weekend: draft.weekend,
      announced: draft.announced.map(({ year, month, starts }) => ({
        month: `${year.trim()}-${String(month).padStart(2, "0")}`,
        starts,
      })),
    },
    hours: rowsOf(draft.week),
    holidays: draft.holidays.map((holiday) => ({
      name: { en: holiday.name.en.trim(), ar: holiday.name.ar.trim() },
      [holiday.hijri ? "hijri" : "date"]: writtenDay(holiday),
      days: Number(holiday.days),
      hours: holiday.hours,
    })),
    ramadan: { hours: draft.ramadanApart ? rowsOf(draft.ramadan) : [] },
    calling: { earliest: draft.earliest, latest: draft.latest },
  };
}

/** Two drafts are the same when they make the same plan: keys and untouched switches are nobody's change. */
export const sameAs = (a: HoursDraft, b: HoursDraft): boolean =>
  JSON.stringify(planOf(a)) === JSON.stringify(planOf(b));

const LONGEST_HOLIDAY_DAYS = 30;

/** The places that the gateway would refuse: "zone", "week.monday", "holiday.<key>.name", "calling", … */
export function faultsOf(draft: HoursDraft): Set<string> {
  const faults = new Set<string>();
  if (draft.time_zone.trim() === "") faults.add("zone");
  for (const day of DAYS) {
    if (faultsOfDay(draft.week[day]).size > 0) faults.add(`week.${day}`);
    if (draft.ramadanApart && faultsOfDay(draft.ramadan[day]).size > 0) faults.add(`ramadan.${day}`);
  }
  for (const holiday of draft.holidays) {
    const place = `holiday.${holiday.key}`;
    if (holiday.name.en.trim() === "" || holiday.name.ar.trim() === "") faults.add(`${place}.name`);
    if (!isDay(holiday)) faults.add(`${place}.day`);
    if (!/^\d{1,2}$/.test(holiday.days) || +holiday.days < 1 || +holiday.days > LONGEST_HOLIDAY_DAYS)
      faults.add(`${place}.days`);
    if (faultsOfDay(holiday.hours).size > 0) faults.add(`${place}.hours`);
  }
  for (const { key, year, starts } of draft.announced) {
    if (!/^1[34]\d\d$/.test(year.trim()) || !/^\d{4}-\d\d-\d\d$/.test(starts)) faults.add(`announced.${key}`);
  }
  if (!isTime(draft.earliest) || !isTime(draft.latest) || draft.earliest >= draft.latest)
    faults.add("calling");
  return faults;
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const HIJRI_MONTH_DAYS = 30;

function isDay({ hijri, year, month, day }: HolidayDraft): boolean {
  if (!/^\d{1,2}$/.test(day.trim()) || !/^(?:\d{4})?$/.test(year.trim())) return false;
  const most = hijri ? HIJRI_MONTH_DAYS : (MONTH_DAYS[month - 1] ?? 0);
  return Number(day) >= 1 && Number(day) <= most;
}
