/** Changing one's own password. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../http";
import { auth } from "./auth";

/** The gateway's own rule; it is checked there again. */
const MIN_CHARS = 12;

type PasswordError = "weak" | "different" | "wrong" | "throttled" | "unknown";

/** `oneTime`: the current one was made by an administrator; nothing else is open before it is replaced. */
export function Password({ oneTime = false }: { oneTime?: boolean }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<PasswordError | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ([...next].length < MIN_CHARS) return setError("weak");
    if (next !== again) return setError("different");
    setBusy(true);
    setError(null);
    try {
      await auth.changePassword(current, next);
    } catch (caught) {
      setError(errorOf(caught));
      setBusy(false);
    }
  };
  return (
    <form className="card form" onSubmit={(event) => void submit(event)}>
      <h1>{oneTime ? t("account.own") : t("account.password")}</h1>
      {oneTime && <p className="lead">{t("account.ownLead")}</p>}
      <PasswordField
        label={oneTime ? t("account.oneTime") : t("account.current")}
        value={current}
        change={setCurrent}
        complete="current-password"
      />
      <PasswordField label={t("account.next")} value={next} change={setNext} complete="new-password" />
      <p className="hint">{t("account.rule", { least: MIN_CHARS })}</p>
      <PasswordField label={t("account.again")} value={again} change={setAgain} complete="new-password" />
      {error && (
        <p className="field-error" role="alert">
          {t(`account.error.${error}`)}
        </p>
      )}
      <button type="submit" className="button button-primary button-wide" disabled={busy}>
        {t("account.save")}
      </button>
    </form>
  );
}

function errorOf(error: unknown): PasswordError {
  if (!(error instanceof Problem)) return "unknown";
  if (error.status === 422) return "weak";
  if (error.status === 429) return "throttled";
  return error.status >= 400 && error.status < 500 ? "wrong" : "unknown";
}

interface PasswordFieldProps {
  label: string;
  value: string;
  change: (value: string) => void;
  complete: "current-password" | "new-password";
}

function PasswordField({ label, value, change, complete }: PasswordFieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        required
        type="password"
        dir="ltr"
        autoComplete={complete}
        value={value}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}
