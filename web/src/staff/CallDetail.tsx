/** One call: its words with times, how fast each answer was, and what came of it. */

import { useCallback, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { clock, moment } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Message } from "../ui/Message";
import { type CallRow, staffApi, type Turn } from "./api";
import { auth } from "./auth";
import { OutcomeBadge, Stars } from "./badges";
import { Recording } from "./Recording";
import { useFresh } from "./useFresh";
import { Waterfall } from "./Waterfall";

const REFRESH_MS = 3000;
const HEAR_RECORDINGS = ["admin", "supervisor"];
const KINDS = ["greeting", "answer", "clarify", "filler", "apology", "prompt", "goodbye"] as const;

export function CallDetail({ callId }: { callId: string }) {
  const { t, i18n } = useTranslation();
  const read = useCallback((signal: AbortSignal) => staffApi.call(callId, signal), [callId]);
  const { value, problem, again } = useFresh(read, REFRESH_MS);
  const standing = useSyncExternalStore(auth.subscribe, auth.standing);
  const mayHear = standing.is === "in" && HEAR_RECORDINGS.includes(standing.user.role);
  if (value === null) {
    if (!problem) return <p className="loading">{t("calls.loading")}</p>;
    return <Missing status={problem.status} again={again} />;
  }
  const { call, turns } = value;
  return (
    <>
      <div className="detail-top">
        <Link href="/calls" className="button button-quiet">
          <Icon name="back" />
          {t("detail.back")}
        </Link>
        <h1>{t("detail.title", { when: moment(call.started_at, Date.now(), i18n.language) })}</h1>
        <OutcomeBadge call={call} />
      </div>
      <div className="detail">
        <section className="card detail-transcript" aria-labelledby="transcript-title">
          <h2 id="transcript-title">{t("detail.transcript")}</h2>
          {turns.length === 0 && <p className="hint">{t("detail.noTurns")}</p>}
          <ol>
            {turns.map((turn) => (
              <TurnItem key={`${turn.lease}-${turn.seq}`} turn={turn} />
            ))}
          </ol>
        </section>
        <div className="detail-side">
          <section className="card">
            <h2>{t("detail.summary")}</h2>
            <p className={call.summary ? "summary" : "hint"} dir={call.summary ? "auto" : undefined}>
              {call.summary ?? t("detail.noSummary")}
            </p>
          </section>
          {mayHear && call.ended_at !== null && <Recording callId={callId} />}
          <Facts call={call} />
          <section className="card" aria-labelledby="latency-title">
            <h2 id="latency-title">{t("detail.latency")}</h2>
            <Waterfall turns={turns} />
          </section>
        </div>
      </div>
    </>
  );
}

function Missing({ status, again }: { status: number; again: () => void }) {
  const { t } = useTranslation();
  const missing = status === 404 || status === 422;
  return (
    <Message
      icon="warning"
      tone="warning"
      title={missing ? t("detail.missing") : status === 403 ? t("error.forbidden") : t("error.failed")}
      text={missing ? t("detail.missingHint") : undefined}
    >
      {!missing && (
        <button type="button" className="button button-primary" onClick={again}>
          {t("error.again")}
        </button>
      )}
      <Link href="/calls" className="button">
        {t("detail.back")}
      </Link>
    </Message>
  );
}

function TurnItem({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const who = { caller: t("detail.caller"), agent: t("transcript.agent"), advisor: t("transcript.advisor") };
  const kind = KINDS.find((known) => known === turn.kind);
  return (
    <li className={`turn turn-${turn.speaker}`}>
      <time className="turn-time" dir="ltr">
        {clock(turn.started_ms)}
      </time>
      <div className="turn-body">
        <p className="turn-who">
          {who[turn.speaker]}
          {kind && <span className="tag">{t(`kind.${kind}`)}</span>}
          {turn.intent && (
            <span className="tag" dir="ltr">
              {turn.intent}
            </span>
          )}
        </p>
        <p className="turn-words" dir="auto" lang={turn.language}>
          {turn.text}
        </p>
        {turn.interrupted && (
          <p className="line-note">
            <Icon name="cut" />
            {t("detail.interrupted")}
          </p>
        )}
      </div>
    </li>
  );
}

function Facts({ call }: { call: CallRow }) {
  const { t } = useTranslation();
  const endS = call.ended_at ?? Date.now() / 1000;
  const language =
    call.language === "en" || call.language === "ar" ? t(`language.${call.language}`) : t("calls.none");
  const channel = call.channel === "phone" ? t("channel.phone") : t("channel.web");
  return (
    <section className="card">
      <h2>{t("detail.facts")}</h2>
      <dl className="facts">
        <dt>{t("calls.duration")}</dt>
        <dd>
          <span dir="ltr">{clock((endS - call.started_at) * 1000)}</span>
        </dd>
        <dt>{t("calls.language")}</dt>
        <dd>{language}</dd>
        <dt>{t("detail.channel")}</dt>
        <dd>{channel}</dd>
        <dt>{t("calls.disposition")}</dt>
        <dd>
          <bdi>{call.disposition?.replaceAll("_", " ") || t("calls.none")}</bdi>
        </dd>
        <dt>{t("calls.rating")}</dt>
        <dd>
          <Stars stars={call.rating} />
        </dd>
        <dt>{t("detail.id")}</dt>
        <dd>
          <CallId callId={call.call_id} />
        </dd>
      </dl>
    </section>
  );
}

function CallId({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard
      .writeText(callId)
      .then(() => setCopied(true))
      .catch(() => {});
  return (
    <span className="call-id">
      <code dir="ltr">{callId}</code>
      {"clipboard" in navigator && (
        <button
          type="button"
          className="button button-quiet button-round"
          onClick={copy}
          aria-label={copied ? t("detail.copied") : t("detail.copy")}
        >
          <Icon name="copy" />
        </button>
      )}
    </span>
  );
}
