/** The latest calls, living ones among them. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { wordFor } from "../desk/words";
import { clock, moment } from "../ui/format";
import { Message } from "../ui/Message";
import { type CallRow, staffApi } from "./api";
import { OutcomeBadge, Stars, WrittenTag } from "./badges";
import { useFresh } from "./useFresh";

const REFRESH_MS = 4000;
const LATEST = 100;
const FILTERS = ["all", "live", "ended"] as const;

const isLive = (call: CallRow): boolean => call.state !== "ended";

export function CallList() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => staffApi.calls(LATEST, signal), []);
  const { value: calls, problem, again } = useFresh(read, REFRESH_MS);
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>("all");

  if (calls === null) {
    if (!problem) return <p className="loading">{t("calls.loading")}</p>;
    return (
      <Message
        icon="warning"
        tone="warning"
        title={problem.status === 403 ? t("error.forbidden") : t("error.failed")}
      >
        <button type="button" className="button button-primary" onClick={again}>
          {t("error.again")}
        </button>
      </Message>
    );
  }
  const shown = calls.filter((call) => filter === "all" || isLive(call) === (filter === "live"));
  return (
    <>
      <div className="list-top">
        <div>
          <h1>{t("calls.title")}</h1>
          <p className="lead">{t("calls.lead")}</p>
        </div>
        <fieldset className="segments">
          <legend className="visually-hidden">{t("calls.title")}</legend>
          {FILTERS.map((one) => (
            <label key={one}>
              <input type="radio" name="filter" checked={one === filter} onChange={() => setFilter(one)} />
              <span>{t(`calls.filter.${one}`)}</span>
            </label>
          ))}
        </fieldset>
      </div>
      {problem && (
        <p className="form-note" role="status">
          {t("calls.stale")}
        </p>
      )}
      {calls.length === 0 ? (
        <Message icon="calls" title={t("calls.empty")} text={t("calls.emptyHint")}>
          <Link href="/" className="button button-primary">
            {t("calls.toSoftphone")}
          </Link>
        </Message>
      ) : shown.length === 0 ? (
        <p className="loading">{t("calls.noneInFilter")}</p>
      ) : (
        <CallTable calls={shown} />
      )}
    </>
  );
}

function CallTable({ calls }: { calls: CallRow[] }) {
  const { t } = useTranslation();
  return (
    <table className="calls">
      <thead>
        <tr>
          <th scope="col">{t("calls.when")}</th>
          <th scope="col">{t("calls.outcome")}</th>
          <th scope="col">{t("calls.language")}</th>
          <th scope="col">{t("calls.duration")}</th>
          <th scope="col">{t("calls.disposition")}</th>
          <th scope="col">{t("calls.rating")}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <Row key={call.call_id} call={call} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ call }: { call: CallRow }) {
  const { t, i18n } = useTranslation();
  const nowMs = Date.now();
  const when = moment(call.started_at, nowMs, i18n.language);
  const durationMs = (call.ended_at ?? nowMs / 1000) * 1000 - call.started_at * 1000;
  const language =
    call.language === "en" || call.language === "ar" ? t(`language.${call.language}`) : t("calls.none");
  return (
    <tr>
      <th scope="row" className="calls-when">
        <Link href={`/calls/${encodeURIComponent(call.call_id)}`} aria-label={t("calls.open", { when })}>
          {when}
        </Link>
      </th>
      <td>
        <OutcomeBadge call={call} /> <WrittenTag channel={call.channel} />
      </td>
      <td data-label={t("calls.language")}>{language}</td>
      <td data-label={t("calls.duration")}>
        <span dir="ltr">{clock(durationMs)}</span>
      </td>
      <td data-label={t("calls.disposition")} className="calls-disposition">
        <bdi>{call.disposition ? wordFor(t, i18n, "disposition", call.disposition) : t("calls.none")}</bdi>
      </td>
      <td data-label={t("calls.rating")}>
        <Stars stars={call.rating} />
      </td>
    </tr>
  );
}
