/** One call looked at closely: what is known of it, one's own ear and voice in it, and what can be done to it. */

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useKeys } from "../../desk/useDesk";
import { isWritten, toneOf } from "../../desk/view";
import { languageWord, queueName, wordFor } from "../../desk/words";
import { Confirm } from "../../form/Dialog";
import { useJoined } from "../../join/useJoined";
import { OutcomeBadge } from "../../staff/badges";
import { clock, milliseconds } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Transcript } from "../../ui/Transcript";
import { useNow } from "../../ui/useNow";
import type { Board, LiveCall } from "../api";
import { withWhom } from "../view";
import { Acts, type ActWords, type Asking } from "./Acts";
import { Ear } from "./Ear";
import { Guidance } from "./Guidance";
import { ReadAlong } from "./ReadAlong";
import { Refused } from "./Refused";
import { Watch } from "./watch";

interface WatchPanelProps {
  callId: string;
  /** As the board had it last; null for one that never stood there. */
  call: LiveCall | null;
  isLive: boolean;
  board: Board;
  skewS: number;
}

export function WatchPanel({ callId, call, isLive, board, skewS }: WatchPanelProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const iceServers = useRef(board.ice_servers ?? []);
  const watch = useMemo(() => new Watch(callId, iceServers.current), [callId]);
  const state = useSyncExternalStore(watch.subscribe, watch.snapshot);
  const joined = useJoined(state.line);
  const heading = useRef<HTMLHeadingElement>(null);
  const guide = useRef<HTMLTextAreaElement>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const listening = state.line !== null && joined.link !== "over";
  const written = call !== null && isWritten(call);
  const words: ActWords = written ? "board.written" : "board";
  useEffect(() => () => watch.stop(), [watch]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);

  const takeOver = async () => {
    setAsking(null);
    if (await watch.takeOver()) navigate("/desk");
  };
  useKeys({
    l: isLive && !written ? () => (listening ? watch.stop() : watch.listen()) : undefined,
    w: listening ? () => void watch.change("whisper") : undefined,
    b: listening ? () => void watch.change("talk") : undefined,
    s: listening ? () => void watch.change("listen") : undefined,
    m: listening && state.mode !== "listen" ? () => state.line?.mute(!joined.muted) : undefined,
    g: isLive ? () => guide.current?.focus() : undefined,
    t: isLive ? () => setAsking("takeOver") : undefined,
    h: isLive ? () => setAsking("handOff") : undefined,
    e: isLive ? () => setAsking("end") : undefined,
  });

  const who = call ? withWhom(call) : "agent";
  const advisor = call?.handoff?.advisor?.name ?? null;
  const names = {
    caller: t("detail.caller"),
    agent: t("transcript.agent"),
    advisor: advisor ?? t("transcript.advisor"),
    supervisor: t("transcript.supervisor"),
    notice: t("transcript.notice"),
  };
  return (
    <section className="card watch" aria-labelledby="watch-title">
      <header className="watch-top">
        <h2 id="watch-title" ref={heading} tabIndex={-1}>
          {written ? t("board.written.one") : t("board.oneCall")}
        </h2>
        {call && <OutcomeBadge call={{ state: isLive ? call.state : "ended", outcome: null }} />}
        {call && isLive && <Timer call={call} skewS={skewS} />}
        <Link href="/board" className="button button-quiet button-round" aria-label={t("board.close")}>
          <Icon name="close" />
        </Link>
      </header>
      {call && <Known call={call} board={board} />}
      {!isLive && (
        <p className="form-note" role="status">
          {call ? t("board.over") : t("board.notLive")}{" "}
          <Link href={`/calls/${encodeURIComponent(callId)}`}>{t("board.toCall")}</Link>
        </p>
      )}
      <Refused state={state} forgive={() => watch.forgive()} />
      {written && <ReadAlong callId={callId} names={names} />}
      {!written && (isLive || listening) && (
        <Ear watch={watch} state={state} joined={joined} who={who} advisor={advisor} isLive={isLive} />
      )}
      {state.line !== null && (
        <div className="watch-words">
          <Transcript lines={joined.lines} names={names} empty={t("board.words")} />
        </div>
      )}
      {isLive && (
        <>
          <Guidance watch={watch} state={state} who={who} box={guide} />
          <Acts state={state} words={words} ask={setAsking} />
        </>
      )}
      <Confirm
        open={asking === "takeOver"}
        title={t(`${words}.takeOver.title`)}
        text={t(`${words}.takeOver.text`)}
        act={t(`${words}.takeOver.act`)}
        confirm={() => void takeOver()}
        cancel={() => setAsking(null)}
      />
      <HandOff
        open={asking === "handOff"}
        words={words}
        queues={board.queues}
        close={() => setAsking(null)}
        handOff={(queue) => {
          setAsking(null);
          void watch.handOff(queue);
        }}
      />
      <Confirm
        open={asking === "end"}
        danger
        title={t(`${words}.end.title`)}
        text={t(`${words}.end.text`)}
        act={t(`${words}.end.act`)}
        confirm={() => {
          setAsking(null);
          void watch.end();
        }}
        cancel={() => setAsking(null)}
      />
    </section>
  );
}

