/** The living calls, the longest first. */

import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Queue } from "../desk/api";
import { toneOf } from "../desk/view";
import { languageWord, queueName, wordFor } from "../desk/words";
import { OutcomeBadge, WrittenTag } from "../staff/badges";
import { clock, milliseconds } from "../ui/format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/useNow";
import type { LiveCall } from "./api";

/** An answer that takes longer is noticed by the caller. */
const SLOW_MS = 2000;

interface CallTableProps {
  calls: readonly LiveCall[];
  queues: readonly Queue[];
  chosen: string | null;
  skewS: number;
}

export function CallTable({ calls, queues, chosen, skewS }: CallTableProps) {
  const { t } = useTranslation();
  const nowS = useNow(1000) / 1000 + skewS;
  return (
    <table className="calls live-calls">
      <thead>
        <tr>
          <th scope="col">{t("board.call")}</th>
          <th scope="col">{t("board.time")}</th>
          <th scope="col">{t("calls.language")}</th>
          <th scope="col">
            {t("desk.brief.mood")} <small>({t("desk.brief.estimate")})</small>
          </th>
          <th scope="col">{t("board.reply")}</th>
          <th scope="col">{t("board.turns")}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <Row key={call.call_id} call={call} queues={queues} nowS={nowS} chosen={call.call_id === chosen} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  call: LiveCall;
  queues: readonly Queue[];
  nowS: number;
  chosen: boolean;
}

function Row({ call, queues, nowS, chosen }: RowProps) {
  const { t, i18n } = useTranslation();
  const time = clock((nowS - call.started_at) * 1000);
  const slow = call.reply_ms !== null && call.reply_ms > SLOW_MS;
  return (
    <tr className={chosen ? "live-chosen" : undefined}>
      <th scope="row" className="calls-when live-state">
        <Link
          href={`/board/${encodeURIComponent(call.call_id)}`}
          aria-label={t("board.watch", { time })}
          aria-current={chosen ? "true" : undefined}
        >
          <OutcomeBadge call={{ ...call, outcome: null }} />
        </Link>
        <WrittenTag channel={call.channel} />
        {call.handoff && (
          <span className="live-handoff">
            {call.handoff.urgent && (
              <span className="badge badge-bad">
                <Icon name="warning" />
                {t("desk.brief.urgent")}
              </span>
            )}
            <small>
              {call.handoff.advisor?.name ? (
                <bdi>{call.handoff.advisor.name}</bdi>
              ) : (
                <bdi>{queueName(queues, call.handoff.queue, i18n.language)}</bdi>
              )}
            </small>
          </span>
        )}
      </th>
      <td data-label={t("board.time")}>
        <span dir="ltr">{time}</span>
      </td>
      <td data-label={t("calls.language")}>
        {call.language ? languageWord(t, call.language) : t("calls.none")}
      </td>
      <td data-label={`${t("desk.brief.mood")} (${t("desk.brief.estimate")})`}>
        {call.mood ? (
          <span className={`mood mood-${toneOf(call.mood.mood)}`}>
            {wordFor(t, i18n, "mood", call.mood.mood)}
          </span>
        ) : (
          t("calls.none")
        )}
      </td>
      <td data-label={t("board.reply")} className={slow ? "live-slow" : undefined}>
        {call.reply_ms === null ? (
          t("calls.none")
        ) : (
          <>
            {milliseconds(call.reply_ms, i18n.language)}
            {slow && <span className="visually-hidden"> ({t("board.slow")})</span>}
          </>
        )}
      </td>
      <td data-label={t("board.turns")}>{call.turns}</td>
    </tr>
  );
}
