/** Who waits, by queue. */

import { useTranslation } from "react-i18next";
import { clock } from "../ui/format";
import type { Desk } from "./api";
import { queueName } from "./words";

export function WaitingCallers({ desk }: { desk: Desk }) {
  const { t, i18n } = useTranslation();
  return (
    <section className="card" aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t("desk.waiting.title")}</h2>
      {desk.waiting.length === 0 && <p className="hint">{t("desk.waiting.none")}</p>}
      <ul className="queues">
        {desk.waiting.map(({ queue, count, longest_s }) => (
          <li key={queue}>
            <strong className="queues-count">{count}</strong>
            <span dir="auto">{queueName(desk.queues, queue, i18n.language)}</span>
            <span className="hint">{t("desk.waiting.longest", { time: clock(longest_s * 1000) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
