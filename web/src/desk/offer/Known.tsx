/** The brief's longer lists: what was asked about and when, what the agent said to it, and what other systems know. */

import { useTranslation } from "react-i18next";
import { clock } from "../../ui/format";
import type { Brief } from "../api";
import { plainly } from "../view";

export function Known({ brief }: { brief: Brief }) {
  const { t } = useTranslation();
  return (
    <>
      {brief.open_facts.length > 0 && (
        <section className="brief-part">
          <h3>{t("desk.brief.facts")}</h3>
          <ul>
            {brief.open_facts.map((fact) => (
              <li key={`${fact.system}/${fact.kind}/${fact.text}`}>
                <span className="tag">{plainly(fact.kind)}</span> <span dir="auto">{fact.text}</span>{" "}
                <small className="hint">{fact.system}</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      {brief.intents.length > 0 && (
        <section className="brief-part">
          <h3>{t("desk.brief.intents")}</h3>
          <ol className="brief-times">
            {brief.intents.map(({ intent, at_ms }) => (
              <li key={`${intent}/${at_ms}`}>
                <time dir="ltr">{clock(at_ms)}</time>
                <span className="tag" dir="ltr">
                  {plainly(intent)}
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
