/** After the call: how it ended, how long it took, and how it was. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../call/machine";
import type { CallSession } from "../call/session";
import { clock } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Conversation } from "./Conversation";

const OUTCOMES = [
  "caller_hung_up",
  "agent_said_goodbye",
  "caller_silent",
  "ended_by_operator",
  "handed_off",
  "busy",
  "lost",
] as const;

interface EndCardProps {
  state: CallState;
  session: CallSession;
  callAgain: () => void;
}

export function EndCard({ state, session, callAgain }: EndCardProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const outcome = OUTCOMES.find((known) => known === state.outcome) ?? "unknown";
  const durationMs = (state.endedAtMs ?? 0) - (state.startedAtMs ?? state.endedAtMs ?? 0);
  return (
    <div className="end">
      <section className="card end-card">
        <span className="message-icon">
          <Icon name="hangUp" />
        </span>
        <h1 ref={heading} tabIndex={-1}>
          {t("ended.title")}
        </h1>
        <p className="end-outcome" data-outcome={state.outcome ?? ""}>
          {t(`ended.outcome.${outcome}`)}
        </p>
        <p className="end-duration">
          {t("ended.duration")} <strong dir="ltr">{clock(durationMs)}</strong>
        </p>
        <Rating rate={(stars, comment) => session.rate(stars, comment)} />
        <div className="end-actions">
          <button type="button" className="button button-primary" onClick={callAgain}>
            <Icon name="phone" />
            {t("ended.again")}
          </button>
          <button type="button" className="button" onClick={() => session.reset()}>
            {t("ended.done")}
          </button>
        </div>
      </section>
      {state.lines.length > 0 && (
        <section className="card end-transcript" aria-label={t("transcript.title")}>
          <h2>{t("transcript.title")}</h2>
          <Conversation state={state} />
        </section>
      )}
    </div>
  );
}

const STARS = ["bad", "poor", "fair", "good", "excellent"] as const;

function Rating({ rate }: { rate: (stars: number, comment: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [stars, setStars] = useState<number | null>(null);
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState<"no" | "sending" | "yes" | "failed">("no");

  const chosen = stars === null ? undefined : STARS[stars - 1];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (stars === null) return;
    setSent("sending");
    try {
      await rate(stars, comment);
      setSent("yes");
    } catch {
      setSent("failed");
    }
  };
  if (sent === "yes") {
    return (
      <p className="rating-thanks" role="status">
        {t("ended.thanks")}
      </p>
    );
  }
  return (
    <form className="rating" onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>{t("ended.rate")}</legend>
        <div className="stars">
          {STARS.map((word, position) => {
            const value = position + 1;
            const lit = stars !== null && value <= stars;
            return (
              <label key={word} className={lit ? "star star-lit" : "star"}>
                <input
                  type="radio"
                  name="stars"
                  value={value}
                  checked={stars === value}
                  onChange={() => setStars(value)}
                  aria-label={`${value}: ${t(`ended.stars.${word}`)}`}
                />
                <Icon name="star" filled={lit} />
              </label>
            );
          })}
        </div>
        <p className="stars-word" aria-hidden="true">
          {chosen ? t(`ended.stars.${chosen}`) : "\u00a0"}
        </p>
      </fieldset>
      {stars !== null && (
        <>
          <label className="field">
            <span>{t("ended.comment")}</span>
            <textarea
              rows={2}
              dir="auto"
              maxLength={1000}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
            />
          </label>
          <button type="submit" className="button" disabled={sent === "sending"}>
            {t("ended.submit")}
          </button>
        </>
      )}
      {sent === "failed" && (
        <p className="field-error" role="alert">
          {t("ended.failed")}
        </p>
      )}
    </form>
  );
}
