/** The page's language: chosen once, remembered, and written on <html> with its direction. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../call/protocol";
import { ar } from "./ar";
import { en } from "./en";

const STORED_UNDER = "hatif.language";

export const isLanguage = (value: unknown): value is Language => value === "en" || value === "ar";

export function firstLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  for (const tag of wanted) {
    const language = tag.slice(0, 2).toLowerCase();
    if (isLanguage(language)) return language;
  }
  return "en";
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED_UNDER);
  } catch {
    return null;
  }
}

function show(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  document.title = i18next.t("app.name");
}

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ar: { translation: ar } },
    lng: firstLanguage(stored(), navigator.languages),
    fallbackLng: "en",
    supportedLngs: ["en", "ar"],
    interpolation: { escapeValue: false },
  });
  show(i18next.language);
  i18next.on("languageChanged", show);
}

export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED_UNDER, language);
  } catch {
    // The choice then lasts as long as the page.
  }
  await i18next.changeLanguage(language);
}