function Timer({ call, skewS }: { call: LiveCall; skewS: number }) {
  const { t } = useTranslation();
  const nowS = useNow(1000) / 1000 + skewS;
  return (
    <span className="call-timer" role="timer" aria-label={t("board.time")}>
      <span dir="ltr">{clock((nowS - call.started_at) * 1000)}</span>
    </span>
  );
}

function Known({ call, board }: { call: LiveCall; board: Board }) {
  const { t, i18n } = useTranslation();
  const { mood, handoff } = call;
  const because = (mood?.evidence ?? []).map((code) => wordFor(t, i18n, "evidence", code));
  return (
    <dl className="watch-known">
      <div>
        <dt>{t("calls.language")}</dt>
        <dd>{call.language ? languageWord(t, call.language) : t("calls.none")}</dd>
      </div>
      <div>
        <dt>
          {t("desk.brief.mood")} <small>({t("desk.brief.estimate")})</small>
        </dt>
        <dd>
          {mood ? (
            <span className={`mood mood-${toneOf(mood.mood)}`}>{wordFor(t, i18n, "mood", mood.mood)}</span>
          ) : (
            t("calls.none")
          )}
        </dd>
        {because.length > 0 && (
          <dd className="hint">{t("desk.brief.because", { evidence: because.join(t("desk.brief.and")) })}</dd>
        )}
      </div>
      <div>
        <dt>{t("board.reply")}</dt>
        <dd>{call.reply_ms === null ? t("calls.none") : milliseconds(call.reply_ms, i18n.language)}</dd>
      </div>
      {handoff && (
        <div>
          <dt>{t("board.handoff")}</dt>
          <dd>{wordFor(t, i18n, "reason", handoff.reason)}</dd>
          <dd className="hint">
            <bdi>{queueName(board.queues, handoff.queue, i18n.language)}</bdi>
            {handoff.advisor?.name && (
              <>
                {" · "}
                <bdi>{handoff.advisor.name}</bdi>
              </>
            )}
          </dd>
        </div>
      )}
    </dl>
  );
}

interface HandOffProps {
  open: boolean;
  words: ActWords;
  queues: Board["queues"];
  close: () => void;
  handOff: (queue: string | null) => void;
}

function HandOff({ open, words, queues, close, handOff }: HandOffProps) {
  const { t, i18n } = useTranslation();
  const [queue, setQueue] = useState("");
  return (
    <Confirm
      open={open}
      title={t(`${words}.handOff.title`)}
      text={t(`${words}.handOff.text`)}
      act={t(`${words}.handOff.act`)}
      confirm={() => handOff(queue || null)}
      cancel={close}
    >
      {queues.length > 0 && (
        <label className="field watch-queue">
          <span>{t("desk.talk.requeueQueue")}</span>
          <select value={queue} onChange={(event) => setQueue(event.target.value)}>
            <option value="">{t("board.handOff.anyQueue")}</option>
            {queues.map(({ id }) => (
              <option key={id} value={id}>
                {queueName(queues, id, i18n.language)}
              </option>
            ))}
          </select>
        </label>
      )}
    </Confirm>
  );
}
