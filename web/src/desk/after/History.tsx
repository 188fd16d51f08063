/** The calls that this advisor took last, each a way to its page. */

import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useFresh } from "../../staff/useFresh";
import { moment } from "../../ui/format";
import { deskApi, type Taken } from "../api";
import { wordFor } from "../words";

const LATEST = 20;

/** Read again whenever `renewed` changes: a form was handed in. */
export function History({ renewed }: { renewed: number }) {
  const { t } = useTranslation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another form, another history.
  const read = useCallback((signal: AbortSignal) => deskApi.history(LATEST, signal), [renewed]);
  const { value: rows, problem, again } = useFresh(read, null);
  return (
    <section className="card desk-history" aria-labelledby="history-title">
      <h2 id="history-title">{t("desk.history.title")}</h2>
      {rows === null && !problem && <p className="hint">{t("calls.loading")}</p>}
      {problem && (
        <p className="hint">
          {t("error.failed")}{" "}
          <button type="button" className="button button-quiet" onClick={again}>
            {t("error.again")}
          </button>
        </p>
      )}
      {rows?.length === 0 && <p className="hint">{t("desk.history.none")}</p>}
      <ul className="history">
        {rows?.map((row) => (
          <Row key={`${row.handoff_id}/${row.number}`} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row }: { row: Taken }) {
  const { t, i18n } = useTranslation();
  const when = moment(row.offered_at, Date.now(), i18n.language);
  return (
    <li className="history-row">
      <Link href={`/calls/${encodeURIComponent(row.call_id)}`} aria-label={t("desk.history.open", { when })}>
        {when}
      </Link>
      <span className="badge">{wordFor(t, i18n, "result", row.left ?? row.result)}</span>
      {row.disposition && <span>{wordFor(t, i18n, "disposition", row.disposition)}</span>}
      {row.notes && (
        <span className="history-notes hint">
          <bdi>{row.notes}</bdi>
        </span>
      )}
    </li>
  );
}
