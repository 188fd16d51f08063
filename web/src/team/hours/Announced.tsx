/** Hijri months that began on another day than the calendar has: as the sighting of the moon was announced. */

import { useTranslation } from "react-i18next";
import { TextField } from "../../form/Fields";
import { Icon } from "../../ui/Icon";
import { digits } from "../queues/draft";
import { hijriMonths } from "./calendars";
import { type AnnouncedDraft, newKey } from "./draft";

interface AnnouncedProps {
  announced: AnnouncedDraft[];
  faults: ReadonlySet<string>;
  tried: boolean;
  /** The Hijri year of today. */
  year: string;
  change: (announced: AnnouncedDraft[]) => void;
}

const RAMADAN = 9;

export function Announced({ announced, faults, tried, year, change }: AnnouncedProps) {
  const { t, i18n } = useTranslation();
  const months = hijriMonths(i18n.language);
  const set = (key: string, part: Partial<AnnouncedDraft>) =>
    change(announced.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <>
      {announced.map(({ key, month, year: of, starts }) => (
        <fieldset className="part-row announced" key={key}>
          <legend className="visually-hidden">
            {months[month - 1]} {of}
          </legend>
          <label className="field">
            <span>{t("team.hours.month")}</span>
            <select value={month} onChange={(event) => set(key, { month: Number(event.target.value) })}>
              {months.map((name, index) => (
                <option key={name} value={index + 1}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <TextField
            label={t("team.hours.hijriYear")}
            dir="ltr"
            inputMode="numeric"
            maxLength={4}
            value={of}
            change={(next) => set(key, { year: digits(next) })}
            error={tried && faults.has(`announced.${key}`) ? t("team.hours.fault.announced") : null}
          />
          <TextField
            label={t("team.hours.starts")}
            type="date"
            value={starts}
            change={(next) => set(key, { starts: next })}
          />
          <button
            type="button"
            className="button button-quiet button-round"
            aria-label={t("team.hours.removeAnnounced")}
            onClick={() => change(announced.filter((one) => one.key !== key))}
          >
            <Icon name="close" />
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        className="button"
        onClick={() => change([...announced, { key: newKey(), year, month: RAMADAN, starts: "" }])}
      >
        {t("team.hours.addAnnounced")}
      </button>
    </>
  );
}
