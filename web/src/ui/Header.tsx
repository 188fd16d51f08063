/** The bar on top of every page: the mark, the page's own links, and the language. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { chooseLanguage } from "../i18n";

export function Header({ home = "/", children }: { home?: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <header className="header">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <Link href={home} className="brand">
        <Mark />
        <span>{t("app.name")}</span>
      </Link>
      <div className="header-links">
        {children}
        <LanguageSwitch />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="14.500" cy="16.500" r="12" className="mark-ring" />
      <circle cx="14.500" cy="16.500" r="7.500" className="mark-sound" />
      <circle cx="25" cy="7" r="4.500" className="mark-voice" />
    </svg>
  );
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const other = i18n.language === "ar" ? "en" : "ar";
  return (
    <button
      type="button"
      className="button button-quiet"
      lang={other}
      onClick={() => void chooseLanguage(other)}
    >
      {t("app.switchTo")}
    </button>
  );
}
