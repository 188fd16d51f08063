/** The supervisor's board: every living call at a glance, who waits, who is at work, and one call looked at closely. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useKeys, useLiveStanding } from "../desk/useDesk";
import { Loaded } from "../staff/Loaded";
import { Message } from "../ui/Message";
import { Advisors } from "./Advisors";
import type { Board as BoardRead, LiveCall } from "./api";
import { CallTable } from "./CallTable";
import { Queues } from "./Queues";
import { useBoard } from "./useBoard";
import { counts, FILTERS, type Filter, neighbour, shown } from "./view";
import { WatchPanel } from "./watch/WatchPanel";

export function Board({ callId }: { callId: string | null }) {
  const { t } = useTranslation();
  const fresh = useBoard();
  return (
    <Loaded fresh={fresh} loading={t("board.loading")} forbidden={t("board.forbiddenHint")}>
      {(board) => <OpenBoard board={board} callId={callId} stale={fresh.problem !== null} />}
    </Loaded>
  );
}

interface OpenBoardProps {
  board: BoardRead;
  callId: string | null;
  stale: boolean;
}

function OpenBoard({ board, callId, stale }: OpenBoardProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [filter, setFilter] = useState<Filter>("all");
  const away = useLiveStanding() === "waiting" || stale;
  const calls = shown(board.calls, filter);
  const many = counts(board.calls);
  const watched = useLastKnown(board.calls, callId);
  // This machine's clock may be wrong; everything counts by the server's.
  const skewS = useSkew(board.now);
  const go = (step: 1 | -1) => {
    const next = neighbour(calls, callId, step);
    if (next !== null) navigate(`/board/${encodeURIComponent(next)}`);
  };
  useKeys({
    arrowdown: () => go(1),
    arrowup: () => go(-1),
    escape: callId === null ? undefined : () => navigate("/board"),
  });
  return (
    <div className={callId === null ? "board" : "board board-watching"}>
      <header className="list-top board-top">
        <div>
          <h1>{t("board.title")}</h1>
          <p className="lead">{t("board.lead")}</p>
        </div>
        <fieldset className="segments">
          <legend className="visually-hidden">{t("board.filterBy")}</legend>
          {FILTERS.map((one) => (
            <label key={one}>
              <input type="radio" name="filter" checked={one === filter} onChange={() => setFilter(one)} />
              <span>
                {t(`board.filter.${one}`)} <b className="segments-count">{many[one]}</b>
              </span>
            </label>
          ))}
        </fieldset>
      </header>
      {away && (
        <p className="form-note board-away" role="status">
          {t("calls.stale")}
        </p>
      )}
      <div className="board-calls">
        {board.calls.length === 0 ? (
          <div className="card">
            <Message icon="phone" title={t("board.empty")} text={t("board.emptyHint")}>
              <Link href="/calls" className="button">
                {t("board.toCalls")}
              </Link>
            </Message>
          </div>
        ) : calls.length === 0 ? (
          <p className="loading">{t("board.noneInFilter")}</p>
        ) : (
          <CallTable calls={calls} queues={board.queues} chosen={callId} skewS={skewS} />
        )}
        {calls.length > 0 && <p className="hint board-keys">{t("board.keys")}</p>}
      </div>
      {callId !== null && (
        <WatchPanel
          key={callId}
          callId={callId}
          call={watched}
          isLive={board.calls.some((call) => call.call_id === callId)}
          board={board}
          skewS={skewS}
        />
      )}
      <div className="board-side">
        <Queues waiting={board.waiting} queues={board.queues} />
        <Advisors advisors={board.advisors} skewS={skewS} />
      </div>
    </div>
  );
}

/** The call as it was last on the board: when it ends, the page still says which one it was. */
function useLastKnown(calls: readonly LiveCall[], callId: string | null): LiveCall | null {
  const here = calls.find((call) => call.call_id === callId) ?? null;
  const [known, setKnown] = useState<LiveCall | null>(here);
  useEffect(() => {
    if (here) setKnown(here);
  }, [here]);
  return here ?? (known?.call_id === callId ? known : null);
}

function useSkew(serverNowS: number): number {
  const [skewS, setSkewS] = useState(() => serverNowS - Date.now() / 1000);
  useEffect(() => setSkewS(serverNowS - Date.now() / 1000), [serverNowS]);
  return skewS;
}
