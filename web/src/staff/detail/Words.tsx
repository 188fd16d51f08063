/** Everything that was said or written, by the caller, the agent and people, in one order. */

import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { intentWord } from "../../desk/words";
import { DeliveryMark } from "../../ui/DeliveryMark";
import type { Delivered } from "../../ui/delivery";
import { clock, moment } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { HandoffTold, Turn } from "../api";
import { sourceOf } from "./stages";
import { advisorNames, PHONE } from "./story";

const KINDS = ["greeting", "answer", "clarify", "filler", "apology", "prompt", "goodbye"] as const;

interface WordsProps {
  turns: readonly Turn[];
  handoffs: readonly HandoffTold[];
  /** Of a thread, which has the times of day: when it began, and how far its messages have come. */
  thread?: { startedAt: number; deliveries: readonly Delivered[] } | undefined;
}

export function Words({ turns, handoffs, thread }: WordsProps) {
  const { t, i18n } = useTranslation();
  const names = advisorNames(handoffs);
  // Who of several spoke, the words alone don't tell.
  const advisor = names.length === 1 ? (names[0] ?? null) : null;
  return (
    <section className="card detail-transcript" aria-labelledby="transcript-title">
      <h2 id="transcript-title">{t(thread ? "thread.words" : "detail.transcript")}</h2>
      {turns.length === 0 && <p className="hint">{t("detail.noTurns")}</p>}
      <ol>
        {turns.map((turn, place) => (
          <Fragment key={`${turn.lease}-${turn.seq}`}>
            {place > 0 && turns[place - 1]?.lease !== turn.lease && (
              <li className="turn-cut">
                <span>{t("story.newLine")}</span>
              </li>
            )}
            <TurnItem
              turn={turn}
              advisor={advisor}
              caller={t(thread ? "thread.writer" : "detail.caller")}
              time={
                thread
                  ? moment(thread.startedAt + turn.started_ms / 1000, Date.now(), i18n.language)
                  : clock(turn.started_ms)
              }
              delivery={thread?.deliveries.find(({ seq }) => seq === turn.seq)}
            />
          </Fragment>
        ))}
      </ol>
    </section>
  );
}

interface TurnProps {
  turn: Turn;
  advisor: string | null;
  caller: string;
  time: string;
  delivery: Delivered | undefined;
}

function TurnItem({ turn, advisor, caller, time, delivery }: TurnProps) {
  const { t, i18n } = useTranslation();
  const who = {
    caller,
    agent: t("transcript.agent"),
    advisor: t(turn.by_supervisor ? "transcript.supervisor" : "transcript.advisor"),
  };
  const name = turn.by?.name ?? advisor;
  const kind = KINDS.find((known) => known === turn.kind);
  const source = sourceOf(turn);
  return (
    <li className={`turn turn-${turn.speaker}`}>
      <time className="turn-time" dir="ltr">
        {time}
      </time>
      <div className="turn-body">
        <p className="turn-who">
          {who[turn.speaker]}
          {turn.speaker === "advisor" && !turn.by_supervisor && name && (
            <bdi className="turn-name">{name === PHONE ? t("story.phone") : name}</bdi>
          )}
          {kind && <span className="tag">{t(`kind.${kind}`)}</span>}
          {turn.intent && source === null && (
            <span className="tag" dir="auto">
              {intentWord(t, i18n, turn.intent)}
            </span>
          )}
        </p>
        <p className="turn-words" dir="auto" lang={turn.language}>
          {turn.text}
        </p>
        {source !== null && (
          <p className="line-note turn-source">
            {t("detail.source")} <bdi>{source}</bdi>
          </p>
        )}
        {delivery && <DeliveryMark delivery={delivery} />}
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
