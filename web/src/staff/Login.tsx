/** The door to the staff's pages. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../http";
import { useSites } from "../softphone/useSites";
import { nameOf } from "../ui/format";
import { Header } from "../ui/Header";
import { readStored, useStored } from "../ui/useStored";
import { auth } from "./auth";

type LoginError = "wrong" | "tooOld" | "throttled" | "unreachable" | "unknown";

function errorOf(error: unknown): LoginError {
  if (!(error instanceof Problem)) return "unknown";
  if (error.status === 0 || error.code === "unreachable") return "unreachable";
  if (error.status === 429) return "throttled";
  if (error.code === "password_expired") return "tooOld";
  return error.status >= 400 && error.status < 500 ? "wrong" : "unknown";
}

/** Who signed in here last; otherwise the company that this browser called. */
function lastCompany(stored: unknown): string {
  if (typeof stored === "string" && stored) return stored;
  const called = readStored("hatif.site");
  return typeof called === "string" ? called : "";
}

export function Login({ why }: { why: "first" | "expired" | "password" }) {
  const { t, i18n } = useTranslation();
  const { sites } = useSites();
  const [tenant, setTenant] = useStored("hatif.tenant", lastCompany);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<LoginError | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await auth.login(tenant.trim(), email.trim(), password);
    } catch (caught) {
      setError(errorOf(caught));
      setBusy(false);
    }
  };
  return (
    <>
      <Header />
      <main id="content" className="page page-centred">
        <form className="card form" onSubmit={(event) => void submit(event)}>
          <h1>{t("login.title")}</h1>
          <p className="lead">{t("login.lead")}</p>
          {why !== "first" && !error && (
            <p className="form-note" role="status">
              {why === "password" ? t("account.saved") : t("login.expired")}
            </p>
          )}
          <label className="field">
            <span>{t("login.tenant")}</span>
            <input
              required
              dir="ltr"
              autoCapitalize="none"
              autoComplete="organization"
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
              aria-describedby="tenant-hint"
              list="companies"
            />
            <datalist id="companies">
              {sites?.map((site) => (
                <option key={site.slug} value={site.slug}>
                  {nameOf(site.name, i18n.language, site.slug)}
                </option>
              ))}
            </datalist>
            <small id="tenant-hint">{t("login.tenantHint")}</small>
          </label>
          <label className="field">
            <span>{t("login.email")}</span>
            <input
              required
              type="email"
              dir="ltr"
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </label>
          <label className="field">
            <span>{t("login.password")}</span>
            <input
              required
              type="password"
              dir="ltr"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          {error && (
            <p className="field-error" role="alert">
              {t(`login.error.${error}`)}
            </p>
          )}
          <button type="submit" className="button button-primary button-wide" disabled={busy}>
            {busy ? t("login.busy") : t("login.submit")}
          </button>
        </form>
      </main>
    </>
  );
}
