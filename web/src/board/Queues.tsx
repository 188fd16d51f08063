/** Who waits for a person, by queue. */

import { useTranslation } from "react-i18next";
import type { Queue } from "../desk/api";
import { queueName } from "../desk/words";
import { clock } from "../ui/format";
import type { Board } from "./api";

interface QueuesProps {
  waiting: Board["waiting"];
  queues: readonly Queue[];
}

export function Queues({ waiting, queues }: QueuesProps) {
  const { t, i18n } = useTranslation();
  return (
    <section className="card" aria-labelledby="board-waiting">
      <h2 id="board-waiting">{t("desk.waiting.title")}</h2>
      {waiting.length === 0 && <p className="hint">{t("desk.waiting.none")}</p>}
      <ul className="queues">
        {waiting.map(({ queue, count, longest_s }) => (
          <li key={queue}>
            <strong className="queues-count">{count}</strong>
            <bdi>{queueName(queues, queue, i18n.language)}</bdi>
            <span className="hint">{t("desk.waiting.longest", { time: clock(longest_s * 1000) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
