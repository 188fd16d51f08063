/** What the company says of itself: who answers, the first words, the voices, and what is allowed. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../form/Choice";
import { BothFields, SaveBar, Switch, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { type Profile, teamApi } from "../api";
import { type CompanyDraft, changeOf, draftOf, faultsOf } from "./draft";

const SWITCHES = ["handoff", "callbacks", "recording"] as const;
const POLITENESS = ["everyday", "formal"] as const;
const TEXTS = [
  { key: "name", rows: 0, most: 100 },
  { key: "greeting", rows: 3, most: 1000 },
  { key: "persona", rows: 4, most: 1000 },
] as const;

export function Company() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => teamApi.profile(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.company.loading")}>
      {(profile) => <CompanyForm profile={profile} />}
    </Loaded>
  );
}

function CompanyForm({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const [stored, setStored] = useState(() => draftOf(profile));
  const [draft, setDraft] = useState(stored);
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const set = (part: Partial<CompanyDraft>) => {
    setDraft((now) => ({ ...now, ...part }));
    saving.touched();
  };
  const faults = faultsOf(draft);
  const dirty = JSON.stringify(draft) !== JSON.stringify(stored);
  const submit = () => {
    setTried(true);
    if (faults.size > 0) return;
    void saving.save(async () => {
      const kept = draftOf(await teamApi.changeProfile(changeOf(draft, stored)));
      setStored(kept);
      setDraft(kept);
    });
  };
  const said = (place: string, sentence: string) => (tried && faults.has(place) ? sentence : null);
  return (
    <form className="part-stack" noValidate {...formKeys(submit)}>
      <section className="card part-form part-form-wide">
        <h2>{t("team.company.words")}</h2>
        <p className="hint">{t("team.company.wordsLead")}</p>
        {TEXTS.map(({ key, rows, most }) => (
          <BothFields
            key={key}
            label={t(`team.company.${key}`)}
            hint={t(`team.company.${key}Hint`)}
            value={draft[key]}
            change={(value) => set({ [key]: value })}
            maxLength={most}
            {...(rows ? { rows } : {})}
            error={{
              en: said(`${key}.en`, t("team.company.fault.empty")),
              ar: said(`${key}.ar`, t("team.company.fault.empty")),
            }}
          />
        ))}
        <Choice
          label={t("team.company.politeness")}
          hint={t("team.company.politenessHint")}
          options={POLITENESS.map((value) => ({ value, name: t(`team.company.polite.${value}`) }))}
          chosen={draft.politeness}
          change={(politeness) => set({ politeness })}
        />
        <p className="hint">{t(`team.company.politeExample.${draft.politeness}`)}</p>
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.company.voices")}</h2>
        <p className="hint">{t("team.company.voicesLead")}</p>
        <div className="part-row">
          {(["en", "ar"] as const).map((language) => (
            <TextField
              key={language}
              label={t(`language.${language}`)}
              dir="ltr"
              maxLength={70}
              value={draft.voices[language]}
              placeholder={t("team.company.ownVoice")}
              change={(voice) => set({ voices: { ...draft.voices, [language]: voice } })}
              error={said(`voices.${language}`, t("team.company.fault.voice"))}
            />
          ))}
        </div>
      </section>
      <section className="card part-form part-form-wide">
        <h2>{t("team.company.allowed")}</h2>
        {SWITCHES.map((key) => (
          <Switch
            key={key}
            label={t(`team.company.${key}`)}
            hint={t(`team.company.${key}Hint`)}
            on={draft[key]}
            change={(on) => set({ [key]: on })}
          />
        ))}
      </section>
      <SaveBar
        busy={saving.busy}
        saved={saving.saved}
        dirty={dirty}
        error={tried && faults.size > 0 ? t("form.look") : refusal(t, saving.problem)}
        act={t("form.save")}
        reset={() => setDraft(stored)}
      />
      <Unsaved dirty={dirty} />
    </form>
  );
}
