/** Days that have hours of their own, or none: of either calendar, of one year or of every year. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, TextField } from "../../form/Fields";
import { digits } from "../queues/draft";
import { dayText, gregorianMonths, hijriMonths, nextDay } from "./calendars";
import { type HolidayDraft, newKey, writtenDay } from "./draft";
import { Stretches } from "./Stretches";

interface HolidaysProps {
  holidays: HolidayDraft[];
  faults: ReadonlySet<string>;
  tried: boolean;
  change: (holidays: HolidayDraft[]) => void;
}

export function Holidays({ holidays, faults, tried, change }: HolidaysProps) {
  const { t } = useTranslation();
  const add = () =>
    change([
      ...holidays,
      {
        key: newKey(),
        name: { en: "", ar: "" },
        hijri: false,
        year: "",
        month: 1,
        day: "1",
        days: "1",
        hours: [],
      },
    ]);
  return (
    <>
      {holidays.length === 0 && <p className="hint">{t("team.hours.noHolidays")}</p>}
      <ol className="holidays">
        {holidays.map((holiday) => (
          <li key={holiday.key}>
            <HolidayItem
              holiday={holiday}
              faults={faults}
              tried={tried}
              change={(next) => change(holidays.map((one) => (one.key === next.key ? next : one)))}
              remove={() => change(holidays.filter((one) => one.key !== holiday.key))}
            />
          </li>
        ))}
      </ol>
      <button type="button" className="button" onClick={add}>
        {t("team.hours.addHoliday")}
      </button>
    </>
  );
}

interface HolidayItemProps {
  holiday: HolidayDraft;
  faults: ReadonlySet<string>;
  tried: boolean;
  change: (holiday: HolidayDraft) => void;
  remove: () => void;
}

function HolidayItem({ holiday, faults, tried, change, remove }: HolidayItemProps) {
  const { t, i18n } = useTranslation();
  const set = (part: Partial<HolidayDraft>) => change({ ...holiday, ...part });
  const wrong = (what: string) => tried && faults.has(`holiday.${holiday.key}.${what}`);
  const [open, setOpen] = useState(holiday.name.en === "" && holiday.name.ar === "");
  const name =
    (i18n.language === "ar" ? holiday.name.ar || holiday.name.en : holiday.name.en || holiday.name.ar) ||
    t("team.hours.newHoliday");
  const date = nextDay(writtenDay(holiday), holiday.hijri, Date.now());
  const months = holiday.hijri ? hijriMonths(i18n.language) : gregorianMonths(i18n.language);
  const broken = ["name", "day", "days", "hours"].some(wrong);
  return (
    <details
      className="holiday"
      open={open || broken}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <strong dir="auto">{name}</strong>
        {date && (
          <span className="holiday-dates">
            <span>{dayText(date, "gregory", i18n.language)}</span>
            <span className="hint">{dayText(date, "hijri", i18n.language)}</span>
          </span>
        )}
        {broken && <span className="field-error">{t("form.look")}</span>}
      </summary>
      <div className="holiday-form">
        <BothFields
          label={t("team.hours.holidayName")}
          value={holiday.name}
          change={(value) => set({ name: value })}
          maxLength={100}
          error={
            wrong("name")
              ? {
                  en: holiday.name.en.trim() ? null : t("team.company.fault.empty"),
                  ar: holiday.name.ar.trim() ? null : t("team.company.fault.empty"),
                }
              : {}
          }
        />
        <fieldset className="part-row holiday-day">
          <legend className="visually-hidden">{t("team.hours.day")}</legend>
          <label className="field">
            <span>{t("team.hours.calendar")}</span>
            <select
              value={holiday.hijri ? "hijri" : "gregory"}
              onChange={(event) => set({ hijri: event.target.value === "hijri", year: "" })}
            >
              <option value="gregory">{t("team.hours.gregory")}</option>
              <option value="hijri">{t("team.hours.hijri")}</option>
            </select>
          </label>
          <TextField
            label={t("team.hours.day")}
            dir="ltr"
            inputMode="numeric"
            maxLength={2}
            value={holiday.day}
            change={(day) => set({ day: digits(day) })}
            error={wrong("day") ? t("team.hours.fault.day") : null}
          />
          <label className="field">
            <span>{t("team.hours.month")}</span>
            <select value={holiday.month} onChange={(event) => set({ month: Number(event.target.value) })}>
              {months.map((month, index) => (
                <option key={month} value={index + 1}>
                  {month}
                </option>
              ))}
            </select>
          </label>
          <TextField
            label={t("team.hours.year")}
            dir="ltr"
            inputMode="numeric"
            maxLength={4}
            placeholder={t("team.hours.everyYear")}
            value={holiday.year}
            change={(year) => set({ year: digits(year) })}
          />
          <TextField
            label={t("team.hours.days")}
            dir="ltr"
            inputMode="numeric"
            maxLength={2}
            value={holiday.days}
            change={(days) => set({ days: digits(days) })}
            error={wrong("days") ? t("team.hours.fault.days") : null}
          />
        </fieldset>
        <div className="holiday-hours">
          <span className="label">{t("team.hours.holidayHours")}</span>
          <Stretches
            of={name}
            stretches={holiday.hours}
            none={t("team.hours.closedAllDay")}
            tried={tried}
            change={(hours) => set({ hours })}
          />
        </div>
        <button type="button" className="button button-quiet holiday-remove" onClick={remove}>
          {t("team.hours.removeHoliday")}
        </button>
      </div>
    </details>
  );
}
