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
      <circle cx="8" cy="24" r="3.600" className="mark-voice" />
      <path d="M8 14.500a9.500 9.500 0 0 1 9.500 9.500M8 7a17 17 0 0 1 17 17" className="mark-sound" />
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
