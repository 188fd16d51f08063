/** One day in both calendars, as the browser knows them: a hint beside what the server decides by sighted moons. */

const DAY_MS = 24 * 3600 * 1000;
/** A Hijri year is eleven days shorter than the other: within this many days every date comes once. */
const YEAR_DAYS = 385;

const localeOf = (language: string): string => (language === "ar" ? "ar-AE" : "en-GB");

function hijriParts(date: Date): { year: number; month: number; day: number } {
  const written = new Intl.DateTimeFormat("en-u-ca-islamic-umalqura-nu-latn", {
    day: "numeric",
    month: "numeric",
    year: "numeric",
    timeZone: "UTC",
  }).formatToParts(date);
  const part = (type: string) => Number(written.find((one) => one.type === type)?.value.match(/\d+/)?.[0]);
  return { year: part("year"), month: part("month"), day: part("day") };
}

/** "9 March 2027" or "1 Shawwal 1448 AH", each as the language writes it. */
export function dayText(date: Date, calendar: "gregory" | "hijri", language: string): string {
  const system = calendar === "hijri" ? "islamic-umalqura" : "gregory";
  return new Intl.DateTimeFormat(`${localeOf(language)}-u-ca-${system}-nu-latn`, {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  }).format(date);
}

const DATE = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/;

/** The holiday's next first day from `fromMs` on, or the one it names; null where there is none such. */
export function nextDay(written: string, hijri: boolean, fromMs: number): Date | null {
  const parts = DATE.exec(written);
  if (!parts) return null;
  const [year, month, day] = [parts[1] ? Number(parts[1]) : null, Number(parts[2]), Number(parts[3])];
  if (!hijri && year !== null) return dateOf(year, month, day);
  const start = Math.floor(fromMs / DAY_MS) * DAY_MS;
  const from = hijri && year !== null ? nearHijri(year, month) : start;
  for (let ahead = 0; ahead <= YEAR_DAYS; ahead++) {
    const date = new Date(from + ahead * DAY_MS);
    const here = hijri
      ? hijriParts(date)
      : { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    if (here.month === month && here.day === day && (year === null || here.year === year)) return date;
  }
  return null;
}

function dateOf(year: number, month: number, day: number): Date | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

/** Some weeks before that Hijri month: 1 Muharram 1 was 19 July 622, and its years have 354.367 days. */
function nearHijri(year: number, month: number): number {
  const days = (year - 1) * 354.367 + (month - 1) * 29.53 - 40;
  return Math.floor((Date.UTC(1970, 0, 1) - 492_148 * DAY_MS + days * DAY_MS) / DAY_MS) * DAY_MS;
}

const HIJRI_MONTHS = 12;

/** The Hijri months' names, Muharram first. */
export function hijriMonths(language: string): string[] {
  const names = new Array<string>(HIJRI_MONTHS).fill("");
  const format = new Intl.DateTimeFormat(`${localeOf(language)}-u-ca-islamic-umalqura`, {
    month: "long",
    timeZone: "UTC",
  });
  for (let ahead = 0; ahead < YEAR_DAYS; ahead += 10) {
    const date = new Date(Date.UTC(2026, 0, 1) + ahead * DAY_MS);
    names[hijriParts(date).month - 1] ||= format.format(date);
  }
  return names;
}

export function gregorianMonths(language: string): string[] {
  const format = new Intl.DateTimeFormat(localeOf(language), { month: "long", timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, month) => format.format(new Date(Date.UTC(2026, month, 15))));
}

export function dayName(day: number, language: string): string {
  // 5 January 2026 was a Monday.
  const date = new Date(Date.UTC(2026, 0, 5 + day));
  return new Intl.DateTimeFormat(localeOf(language), { weekday: "long", timeZone: "UTC" }).format(date);
}

export const hijriYear = (nowMs: number): string => String(hijriParts(new Date(nowMs)).year);
