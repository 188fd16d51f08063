/** Between two calls: whether one rings here, said so that it can be read from across the room. */

import { useTranslation } from "react-i18next";
import type { Desk } from "./api";
import { areBlocked } from "./offer/alert";

export function Idle({ desk }: { desk: Desk }) {
  const { t } = useTranslation();
  const ready = desk.presence.state === "ready" || desk.presence.state === "ringing";
  return (
    <section className={ready ? "card idle idle-ready" : "card idle"}>
      <span className="idle-mark" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <div>
        <h2>{ready ? t("desk.idle.ready") : t("desk.idle.away")}</h2>
        <p className="lead">{ready ? t("desk.idle.readyHint") : t("desk.idle.awayHint")}</p>
        {ready && areBlocked() && <p className="hint">{t("desk.notificationsBlocked")}</p>}
      </div>
    </section>
  );
}
