/** Times, durations and names as the page's language writes them. */

import type { Names } from "../call/api";

/** Gulf Arabic with Western digits, as the region's own interfaces write them. */
const localeOf = (language: string): string => (language === "ar" ? "ar-AE-u-nu-latn" : "en-GB");

/** "3:07", or "1:02:09" from an hour on; the same in every language. */
export function clock(durationMs: number): string {
  const totalS = Math.max(0, Math.floor(durationMs / 1000));
  const hours = Math.floor(totalS / 3600);
  const minutes = Math.floor(totalS / 60) % 60;
  const seconds = String(totalS % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

export function secondsText(seconds: number, language: string): string {
  return new Intl.NumberFormat(localeOf(language), {
    style: "unit",
    unit: "second",
    unitDisplay: "long",
  }).format(seconds);
}

/** "14:32" today, with the day before today and the year before this year. */
export function moment(unixS: number, nowMs: number, language: string): string {
  const then = new Date(unixS * 1000);
  const now = new Date(nowMs);
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const sameYear = then.getFullYear() === now.getFullYear();
  const day: Intl.DateTimeFormatOptions =
    then.toDateString() === now.toDateString()
      ? {}
      : { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) };
  return new Intl.DateTimeFormat(localeOf(language), { ...day, ...time }).format(then);
}

/** A day without a time, as in "2026-11-20". */
export function dayText(day: string, language: string): string {
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(`${day}T00:00:00Z`));
}

export function milliseconds(value: number, language: string): string {
  const digits = value >= 1000 ? 2 : 0;
  const unit = value >= 1000 ? "second" : "millisecond";
  return new Intl.NumberFormat(localeOf(language), {
    style: "unit",
    unit,
    unitDisplay: "narrow",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value >= 1000 ? value / 1000 : value);
}

export function percent(share: number, language: string): string {
  return new Intl.NumberFormat(localeOf(language), { style: "percent", maximumFractionDigits: 0 }).format(
    share,
  );
}

/** "1.4 MB", in the page's own words for it. */
export function bytes(size: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return new Intl.NumberFormat(localeOf(language), {
    style: "unit",
    unit: units[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step === 2 ? 1 : 0,
  }).format(size / 1000 ** step);
}

export function nameOf(names: Names, language: string, fallback: string): string {
  return (language === "ar" ? names.ar : names.en) ?? names.en ?? names.ar ?? fallback;
}
