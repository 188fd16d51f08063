/** The queues in the order in which they are tried, and how long a caller waits in each. */

import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { refusal } from "../../form/problem";
import { useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { clock, nameOf } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Message } from "../../ui/Message";
import { type Queue, teamApi } from "../api";

export function Queues() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => teamApi.queues(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.queues.loading")}>
      {(queues) =>
        queues.length === 0 ? (
          <Message icon="user" title={t("team.queues.none")} text={t("team.queues.noneHint")}>
            <Link href="/team/queues/new" className="button button-primary">
              {t("team.queues.add")}
            </Link>
          </Message>
        ) : (
          <QueueList queues={queues} again={fresh.again} />
        )
      }
    </Loaded>
  );
}

function QueueList({ queues, again }: { queues: Queue[]; again: () => void }) {
  const { t } = useTranslation();
  const saving = useSaving();
  const sorted = queues.toSorted((a, b) => a.position - b.position || a.id.localeCompare(b.id));
  const move = (from: number, to: number) => {
    const moved = sorted[from];
    if (!moved) return;
    const next = sorted.toSpliced(from, 1).toSpliced(to, 0, moved);
    void saving
      .save(async () => {
        for (const [position, queue] of next.entries()) {
          if (queue.position !== position) await teamApi.saveQueue({ ...queue, position });
        }
      })
      .then(again);
  };
  return (
    <>
      <div className="part-top">
        <p className="hint">{t("team.queues.lead")}</p>
        <Link href="/team/queues/new" className="button button-primary">
          {t("team.queues.add")}
        </Link>
      </div>
      {saving.problem && (
        <p className="form-note" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      <ol className="queue-list">
        {sorted.map((queue, index) => (
          <QueueItem
            key={queue.id}
            queue={queue}
            busy={saving.busy}
            up={index > 0 ? () => move(index, index - 1) : null}
            down={index < sorted.length - 1 ? () => move(index, index + 1) : null}
          />
        ))}
      </ol>
    </>
  );
}

interface QueueItemProps {
  queue: Queue;
  busy: boolean;
  up: (() => void) | null;
  down: (() => void) | null;
}

function QueueItem({ queue, busy, up, down }: QueueItemProps) {
  const { t, i18n } = useTranslation();
  const name = nameOf(queue.name, i18n.language, queue.id);
  const spoken = queue.languages.map((code) => (code === "ar" ? t("language.ar") : t("language.en")));
  return (
    <li className="card queue-item">
      <div className="queue-item-name">
        <h2>
          <Link href={`/team/queues/${encodeURIComponent(queue.id)}`}>
            <bdi>{name}</bdi>
          </Link>
        </h2>
        <p className="hint">
          {spoken.length > 0 ? spoken.join(t("desk.brief.and")) : t("team.queues.everyLanguage")}
          {queue.skills.length > 0 && (
            <>
              {" · "}
              <bdi>{queue.skills.join(", ")}</bdi>
            </>
          )}
        </p>
      </div>
      <dl className="queue-times">
        <div>
          <dt>{t("team.queues.rings")}</dt>
          <dd dir="ltr">{clock(queue.offer_s * 1000)}</dd>
        </div>
        <div>
          <dt>{t("team.queues.waits")}</dt>
          <dd dir="ltr">{clock(queue.max_wait_s * 1000)}</dd>
        </div>
        <div>
          <dt>{t("team.queues.wrapUp")}</dt>
          <dd dir="ltr">{clock(queue.wrap_up_s * 1000)}</dd>
        </div>
      </dl>
      <div className="queue-moves">
        <button
          type="button"
          className="button button-quiet button-round queue-up"
          aria-label={t("team.queues.up", { name })}
          disabled={busy || up === null}
          onClick={() => up?.()}
        >
          <Icon name="down" />
        </button>
        <button
          type="button"
          className="button button-quiet button-round"
          aria-label={t("team.queues.down", { name })}
          disabled={busy || down === null}
          onClick={() => down?.()}
        >
          <Icon name="down" />
        </button>
      </div>
    </li>
  );
}
