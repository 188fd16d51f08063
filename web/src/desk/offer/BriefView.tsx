/** The brief, for a person with four seconds: why, in the caller's own words, who, and what to do; the rest below. */

import { useTranslation } from "react-i18next";
import { clock, nameOf } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { Brief, Handoff, Queue } from "../api";
import { languageWord, queueName, wordFor } from "../words";
import { Known } from "./Known";
import { MoodMark } from "./MoodMark";

interface BriefViewProps {
  handoff: Handoff;
  queues: readonly Queue[];
}

export function BriefView({ handoff, queues }: BriefViewProps) {
  const { t, i18n } = useTranslation();
  const { brief } = handoff;
  return (
    <div className="brief">
      <p className="brief-why">
        {handoff.urgent && (
          <span className="badge badge-bad">
            <Icon name="warning" />
            {t("desk.brief.urgent")}
          </span>
        )}
        <strong>{wordFor(t, i18n, "reason", handoff.reason)}</strong>
      </p>
      {brief?.sentence && (
        <blockquote
          className="brief-sentence"
          dir="auto"
          lang={brief.language}
          aria-label={t("desk.brief.said")}
        >
          {brief.sentence}
        </blockquote>
      )}
      <dl className="brief-who">
        <div>
          <dt>{t("desk.brief.caller")}</dt>
          <dd dir="auto">{brief?.caller ?? t("desk.brief.unknown")}</dd>
          {brief?.caller_by && (
            <dd className="mood-because hint">{wordFor(t, i18n, "foundBy", brief.caller_by)}</dd>
          )}
        </div>
        <div>
          <dt>{t("desk.brief.language")}</dt>
          <dd>{languageWord(t, handoff.language)}</dd>
        </div>
        {brief?.mood && (
          <div>
            <dt>
              {t("desk.brief.mood")} <small>({t("desk.brief.estimate")})</small>
            </dt>
            <MoodMark brief={brief} mood={brief.mood} />
          </div>
        )}
        {brief && (
          <div>
            <dt>{t("desk.brief.onLine")}</dt>
            <dd>
              <span dir="ltr">{clock(brief.seconds * 1000)}</span>
            </dd>
          </div>
        )}
        {queues.length > 1 && (
          <div>
            <dt>{t("desk.brief.queue")}</dt>
            <dd dir="auto">{queueName(queues, handoff.queue_id, i18n.language)}</dd>
          </div>
        )}
      </dl>
      {brief ? <Rest brief={brief} /> : <p className="hint">{t("desk.brief.missing")}</p>}
    </div>
  );
}

function Rest({ brief }: { brief: Brief }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      {brief.notes.length > 0 && (
        <section className="brief-part brief-notes">
          <h3>{t("desk.brief.notes")}</h3>
          {brief.notes.map((note) => (
            <p key={note} dir="auto">
              {note}
            </p>
          ))}
        </section>
      )}
      {brief.next_actions.length > 0 && (
        <section className="brief-part brief-next">
          <h3>{t("desk.brief.next")}</h3>
          <ol>
            {brief.next_actions.map((action) => (
              <li key={action}>{wordFor(t, i18n, "action", action)}</li>
            ))}
          </ol>
        </section>
      )}
      <section className="brief-part">
        <h3>{t("desk.brief.summary")}</h3>
        {brief.about && (
          <p>
            {t("desk.brief.about")}: <q dir="auto">{brief.about}</q>
          </p>
        )}
        {brief.first_request && (
          <p>
            {t("desk.brief.wanted")}: <q dir="auto">{brief.first_request}</q>
          </p>
        )}
        <p dir="auto">{nameOf(brief.summary, i18n.language, t("desk.brief.none"))}</p>
        {brief.summary_by === "model" && <p className="hint">{t("desk.brief.byModel")}</p>}
      </section>
      <Known brief={brief} />
    </>
  );
}
