/** The fields of the staff's forms: each with its label, what it is for, and what is wrong with it. */

import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

interface FieldProps {
  label: string;
  value: string;
  change: (value: string) => void;
  hint?: string | undefined;
  error?: string | null | undefined;
  dir?: "ltr" | "rtl" | "auto";
  lang?: string;
  rows?: number;
  type?: string;
  required?: boolean;
  maxLength?: number;
  placeholder?: string;
  list?: string;
  inputMode?: "numeric" | "text";
  autoComplete?: string;
  readOnly?: boolean;
}

export function TextField({ label, value, change, hint, error, rows, ...rest }: FieldProps) {
  const id = useId();
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const shared = {
    ...rest,
    id,
    value,
    "aria-describedby": told || undefined,
    "aria-invalid": error ? true : undefined,
    autoComplete: rest.autoComplete ?? "off",
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows ? (
        <textarea {...shared} rows={rows} onChange={(event) => change(event.target.value)} />
      ) : (
        <input {...shared} onChange={(event) => change(event.target.value)} />
      )}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {error && (
        <span className="field-error" id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

interface BothProps {
  label: string;
  value: { en: string; ar: string };
  change: (value: { en: string; ar: string }) => void;
  hint?: string;
  error?: { en?: string | null; ar?: string | null };
  rows?: number;
  maxLength: number;
}

/** One text in both languages, each in its own direction. */
export function BothFields({ label, value, change, hint, error, rows, maxLength }: BothProps) {
  const { t } = useTranslation();
  const more = { maxLength, ...(rows ? { rows } : {}) };
  return (
    <fieldset className="both">
      <legend>{label}</legend>
      <TextField
        {...more}
        label={t("language.en")}
        lang="en"
        dir="ltr"
        value={value.en}
        change={(en) => change({ ...value, en })}
        error={error?.en}
      />
      <TextField
        {...more}
        label={t("language.ar")}
        lang="ar"
        dir="rtl"
        value={value.ar}
        change={(ar) => change({ ...value, ar })}
        error={error?.ar}
      />
      {hint && <p className="hint">{hint}</p>}
    </fieldset>
  );
}

interface ChoicesProps {
  label: string;
  options: readonly { value: string; name: string }[];
  chosen: readonly string[];
  change: (chosen: string[]) => void;
  hint?: string | undefined;
}

/** Any number of a few, as chips; in the order in which they are offered. */
export function Choices({ label, options, chosen, change, hint }: ChoicesProps) {
  const id = useId();
  const set = (value: string, on: boolean) =>
    change(options.map((one) => one.value).filter((one) => (one === value ? on : chosen.includes(one))));
  return (
    <fieldset className="chips" aria-describedby={hint ? id : undefined}>
      <legend>{label}</legend>
      <div className="chips-row">
        {options.map(({ value, name }) => (
          <label key={value} className="chip">
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) => set(value, event.target.checked)}
            />
            <span dir="auto">{name}</span>
          </label>
        ))}
      </div>
      {hint && (
        <p className="hint" id={id}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  change: (on: boolean) => void;
  hint?: string;
}

export function Switch({ label, on, change, hint }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <label className="toggle">
        <input
          type="checkbox"
          role="switch"
          checked={on}
          aria-checked={on}
          onChange={(event) => change(event.target.checked)}
          aria-describedby={hint ? id : undefined}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p className="hint" id={id}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface SaveBarProps {
  busy: boolean;
  saved: boolean;
  dirty: boolean;
  error: string | null;
  act: string;
  /** Back to what is stored. */
  reset?: () => void;
  children?: ReactNode;
}

/** The end of a form: what is wrong, what to press, and whether it is done. */
export function SaveBar({ busy, saved, dirty, error, act, reset, children }: SaveBarProps) {
  const { t } = useTranslation();
  return (
    <div className="save-bar">
      <div className="save-told" role={error ? "alert" : "status"}>
        {error && <p className="field-error">{error}</p>}
        {!error && saved && !dirty && <p className="save-done">{t("form.saved")}</p>}
        {!error && dirty && <p className="hint">{t("form.dirty")}</p>}
      </div>
      <div className="save-acts">
        {children}
        {reset && dirty && (
          <button type="button" className="button button-quiet" onClick={reset} disabled={busy}>
            {t("form.reset")}
          </button>
        )}
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? t("form.saving") : act}
        </button>
      </div>
    </div>
  );
}
