/** The brief's longer lists: what was asked about and when, what the agent said to it, and what other systems know. */

import { useTranslation } from "react-i18next";
import { clock } from "../../ui/format";
import type { Brief } from "../api";
import { factWord, intentWord, wordFor } from "../words";

export function Known({ brief }: { brief: Brief }) {
  const { t, i18n } = useTranslation();
  // That somebody was found is told beside their name.
  const crm = brief.crm === null || brief.crm === "found" ? null : wordFor(t, i18n, "crm", brief.crm);
  return (
    <>
      {(brief.open_facts.length > 0 || crm) && (
        <section className="brief-part">
          <h3>{t("desk.brief.facts")}</h3>
          <ul>
            {brief.open_facts.map((fact) => (
              <li key={`${fact.system}/${fact.kind}/${fact.text}`}>
                <span className="tag">{factWord(t, i18n, fact.kind)}</span>{" "}
                <span dir="auto">{fact.text}</span>{" "}
                <small className="hint">{wordFor(t, i18n, "system", fact.system)}</small>
              </li>
            ))}
          </ul>
          {crm && <p className="hint">{crm}</p>}
        </section>
      )}
      {brief.intents.length > 0 && (
        <section className="brief-part">
          <h3>{t("desk.brief.intents")}</h3>
          <ol className="brief-times">
            {brief.intents.map(({ intent, at_ms }) => (
              <li key={`${intent}/${at_ms}`}>
                <time dir="ltr">{clock(at_ms)}</time>
                <span className="tag" dir="auto">
                  {intentWord(t, i18n, intent)}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {brief.tried.length > 0 && (
        <section className="brief-part">
          <h3>{t("desk.brief.tried")}</h3>
          <ol className="brief-times">
            {brief.tried.map((tried) => (
              <li key={tried.at_ms}>
                <time dir="ltr">{clock(tried.at_ms)}</time>
                <span dir="auto">{tried.text}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
