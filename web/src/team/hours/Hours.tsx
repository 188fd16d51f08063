/** When the company is open: its week, Ramadan, holidays of both calendars, and when people may be called. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choices, SaveBar, Switch, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { nameOf } from "../../ui/format";
import { type Hours as HoursRead, teamApi } from "../api";
import { Announced } from "./Announced";
import { dayName, hijriYear } from "./calendars";
import { draftOf, faultsOf, type HoursDraft, planOf, sameAs } from "./draft";
import { Holidays } from "./Holidays";
import { TimeBox } from "./Stretches";
import { WeekTable } from "./WeekTable";
import { DAYS, daysFrom, isEmpty } from "./week";

export function Hours() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => teamApi.hours(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.hours.loading")}>
      {(hours) => <HoursForm first={hours} />}
    </Loaded>
  );
}

function HoursForm({ first }: { first: HoursRead }) {
  const { t, i18n } = useTranslation();
  const [read, setRead] = useState(first);
  const [stored, setStored] = useState(() => draftOf(first.hours));
  const [draft, setDraft] = useState(stored);
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const set = (part: Partial<HoursDraft>) => {
    setDraft((now) => ({ ...now, ...part }));
    saving.touched();
  };
  const faults = faultsOf(draft);
  const dirty = !sameAs(draft, stored);
  const days = daysFrom(draft.weekend);
  const submit = () => {
    setTried(true);
    if (faults.size > 0) return;
    void saving.save(async () => {
      const kept = await teamApi.changeHours(planOf(draft));
      setRead(kept);
      setStored(draftOf(kept.hours));
      setDraft(draftOf(kept.hours));
      setTried(false);
    });
  };
  const refused = saving.problem?.code === "invalid" ? t("team.hours.invalid") : refusal(t, saving.problem);
  return (
    <form className="part-stack" noValidate {...formKeys(submit)}>
      <section className="card hours-today">
        <span className={read.open_now ? "badge badge-good" : "badge"}>
          {read.open_now ? t("team.hours.openNow") : t("team.hours.closedNow")}
        </span>
        <strong>{nameOf(read.today, i18n.language, "")}</strong>
        <TextField
          label={t("team.hours.zone")}
          dir="ltr"
          list="time-zones"
          value={draft.time_zone}
          change={(time_zone) => set({ time_zone })}
          error={tried && faults.has("zone") ? t("team.hours.fault.zone") : null}
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.hours.week")}</h2>
        <Choices
          label={t("team.hours.weekend")}
          options={DAYS.map((value, index) => ({ value, name: dayName(index, i18n.language) }))}
          chosen={draft.weekend}
          change={(weekend) => set({ weekend })}
        />
        {isEmpty(draft.week) && <p className="form-note">{t("team.hours.neverOpen")}</p>}
        <WeekTable
          label={t("team.hours.week")}
          week={draft.week}
          days={days}
          weekend={draft.weekend}
          tried={tried}
          change={(week) => set({ week })}
        />
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.hours.ramadan")}</h2>
        <Switch
          label={t("team.hours.ramadanApart")}
          hint={t("team.hours.ramadanHint")}
          on={draft.ramadanApart}
          change={(ramadanApart) =>
            set({ ramadanApart, ...(isEmpty(draft.ramadan) ? { ramadan: structuredClone(draft.week) } : {}) })
          }
        />
        {draft.ramadanApart && (
          <WeekTable
            label={t("team.hours.ramadan")}
            week={draft.ramadan}
            days={days}
            weekend={draft.weekend}
            tried={tried}
            change={(ramadan) => set({ ramadan })}
          />
        )}
        <h3>{t("team.hours.announced")}</h3>
        <p className="hint">{t("team.hours.announcedHint")}</p>
        <Announced
          announced={draft.announced}
          faults={faults}
          tried={tried}
          year={hijriYear(Date.now())}
          change={(announced) => set({ announced })}
        />
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.hours.holidays")}</h2>
        <p className="hint">{t("team.hours.holidaysHint")}</p>
        <Holidays
          holidays={draft.holidays}
          faults={faults}
          tried={tried}
          change={(holidays) => set({ holidays })}
        />
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.hours.calling")}</h2>
        <p className="hint">{t("team.hours.callingHint")}</p>
        <div className="stretch">
          <TimeBox
            label={t("team.hours.earliest")}
            value={draft.earliest}
            wrong={tried && faults.has("calling")}
            change={(earliest) => set({ earliest })}
          />
          <span aria-hidden="true">–</span>
          <TimeBox
            label={t("team.hours.latest")}
            value={draft.latest}
            wrong={tried && faults.has("calling")}
            change={(latest) => set({ latest })}
          />
          {tried && faults.has("calling") && (
            <small className="field-error">{t("team.hours.fault.calling")}</small>
          )}
        </div>
      </section>
      <SaveBar
        busy={saving.busy}
        saved={saving.saved}
        dirty={dirty}
        error={tried && faults.size > 0 ? t("form.look") : refused}
        act={t("form.save")}
        reset={() => setDraft(stored)}
      />
      <Unsaved dirty={dirty} />
    </form>
  );
}
