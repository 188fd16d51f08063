/** Small marks for a call's outcome and rating. */

import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import type { CallRow } from "./api";

const TONES = {
  agent_said_goodbye: "good",
  caller_hung_up: "good",
  handed_off: "good",
  caller_silent: "plain",
  ended_by_operator: "plain",
  busy: "warm",
  not_reached: "warm",
  lost: "bad",
} as const;
const STATES = ["connecting", "talking", "held", "bridged", "adrift"] as const;

const isOutcome = (value: string | null): value is keyof typeof TONES => value !== null && value in TONES;

/** The outcome of an ended call, the state of a living one. */
export function OutcomeBadge({ call }: { call: Pick<CallRow, "state" | "outcome"> }) {
  const { t } = useTranslation();
  const living = STATES.find((state) => state === call.state);
  if (living) return <span className="badge badge-live">{t(`state.${living}`)}</span>;
  if (!isOutcome(call.outcome)) return <span className="badge">{t("state.ended")}</span>;
  return <span className={`badge badge-${TONES[call.outcome]}`}>{t(`outcome.${call.outcome}`)}</span>;
}

export function Stars({ stars }: { stars: number | null }) {
  const { t } = useTranslation();
  if (!stars) return <>{t("calls.none")}</>;
  return (
    <span className="stars-shown" role="img" aria-label={t("calls.stars", { stars })}>
      {[1, 2, 3, 4, 5].map((value) => (
        <span key={value} className={value <= stars ? "star-lit" : "star-dim"}>
          <Icon name="star" filled={value <= stars} />
        </span>
      ))}
    </span>
  );
}

/** Nothing for a call: that is what is expected here. */
export function WrittenTag({ channel }: { channel: string }) {
  const { t } = useTranslation();
  if (channel !== "sms" && channel !== "whatsapp") return null;
  return <span className="tag">{t(`channel.${channel}`)}</span>;
}
