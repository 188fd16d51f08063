/** How long the call lasts so far, and how well the line answers. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallSession } from "../call/session";
import { clock } from "../ui/format";

/** Round trips on one continent stay under 150 ms; over 400 ms people start to talk over one another. */
const GOOD_MS = 150;
const FAIR_MS = 400;

interface CallTimerProps {
  startedAtMs: number;
  session: CallSession;
  live: boolean;
}

export function CallTimer({ startedAtMs, session, live }: CallTimerProps) {
  const { t } = useTranslation();
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  const roundTripMs = live ? session.roundTripMs() : null;
  const quality =
    roundTripMs === null ? null : roundTripMs < GOOD_MS ? "good" : roundTripMs < FAIR_MS ? "fair" : "poor";
  return (
    <p className="call-timer">
      <span role="timer" aria-label={t("call.duration")} dir="ltr">
        {clock(nowMs - startedAtMs)}
      </span>
      {quality && (
        <span
          className={`quality quality-${quality}`}
          role="img"
          dir="ltr"
          aria-label={t(`call.quality.${quality}`)}
          title={t(`call.quality.${quality}`)}
        >
          <i />
          <i />
          <i />
        </span>
      )}
    </p>
  );
}
