/** Beside the words: one's notes, and the brief. */

import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Desk, Handoff } from "../api";
import { useDraft } from "../drafts";
import { BriefView } from "../offer/BriefView";

interface TalkSideProps {
  handoff: Handoff;
  desk: Desk;
  notesBox: RefObject<HTMLTextAreaElement | null>;
  /** Where Escape leads to. */
  away: () => void;
}

export function TalkSide({ handoff, desk, notesBox, away }: TalkSideProps) {
  const { t } = useTranslation();
  const [notes, setNotes] = useDraft(handoff.handoff_id);
  return (
    <aside className="talk-side">
      <section className="card talk-notes">
        <label className="field">
          <span>{t("desk.talk.notes")}</span>
          <textarea
            ref={notesBox}
            dir="auto"
            rows={4}
            maxLength={2000}
            value={notes}
            onChange={(event) => setNotes(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && away()}
            aria-describedby="notes-hint"
          />
          <small id="notes-hint">{t("desk.talk.notesHint")}</small>
        </label>
      </section>
      <section className="card talk-brief" aria-label={t("desk.brief.title")}>
        <BriefView handoff={handoff} queues={desk.queues} />
      </section>
    </aside>
  );
}
