/** What was done for the caller in other systems. */

import { useTranslation } from "react-i18next";
import { plainly } from "../../desk/view";
import { wordFor } from "../../desk/words";
import { DeliveryMark } from "../../ui/DeliveryMark";
import { reasonOf } from "../../ui/delivery";
import { moment } from "../../ui/format";
import type { ActionTold } from "../api";

const TONES = {
  done: "good",
  running: "live",
  waiting_approval: "warm",
  rejected: "bad",
  unknown: "bad",
} as const;

const isState = (state: string): state is keyof typeof TONES => state in TONES;

/** Nothing at all for a call in which nothing was done. */
export function Actions({ actions }: { actions: readonly ActionTold[] }) {
  const { t } = useTranslation();
  if (actions.length === 0) return null;
  return (
    <section className="card" aria-labelledby="actions-title">
      <h2 id="actions-title">{t("story.actions")}</h2>
      <ol className="told">
        {actions.map((action) => (
          <Item key={action.key} action={action} />
        ))}
      </ol>
    </section>
  );
}

function Item({ action }: { action: ActionTold }) {
  const { t, i18n } = useTranslation();
  const slots = Object.entries(action.slots).filter(([name]) => name !== "topic");
  const known = reasonOf(action);
  return (
    <li>
      <p className="told-top">
        <strong>{wordFor(t, i18n, "task", action.action)}</strong>
        {isState(action.state) ? (
          <span className={`badge badge-${TONES[action.state]}`}>{t(`story.state.${action.state}`)}</span>
        ) : (
          <span className="badge">{plainly(action.state)}</span>
        )}
      </p>
      <p className="hint">
        {moment(action.started_at, Date.now(), i18n.language)}
        {action.reference && !action.delivery && (
          <>
            {" · "}
            {t("story.reference")} <bdi>{action.reference}</bdi>
          </>
        )}
        {action.reason && !action.delivery?.reason && (
          <>
            {" · "}
            <bdi>{known ? t(`thread.reason.${known}`) : wordFor(t, i18n, "why", action.reason)}</bdi>
          </>
        )}
      </p>
      {action.ticket_state && action.ticket_changed_at !== null && (
        <p className="hint">
          {t("story.ticketNow")} <strong>{wordFor(t, i18n, "ticketState", action.ticket_state)}</strong>
          {" · "}
          {moment(action.ticket_changed_at, Date.now(), i18n.language)}
        </p>
      )}
      {action.delivery && <DeliveryMark delivery={action.delivery} />}
      {slots.length > 0 && (
        <dl className="facts told-slots">
          {slots.map(([name, value]) => (
            <div key={name}>
              <dt>{wordFor(t, i18n, "slot", name)}</dt>
              <dd>
                <bdi>{name === "workflow" ? wordFor(t, i18n, "disposition", value) : value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
