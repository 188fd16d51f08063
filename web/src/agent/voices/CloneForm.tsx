/** The form for a voice: whose it is, what they agreed to, and the recording. */

import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../form/Choice";
import { SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { formKeys, useSaving } from "../../form/useSaving";
import type { Both } from "../../team/api";
import { secondsText } from "../../ui/format";
import { voicesApi } from "./api";
import { dayOf, type Fault, faultsOf, type VoiceDraft, voiceOf } from "./draft";
import { type Sample, type SampleFault, sampleOf } from "./sample";

const SPOKEN = ["en", "ar"] as const;
const EMPTY = { name: "", person: "", agreed: false, sample: null } as const;

interface FormProps {
  taken: readonly string[];
  statement: Both;
  saved: () => void;
  cancel: () => void;
}

export function CloneForm({ taken, statement, saved, cancel }: FormProps) {
  const { t, i18n } = useTranslation();
  const today = dayOf(new Date());
  const [draft, setDraft] = useState<VoiceDraft>(() => ({
    ...EMPTY,
    language: i18n.language === "ar" ? "ar" : "en",
    given_on: today,
  }));
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const set = (part: Partial<VoiceDraft>) => setDraft((now) => ({ ...now, ...part }));
  const faults = faultsOf(draft, taken, today);
  const submit = () => {
    setTried(true);
    const { sample } = draft;
    if (faults.size > 0 || sample === null) return;
    void saving
      .save(async () => void (await voicesApi.clone(voiceOf(draft, sample, statement[draft.language]))))
      .then((done) => done && saved());
  };
  const said = (...ones: Fault[]) => {
    const found = tried ? ones.find((one) => faults.has(one)) : undefined;
    return found ? t(`voices.fault.${found}`) : null;
  };
  return (
    <form className="card part-form" noValidate {...formKeys(submit)}>
      <h2>{t("voices.add")}</h2>
      <p className="hint">{t("voices.licence")}</p>
      <div className="part-row">
        <TextField
          label={t("voices.person")}
          dir="auto"
          maxLength={100}
          value={draft.person}
          change={(person) => set({ person, agreed: false })}
          error={said("person")}
        />
        <TextField
          label={t("voices.shortName")}
          hint={t("voices.shortNameHint")}
          dir="ltr"
          maxLength={16}
          value={draft.name}
          change={(name) => set({ name })}
          error={said("name", "taken")}
        />
      </div>
      <SampleField sample={draft.sample} taken={(sample) => set({ sample })} missing={said("sample")} />
      <Choice
        label={t("voices.language")}
        hint={t("voices.languageHint")}
        options={SPOKEN.map((value) => ({ value, name: t(`language.${value}`) }))}
        chosen={draft.language}
        change={(language) => set({ language, agreed: false })}
      />
      <blockquote className="voice-words" dir="auto" lang={draft.language}>
        {statement[draft.language]}
      </blockquote>
      <Agreed
        person={draft.person}
        on={draft.agreed}
        change={(agreed) => set({ agreed })}
        error={said("agreed")}
      />
      <TextField
        label={t("voices.givenOn")}
        type="date"
        dir="ltr"
        value={draft.given_on}
        change={(given_on) => set({ given_on })}
        error={said("given_on")}
      />
      {saving.busy && <progress aria-label={t("voices.sending")} />}
      <SaveBar
        busy={saving.busy}
        saved={false}
        dirty={false}
        error={tried && faults.size > 0 ? t("form.look") : voiceRefusal(t, saving.problem)}
        act={t("voices.keep")}
      >
        <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
          {t("form.cancel")}
        </button>
      </SaveBar>
    </form>
  );
}

interface AgreedProps {
  person: string;
  on: boolean;
  change: (on: boolean) => void;
  error: string | null;
}

function Agreed({ person, on, change, error }: AgreedProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <span className="check">
        <input
          id={id}
          type="checkbox"
          checked={on}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => change(event.target.checked)}
        />
        <label htmlFor={id}>{t("voices.agreed", { person: person.trim() || t("voices.thePerson") })}</label>
      </span>
      {error && (
        <span className="field-error" id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

interface SampleProps {
  sample: Sample | null;
  taken: (sample: Sample | null) => void;
  missing: string | null;
}

/** The recording: picked, read, and played back before it is sent. */
function SampleField({ sample, taken, missing }: SampleProps) {
  const { t, i18n } = useTranslation();
  const [fault, setFault] = useState<SampleFault | null>(null);
  const [reading, setReading] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const url = useSound(sample);
  const pick = async (file: File | undefined) => {
    if (!file) return;
    setReading(true);
    setFault(null);
    try {
      taken(await sampleOf(file));
    } catch (error) {
      taken(null);
      setFault(error instanceof Error ? (error.message as SampleFault) : "unreadable");
    } finally {
      setReading(false);
    }
  };
  const wrong = fault ? t(`voices.fault.${fault}`) : missing;
  return (
    <fieldset className="chips">
      <legend>{t("voices.sample")}</legend>
      <div className="document-acts">
        <button type="button" className="button" disabled={reading} onClick={() => picker.current?.click()}>
          {t(sample ? "voices.pickAgain" : "voices.pick")}
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          accept="audio/*"
          aria-label={t("voices.pick")}
          onChange={(event) => {
            void pick(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        {sample && (
          <span className="hint">
            <bdi>{sample.fileName}</bdi> · {secondsText(Math.round(sample.seconds * 10) / 10, i18n.language)}
          </span>
        )}
      </div>
      {url && (
        // biome-ignore lint/a11y/useMediaCaption: it is the administrator's own recording, played back to them
        <audio controls src={url} aria-label={t("voices.listen")} />
      )}
      <p className="hint">{t("voices.sampleHint")}</p>
      <div role="status">{reading && <p className="hint">{t("voices.reading")}</p>}</div>
      {wrong && (
        <p className="field-error" role="alert">
          {wrong}
        </p>
      )}
    </fieldset>
  );
}

/** The address of a sample for as long as it is the one. */
function useSound(sample: Sample | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (sample === null) {
      setUrl(null);
      return;
    }
    const made = URL.createObjectURL(new Blob([sample.wav], { type: "audio/wav" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [sample]);
  return url;
}

const OWN = ["bad_sample", "bad_audio", "no_consent", "voice_exists", "too_many_voices"] as const;

function voiceRefusal(...[t, problem]: Parameters<typeof refusal>): string | null {
  const own = OWN.find((code) => code === problem?.code);
  return own ? t(`voices.refused.${own}`) : refusal(t, problem);
}
