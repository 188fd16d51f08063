/** One call: its words with times, whom it was given to, how fast each answer was, and what came of it. */

import { useCallback, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { isWritten } from "../../desk/view";
import { wordFor } from "../../desk/words";
import { clock, moment } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Message } from "../../ui/Message";
import { type CallRow, staffApi } from "../api";
import { auth } from "../auth";
import { OutcomeBadge, Stars } from "../badges";
import { useFresh } from "../useFresh";
import { Actions } from "./Actions";
import { Handoffs } from "./Handoffs";
import { Moods } from "./Moods";
import { Recording } from "./Recording";
import { Waterfall } from "./Waterfall";
import { Words } from "./Words";

const REFRESH_MS = 3000;
const HEAR_RECORDINGS = ["admin", "supervisor"];

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
  const { call, turns, handoffs, actions, moods, deliveries } = value;
  // What is written has neither a sound nor a time to the first of it.
  const written = isWritten(call);
  return (
    <>
      <div className="detail-top">
        <Link href="/calls" className="button button-quiet">
          <Icon name="back" />
          {t("detail.back")}
        </Link>
        <h1>
          {t(written ? "thread.title" : "detail.title", {
            when: moment(call.started_at, Date.now(), i18n.language),
          })}
        </h1>
        <OutcomeBadge call={call} />
      </div>
      <div className="detail">
        <Words
          turns={turns}
          handoffs={handoffs}
          thread={written ? { startedAt: call.started_at, deliveries: deliveries ?? [] } : undefined}
        />
        <div className="detail-side">
          <section className="card">
            <h2>{t("detail.summary")}</h2>
            <p className={call.summary ? "summary" : "hint"} dir={call.summary ? "auto" : undefined}>
              {call.summary ?? t("detail.noSummary")}
            </p>
          </section>
          <Handoffs handoffs={handoffs} startedAt={call.started_at} />
          <Actions actions={actions} />
          <Moods moods={moods} turns={turns} />
          {mayHear && !written && call.ended_at !== null && <Recording callId={callId} />}
          <Facts call={call} />
          {!written && (
            <section className="card" aria-labelledby="latency-title">
              <h2 id="latency-title">{t("detail.latency")}</h2>
              <Waterfall turns={turns} />
            </section>
          )}
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

const CHANNELS = ["web", "phone", "sms", "whatsapp"] as const;

function Facts({ call }: { call: CallRow }) {
  const { t, i18n } = useTranslation();
  const endS = call.ended_at ?? Date.now() / 1000;
  const language =
    call.language === "en" || call.language === "ar" ? t(`language.${call.language}`) : t("calls.none");
  const known = CHANNELS.find((one) => one === call.channel) ?? "web";
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
        <dd>{t(`channel.${known}`)}</dd>
        <dt>{t("calls.disposition")}</dt>
        <dd>
          <bdi>{call.disposition ? wordFor(t, i18n, "disposition", call.disposition) : t("calls.none")}</bdi>
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
