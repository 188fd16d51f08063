/** How the call was given to people: why, how long the caller waited, to whom it rang, and what came of it. */

import type { i18n as I18n, TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { plainly } from "../../desk/view";
import { wordFor } from "../../desk/words";
import { clock, nameOf } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { HandoffTold, OfferTold } from "../api";
import { PHONE, waitedS } from "./story";

const TONES: Record<string, string> = {
  finished: "good",
  given_back: "good",
  callback_promised: "warm",
  closed: "warm",
  no_advisor: "warm",
  refused: "bad",
};

interface HandoffsProps {
  handoffs: readonly HandoffTold[];
  /** When the call began: what happened is told by the call's own clock. */
  startedAt: number;
}

/** Nothing at all for a call that stayed with the agent. */
export function Handoffs({ handoffs, startedAt }: HandoffsProps) {
  const { t } = useTranslation();
  if (handoffs.length === 0) return null;
  return (
    <section className="card" aria-labelledby="handoffs-title">
      <h2 id="handoffs-title">{t("story.handoffs")}</h2>
      <ol className="told">
        {handoffs.map((handoff) => (
          <Item key={handoff.handoff_id} handoff={handoff} startedAt={startedAt} />
        ))}
      </ol>
    </section>
  );
}

function Item({ handoff, startedAt }: { handoff: HandoffTold; startedAt: number }) {
  const { t, i18n } = useTranslation();
  const waited = waitedS(handoff);
  const { result } = handoff;
  return (
    <li>
      <p className="told-top">
        <time className="turn-time" dir="ltr">
          {clock((handoff.created_at - startedAt) * 1000)}
        </time>
        <strong>{wordFor(t, i18n, "reason", handoff.reason)}</strong>
        {handoff.urgent && (
          <span className="badge badge-bad">
            <Icon name="warning" />
            {t("desk.brief.urgent")}
          </span>
        )}
        <span className={`badge badge-${result === null ? "live" : (TONES[result] ?? "plain")}`}>
          {result === null ? t("story.goesOn") : resultWord(t, i18n, result)}
        </span>
      </p>
      <p className="hint">
        <bdi>{nameOf(handoff.queue.name, i18n.language, plainly(handoff.queue.id))}</bdi>
        {waited !== null && <> · {t("story.waited", { time: clock(waited * 1000) })}</>}
      </p>
      {handoff.offers.length === 0 && handoff.ended_at !== null && (
        <p className="hint">{t("story.offeredNobody")}</p>
      )}
      <ul className="told-offers">
        {handoff.offers.map((offer) => (
          <Offer key={offer.number} offer={offer} />
        ))}
      </ul>
    </li>
  );
}

function Offer({ offer }: { offer: OfferTold }) {
  const { t, i18n } = useTranslation();
  const talkedS =
    offer.left_at !== null && offer.answered_at !== null ? offer.left_at - offer.answered_at : null;
  return (
    <li>
      <span className="told-who">
        <Icon name="headset" />
        <bdi>
          {offer.advisor.id === PHONE ? t("story.phone") : (offer.advisor.name ?? t("transcript.advisor"))}
        </bdi>
      </span>
      <span className="hint">
        {wordFor(t, i18n, "result", offer.left ?? offer.result)}
        {talkedS !== null && (
          <>
            {" · "}
            <span dir="ltr">{clock(talkedS * 1000)}</span>
          </>
        )}
      </span>
      {offer.disposition && <span className="tag">{wordFor(t, i18n, "disposition", offer.disposition)}</span>}
      {offer.notes && (
        <q className="told-notes" dir="auto">
          {offer.notes}
        </q>
      )}
    </li>
  );
}

function resultWord(t: TFunction, i18n: I18n, result: string): string {
  const key = `story.result.${result}`;
  return /^[a-z_]+$/.test(result) && i18n.exists(key) ? (t as (key: string) => string)(key) : plainly(result);
}
