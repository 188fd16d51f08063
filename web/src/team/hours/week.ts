/** A week as it stands in the form: each day's stretches, instead of the plan's rows of days. Pure. */

import type { Stretch, WeekRow } from "../api";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];
export type Week = Record<Day, Stretch[]>;

const isDay = (day: string): day is Day => (DAYS as readonly string[]).includes(day);

export const emptyWeek = (): Week => Object.fromEntries(DAYS.map((day) => [day, []])) as unknown as Week;

export function weekOf(rows: readonly WeekRow[]): Week {
  const week = emptyWeek();
  for (const { days, opens, closes } of rows) {
    for (const day of days) if (isDay(day)) week[day].push({ opens, closes });
  }
  return week;
}

/** The days of one stretch together, as the gateway writes them. */
export function rowsOf(week: Week): WeekRow[] {
  const rows = new Map<string, WeekRow>();
  for (const day of DAYS) {
    for (const { opens, closes } of week[day]) {
      const key = `${opens}-${closes}`;
      const row = rows.get(key) ?? { days: [], opens, closes };
      row.days.push(day);
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

/** The week begins after the weekend: on Monday in one country, on Sunday in another. */
export function daysFrom(weekend: readonly string[]): Day[] {
  const first = DAYS.findIndex(
    (day, index) => !weekend.includes(day) && weekend.includes(DAYS[(index + 6) % 7] ?? ""),
  );
  const from = Math.max(0, first);
  return [...DAYS.slice(from), ...DAYS.slice(0, from)];
}

export const isEmpty = (week: Week): boolean => DAYS.every((day) => week[day].length === 0);

export type StretchFault = "opens" | "closes" | "same" | "overlaps";

const TIME = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** "9", "930" and "٩:٣٠" as the time that was meant; what can't be one stays as it is. */
export function timeFrom(typed: string): string {
  const text = typed.trim().replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
  const parts = /^(\d{1,2})(?:[:.]?(\d{2}))?$/.exec(text);
  if (!parts) return text;
  const time = `${(parts[1] ?? "").padStart(2, "0")}:${parts[2] ?? "00"}`;
  return TIME.test(time) ? time : text;
}

export const isTime = (text: string): boolean => TIME.test(text);

/** What is wrong with a day, by the place of its stretch. A stretch that closes before it opens ends on the next day. */
export function faultsOf(stretches: readonly Stretch[]): Map<number, StretchFault> {
  const faults = new Map<number, StretchFault>();
  const minutes = stretches.map(({ opens, closes }) => [minutesOf(opens), minutesOf(closes)] as const);
  for (const [index, { opens, closes }] of stretches.entries()) {
    // A day opens before it is over.
    if (!isTime(opens) || opens === "24:00") faults.set(index, "opens");
    else if (!isTime(closes)) faults.set(index, "closes");
    else if (opens === closes) faults.set(index, "same");
  }
  if (faults.size > 0) return faults;
  for (const [index, [from, to]] of minutes.entries()) {
    const until = to < from ? to + 24 * 60 : to;
    const other = minutes.findIndex(([start], place) => place !== index && start >= from && start < until);
    if (other >= 0) faults.set(Math.max(index, other), "overlaps");
  }
  return faults;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
