/** Where one stands, truthfully, and the switch between ready and away. */

import { useTranslation } from "react-i18next";
import { clock } from "../ui/format";
import type { Choice, Desk, PresenceState } from "./api";
import { type DeskState, deskSession } from "./session";
import { useServerNow } from "./useDesk";

const CHOICES: readonly Choice[] = ["ready", "away"];
/** While a call is at hand the choice is for afterwards. */
const AT_A_CALL: readonly PresenceState[] = ["ringing", "busy", "wrap_up"];

export function PresenceBar({ state, desk }: { state: DeskState; desk: Desk }) {
  const { t } = useTranslation();
  const nowS = useServerNow(1000);
  const { presence } = desk;
  const later = AT_A_CALL.includes(presence.state);
  const chosen = state.choosing ?? (later ? (presence.next_state ?? "ready") : presence.state);
  const why = presence.state === "away" && presence.away;
  return (
    <header className="presence">
      <div className="presence-now">
        <h1 className={`presence-state presence-${presence.state}`} role="status">
          {t(`desk.presence.state.${presence.state}`)}
        </h1>
        {presence.state !== "offline" && (
          <p className="hint">
            <span aria-hidden="true">
              {t("desk.presence.since", { time: clock((nowS - presence.since) * 1000) })}
            </span>
          </p>
        )}
        {(why === "missed" || why === "returned") && (
          <p className="presence-why">{t(`desk.presence.${why}`)}</p>
        )}
      </div>
      <fieldset className="presence-switch" disabled={state.choosing !== null}>
        <legend className={later ? "hint" : "visually-hidden"}>
          {later ? t("desk.presence.after") : t("desk.presence.choose")}
        </legend>
        {CHOICES.map((choice) => (
          <label key={choice} className={`presence-choice presence-choice-${choice}`}>
            <input
              type="radio"
              name="presence"
              value={choice}
              checked={chosen === choice}
              onChange={() => void deskSession.choose(choice)}
            />
            <span>{t(`desk.presence.${choice}`)}</span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}
