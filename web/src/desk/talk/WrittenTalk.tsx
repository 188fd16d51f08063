/** An advisor with somebody who writes: the thread, what one answers, notes, the brief, and the ways to let them go. */

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { auth } from "../../staff/auth";
import { Composer } from "../../ui/Composer";
import { Control } from "../../ui/Control";
import { moment } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Transcript } from "../../ui/Transcript";
import type { Desk, Handoff } from "../api";
import type { Doing } from "../session";
import { useKeys } from "../useDesk";
import { Leaving, WAYS, type Way } from "./Leaving";
import { ICONS } from "./TalkControls";
import { TalkSide } from "./TalkSide";
import { isTemplates, Templates } from "./Templates";
import { type Thread, useThread } from "./useThread";

/** As long as one message may be. */
const LONGEST = 1600;
const CLOSED = ["outside_window", "opted_out"] as const;
const REFUSALS = ["outside_window", "opted_out", "no_connection", "thread_over"] as const;

export function WrittenTalk({ handoff, desk, doing }: { handoff: Handoff; desk: Desk; doing: Doing | null }) {
  const { t } = useTranslation();
  const thread = useThread(handoff.handoff_id);
  const standing = useSyncExternalStore(auth.subscribe, auth.standing);
  const [way, setWay] = useState<Way | null>(null);
  const notesBox = useRef<HTMLTextAreaElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  // The button that took the thread is gone; without this a keyboard starts again at the top of the page.
  useEffect(() => heading.current?.focus(), []);
  useKeys({
    n: () => notesBox.current?.focus(),
    g: () => setWay("giveBack"),
    q: () => setWay("requeue"),
    f: () => setWay("finish"),
  });

  const names = {
    caller: t("desk.written.person"),
    agent: t("transcript.agent"),
    advisor: t("transcript.advisor"),
    supervisor: t("transcript.supervisor"),
    notice: t("transcript.notice"),
  };
  const reader = standing.is === "in" ? { id: standing.user.id, you: t("desk.talk.you") } : null;
  const channel = handoff.channel === "whatsapp" ? t("channel.whatsapp") : t("channel.sms");
  return (
    <div className="talk">
      <section className="talk-words" aria-labelledby="talk-title">
        <header className="line-bar">
          <h2 id="talk-title" ref={heading} tabIndex={-1}>
            {t("desk.written.title")}
          </h2>
          <span className="badge">{channel}</span>
        </header>
        <Transcript lines={thread.lines} names={names} reader={reader} empty={t("desk.written.empty")} />
        <div className="call-controls talk-controls">
          <Answer thread={thread} />
          <div className="controls">
            {WAYS.map((one) => (
              <Control
                key={one}
                icon={ICONS[one]}
                label={t(`desk.talk.${one}`)}
                danger={one === "finish"}
                disabled={doing !== null}
                press={() => setWay(one)}
              />
            ))}
          </div>
          <p className="hint call-shortcuts">{t("desk.written.shortcuts")}</p>
        </div>
      </section>
      <TalkSide handoff={handoff} desk={desk} notesBox={notesBox} away={() => heading.current?.focus()} />
      <Leaving
        way={way}
        written
        handoffId={handoff.handoff_id}
        queues={desk.queues}
        queueId={handoff.queue_id}
        close={() => setWay(null)}
      />
    </div>
  );
}

/** What is written stays in the box until it is on its way. Where words are not let through, it says why. */
function Answer({ thread }: { thread: Thread }) {
  const { t, i18n } = useTranslation();
  const [picking, setPicking] = useState(false);
  const known = REFUSALS.find((one) => one === thread.refused) ?? "unknown";
  const closed = CLOSED.find((one) => one === thread.closed) ?? null;
  const offers = thread.templates.length > 0 && closed !== "opted_out";
  return (
    <>
      {thread.refused !== null && closed === null && !isTemplates(thread.refused) && (
        <p className="desk-refusal" role="alert">
          <Icon name="warning" />
          <span>{t(`desk.written.refused.${known}`)}</span>
        </p>
      )}
      {closed !== null && (
        <p className="desk-refusal" role="status">
          <Icon name="warning" />
          <span>{t(`thread.closed.${closed}`)}</span>
        </p>
      )}
      {closed === "outside_window" && !offers && <p className="hint">{t("thread.noTemplates")}</p>}
      {offers && (picking || closed !== null) && <Templates thread={thread} sent={() => setPicking(false)} />}
      {closed === null && !picking && (
        <Composer
          label={t("desk.written.type")}
          longest={LONGEST}
          enabled
          rows={2}
          sending={thread.sending}
          send={(text) => thread.write({ text: text.trim() })}
        />
      )}
      {closed === null && (offers || thread.openUntil !== null) && (
        <p className="hint written-window">
          {thread.openUntil !== null &&
            t("thread.until", { when: moment(thread.openUntil, Date.now(), i18n.language) })}
          {offers && (
            <button
              type="button"
              className="button button-quiet"
              aria-pressed={picking}
              onClick={() => setPicking(!picking)}
            >
              {t("thread.template.use")}
            </button>
          )}
        </p>
      )}
    </>
  );
}
