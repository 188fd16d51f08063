/** An advisor with a caller: what is said, one's own line, notes, the brief, and the three ways to let the caller go. */

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { JoinedCall } from "../../join/joined";
import { useJoined } from "../../join/useJoined";
import { auth } from "../../staff/auth";
import { Icon } from "../../ui/Icon";
import { Transcript } from "../../ui/Transcript";
import type { Desk, Handoff } from "../api";
import type { Doing } from "../session";
import { useKeys } from "../useDesk";
import { Leaving, type Way } from "./Leaving";
import { LineBar } from "./LineBar";
import { TalkControls } from "./TalkControls";
import { TalkSide } from "./TalkSide";

interface TalkProps {
  handoff: Handoff;
  desk: Desk;
  call: JoinedCall | null;
  doing: Doing | null;
}

export function Talk({ handoff, desk, call, doing }: TalkProps) {
  const { t } = useTranslation();
  const joined = useJoined(call);
  const standing = useSyncExternalStore(auth.subscribe, auth.standing);
  const [way, setWay] = useState<Way | null>(null);
  const notesBox = useRef<HTMLTextAreaElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const mute = () => call?.mute(!joined.muted);

  // The button that took the call is gone; without this a keyboard starts again at the top of the page.
  useEffect(() => heading.current?.focus(), []);
  useKeys({
    m: mute,
    n: () => notesBox.current?.focus(),
    g: () => setWay("giveBack"),
    q: () => setWay("requeue"),
    f: () => setWay("finish"),
  });

  const names = {
    caller: t("desk.talk.caller"),
    agent: t("transcript.agent"),
    advisor: t("transcript.advisor"),
    supervisor: t("transcript.supervisor"),
    notice: t("transcript.notice"),
  };
  const reader = standing.is === "in" ? { id: standing.user.id, you: t("desk.talk.you") } : null;
  return (
    <div className="talk">
      <section className="talk-words" aria-labelledby="talk-title">
        <LineBar handoff={handoff} joined={joined} heading={heading} />
        {joined.microphoneProblem !== null && joined.link !== "over" && (
          <p className="desk-refusal" role="alert">
            <Icon name="microphoneOff" />
            <span>
              {t("desk.microphone.deaf")} {t(`problem.${joined.microphoneProblem}.title`)}
            </span>
          </p>
        )}
        <Transcript lines={joined.lines} names={names} reader={reader} empty={t("desk.talk.empty")} />
        <TalkControls call={call} joined={joined} mute={mute} leave={setWay} busy={doing !== null} />
      </section>
      <TalkSide handoff={handoff} desk={desk} notesBox={notesBox} away={() => heading.current?.focus()} />
      <Leaving
        way={way}
        handoffId={handoff.handoff_id}
        queues={desk.queues}
        queueId={handoff.queue_id}
        close={() => setWay(null)}
      />
    </div>
  );
}
