/** A call that rings at this advisor: what it is about, how long it still rings, and two answers. */

import { type CSSProperties, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { Desk, Handoff } from "../api";
import { type Doing, deskSession } from "../session";
import { useKeys, useServerNow, WRITING } from "../useDesk";
import { secondsLeft } from "../view";
import { BriefView } from "./BriefView";

interface OfferProps {
  offer: Handoff;
  desk: Desk;
  doing: Doing | null;
}

export function Offer({ offer, desk, doing }: OfferProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const accept = () => void deskSession.accept(offer);
  const decline = () => void deskSession.decline(offer);

  // Screen readers begin here, and Enter is no longer that of whatever was pressed last.
  useEffect(() => {
    if (!document.activeElement?.closest(WRITING)) heading.current?.focus();
  }, []);
  useKeys({ enter: accept, escape: decline });

  return (
    <section className="card offer" aria-labelledby="offer-title">
      <header className="offer-top">
        <Countdown untilS={offer.offered_until ?? 0} />
        <h2 id="offer-title" ref={heading} tabIndex={-1}>
          {t("desk.ring.title")}
        </h2>
        <div className="offer-answers">
          <button
            type="button"
            className="button button-primary offer-accept"
            onClick={accept}
            aria-keyshortcuts="Enter"
            disabled={doing !== null}
          >
            <Icon name="phone" />
            {t("desk.ring.accept")}
            <span className="key-hint" aria-hidden="true">
              Enter
            </span>
          </button>
          <button
            type="button"
            className="button"
            onClick={decline}
            aria-keyshortcuts="Escape"
            disabled={doing !== null}
          >
            {t("desk.ring.decline")}
            <span className="key-hint" aria-hidden="true">
              Esc
            </span>
          </button>
        </div>
      </header>
      <BriefView handoff={offer} queues={desk.queues} />
    </section>
  );
}

function Countdown({ untilS }: { untilS: number }) {
  const { t } = useTranslation();
  const nowS = useServerNow(250);
  const whole = useRef(Math.max(1, untilS - nowS));
  const left = secondsLeft(untilS, nowS);
  const share = Math.max(0, Math.min(1, (untilS - nowS) / whole.current));
  return (
    <div
      className="countdown-ring"
      role="timer"
      aria-label={t("desk.ring.left", { seconds: left })}
      style={{ "--left": share } as CSSProperties}
    >
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="21" pathLength="1" className="countdown-track" />
        <circle cx="24" cy="24" r="21" pathLength="1" className="countdown-left" />
      </svg>
      <span aria-hidden="true">{left}</span>
    </div>
  );
}
