/** Why the last thing that was asked for was not done. */

import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import { type DeskState, deskSession } from "./session";

const CODES = [
  "offer_gone",
  "not_yours",
  "handoff_over",
  "form_closed",
  "not_due",
  "claimed",
  "callback_over",
  "decided",
  "tab_replaced",
  "invalid",
  "unreachable",
  "unavailable",
] as const;

export function Refusal({ state }: { state: DeskState }) {
  const { t } = useTranslation();
  if (state.refused === null) return null;
  const known = CODES.find((one) => one === state.refused) ?? "unknown";
  return (
    <p className="desk-refusal" role="alert">
      <Icon name="warning" />
      <span>{t(`desk.refused.${known}`)}</span>
      <button
        type="button"
        className="button button-quiet button-round"
        onClick={() => deskSession.forgive()}
        aria-label={t("desk.refused.dismiss")}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
