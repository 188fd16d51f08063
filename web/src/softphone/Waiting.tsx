/** On hold: the place in the queue, and what the caller may choose instead of waiting. */

import { useTranslation } from "react-i18next";
import type { CallState } from "../call/machine";
import { Icon } from "../ui/Icon";

/** The keys that say the same on a phone. */
const CALL_BACK = "1";
const BACK_TO_AGENT = "2";

export function Waiting({ state, press }: { state: CallState; press: (digit: string) => void }) {
  const { t } = useTranslation();
  const { position, waitS, choose, callbacks, number } = state.with;
  const minutes = waitS === null ? null : Math.max(1, Math.round(waitS / 60));
  if (number)
    return (
      <div className="waiting" role="status">
        <p className="waiting-place">{t("waiting.whichNumber")}</p>
        <p className="hint">{t("waiting.typeNumber")}</p>
      </div>
    );
  return (
    <div className="waiting" role="status">
      <p className="waiting-place">
        {choose ? t("waiting.nobody") : position === 1 ? t("waiting.next") : place()}
      </p>
      {!choose && minutes !== null && <p className="hint">{t("waiting.minutes", { minutes })}</p>}
      <div className="waiting-choices">
        {callbacks && (
          <button type="button" className="button" onClick={() => press(CALL_BACK)}>
            <Icon name="phone" />
            {t("waiting.callBack")}
          </button>
        )}
        <button type="button" className="button button-quiet" onClick={() => press(BACK_TO_AGENT)}>
          {t("waiting.agent")}
        </button>
      </div>
    </div>
  );

  function place(): string {
    return position === null ? t("waiting.looking") : t("waiting.place", { position });
  }
}
