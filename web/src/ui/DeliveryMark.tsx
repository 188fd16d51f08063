/** How far one message has come, as a mark and in words. */

import { useTranslation } from "react-i18next";
import { type Delivery, MARKS, reasonOf, shownAs } from "./delivery";

export function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const shown = shownAs(delivery.state);
  const reason = reasonOf(delivery);
  return (
    <span className={`delivery delivery-${shown}`}>
      <span aria-hidden="true" dir="ltr">
        {MARKS[shown]}
      </span>{" "}
      {t(`thread.delivery.${shown}`)}
      {reason && `: ${t(`thread.reason.${reason}`)}`}
    </span>
  );
}
