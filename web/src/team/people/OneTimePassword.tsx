/** A password that was made for somebody: shown this once, with everything that they need to sign in. */

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { OneTime } from "../api";

interface OneTimePasswordProps {
  made: OneTime;
  name: string;
  email: string;
  tenant: string;
  title: string;
}

const DAY_S = 24 * 3600;

export function OneTimePassword({ made, name, email, tenant, title }: OneTimePasswordProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const [copied, setCopied] = useState<"password" | "letter" | null>(null);
  useEffect(() => heading.current?.focus(), []);
  const address = `${window.location.origin}/login`;
  const letter = [
    t("team.people.letter", { name }),
    address,
    `${t("login.tenant")}: ${tenant}`,
    `${t("login.email")}: ${email}`,
    `${t("login.password")}: ${made.password}`,
  ].join("\n");
  const copy = (what: "password" | "letter") =>
    void navigator.clipboard
      .writeText(what === "password" ? made.password : letter)
      .then(() => setCopied(what))
      .catch(() => setCopied(null));
  return (
    <section className="card one-time" aria-labelledby="one-time-title">
      <h2 id="one-time-title" ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p className="lead">{t("team.people.onceOnly", { name })}</p>
      <p className="one-time-password">
        <code dir="ltr">{made.password}</code>
        {"clipboard" in navigator && (
          <button type="button" className="button button-quiet" onClick={() => copy("password")}>
            <Icon name="copy" />
            {copied === "password" ? t("detail.copied") : t("detail.copy")}
          </button>
        )}
      </p>
      <dl className="facts">
        <dt>{t("team.people.signInAt")}</dt>
        <dd dir="ltr">{address}</dd>
        <dt>{t("login.tenant")}</dt>
        <dd dir="ltr">{tenant}</dd>
        <dt>{t("login.email")}</dt>
        <dd dir="ltr">{email}</dd>
      </dl>
      <p className="hint">
        {t("team.people.oneTimeRule", { days: Math.max(1, Math.round(made.expires_in_s / DAY_S)) })}
      </p>
      {"clipboard" in navigator && (
        <button type="button" className="button" onClick={() => copy("letter")}>
          <Icon name="copy" />
          {copied === "letter" ? t("detail.copied") : t("team.people.copyLetter")}
        </button>
      )}
      <p className="visually-hidden" role="status">
        {copied && t("detail.copied")}
      </p>
    </section>
  );
}
