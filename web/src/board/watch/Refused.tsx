/** Why the last thing that was asked for was not done. */

import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { WatchState } from "./watch";

const CODES = [
  "call_ended",
  "not_found",
  "no_desk",
  "not_in_call",
  "busy",
  "unknown_queue",
  "bad_guidance",
  "forbidden",
  "unreachable",
  "unavailable",
] as const;

export function Refused({ state, forgive }: { state: WatchState; forgive: () => void }) {
  const { t } = useTranslation();
  if (state.refused === null) return null;
  const { code } = state.refused;
  const known = CODES.find((one) => one === code) ?? "unknown";
  return (
    <p className="desk-refusal" role="alert">
      <Icon name="warning" />
      <span>{t(`board.refused.${known}`)}</span>
      <button
        type="button"
        className="button button-quiet button-round"
        onClick={forgive}
        aria-label={t("desk.refused.dismiss")}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
