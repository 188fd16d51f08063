/** The form after a call: what came of it, in one press, and the notes that were taken. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { clock } from "../../ui/format";
import type { Taken } from "../api";
import { useDraft } from "../drafts";
import { type Doing, deskSession } from "../session";
import { useServerNow } from "../useDesk";
import { secondsLeft } from "../view";

/** The list that reports count by, those first that an advisor says most. */
const DISPOSITIONS = ["resolved", "unresolved", "callback_needed", "no_request", "cut_off"] as const;
const LEFT = ["finished", "caller_left", "gave_back", "requeued", "lost", "never_joined"] as const;

interface WrapUpProps {
  taken: Taken;
  /** How many forms are open beside this one. */
  more: number;
  doing: Doing | null;
}

export function WrapUp({ taken, more, doing }: WrapUpProps) {
  const { t } = useTranslation();
  const [disposition, setDisposition] = useState<string | null>(null);
  const [notes, setNotes] = useDraft(taken.handoff_id);
  const heading = useRef<HTMLHeadingElement>(null);
  const how = LEFT.find((one) => one === taken.left);
  useEffect(() => heading.current?.focus(), []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void deskSession.wrapUp(taken, { disposition, notes });
  };
  return (
    <form className="card wrap-up" onSubmit={submit} aria-labelledby="wrap-up-title">
      <header className="wrap-up-top">
        <div>
          <h2 id="wrap-up-title" ref={heading} tabIndex={-1}>
            {t("desk.wrapUp.title")}
          </h2>
          {how && <p className="lead">{t(`desk.wrapUp.left.${how}`)}</p>}
        </div>
        <Link href={`/calls/${encodeURIComponent(taken.call_id)}`} className="button button-quiet">
          {t("desk.wrapUp.call")}
        </Link>
      </header>
      <fieldset className="dispositions">
        <legend>{t("desk.wrapUp.disposition")}</legend>
        {DISPOSITIONS.map((one) => (
          <label key={one} className="site disposition">
            <input
              type="radio"
              name="disposition"
              value={one}
              checked={disposition === one}
              onChange={() => setDisposition(one)}
            />
            <span className="site-name">{t(`desk.disposition.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span>{t("desk.wrapUp.notes")}</span>
        <textarea
          dir="auto"
          rows={4}
          maxLength={2000}
          value={notes}
          onChange={(event) => setNotes(event.target.value)}
        />
      </label>
      <div className="wrap-up-end">
        <button type="submit" className="button button-primary" disabled={doing !== null}>
          {t("desk.wrapUp.submit")}
        </button>
        {taken.wrap_up_until !== null && <Remaining untilS={taken.wrap_up_until} />}
        {more > 0 && (
          <p className="hint">
            {more === 1 ? t("desk.wrapUp.more.one") : t("desk.wrapUp.more.more", { count: more })}
          </p>
        )}
      </div>
    </form>
  );
}

function Remaining({ untilS }: { untilS: number }) {
  const { t } = useTranslation();
  const left = secondsLeft(untilS, useServerNow(1000));
  return <p className="hint wrap-up-left">{t("desk.wrapUp.remaining", { time: clock(left * 1000) })}</p>;
}
