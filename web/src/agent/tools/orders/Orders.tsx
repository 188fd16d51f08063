/** Orders for companies whose orders are in no system that the agent can ask: brought in as a list. */

import { type ChangeEvent, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSaving } from "../../../form/useSaving";
import { Loaded } from "../../../staff/Loaded";
import { useFresh } from "../../../staff/useFresh";
import { nameOf } from "../../../ui/format";
import { toolRefusal } from "../parts";
import { type KnownOrder, type Orders as Listed, ordersApi } from "./api";
import { COLUMNS, type ListFault, readList } from "./list";

export function Orders() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => ordersApi.listed(signal), []);
  const fresh = useFresh(read, null);
  return (
    <section className="part-stack" aria-labelledby="orders-kept">
      <h2 id="orders-kept">{t("agent.orders.title")}</h2>
      <p className="hint">{t("agent.orders.lead")}</p>
      <Bring again={fresh.again} />
      <Loaded fresh={fresh} loading={t("agent.orders.loading")}>
        {(listed) => <Kept listed={listed} again={fresh.again} />}
      </Loaded>
    </section>
  );
}

function Bring({ again }: { again: () => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<ListFault | null>(null);
  const [brought, setBrought] = useState<number | null>(null);
  const saving = useSaving();
  const chosen = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (!file) return;
    const list = readList(await file.text());
    setBrought(null);
    setFault("fault" in list ? list.fault : null);
    if ("fault" in list) return;
    const done = await saving.save(() => ordersApi.bring(list.rows));
    if (done) setBrought(list.rows.length);
    again();
  };
  return (
    <>
      <div className="field">
        <label htmlFor="orders-file">{t("agent.orders.bring")}</label>
        <input id="orders-file" type="file" accept=".csv,text/csv" disabled={saving.busy} onChange={chosen} />
        <small>
          {t("agent.orders.columns")} <bdi dir="ltr">{COLUMNS.join(", ")}</bdi>
        </small>
      </div>
      <div role="status" className="connection-answer">
        {fault && (
          <p className="field-error">
            {t(`agent.orders.fault.${fault.code}`, { line: "line" in fault ? fault.line : 0 })}
          </p>
        )}
        {saving.problem && <p className="field-error">{toolRefusal(t, saving.problem)}</p>}
        {brought !== null && (
          <p className="connection-works">{t("agent.orders.brought", { number: brought })}</p>
        )}
      </div>
    </>
  );
}

function Kept({ listed, again }: { listed: Listed; again: () => void }) {
  const { t } = useTranslation();
  const saving = useSaving();
  const remove = (order: KnownOrder) => void saving.save(() => ordersApi.remove(order.number)).then(again);
  if (listed.count === 0) return <p className="hint">{t("agent.orders.none")}</p>;
  return (
    <>
      <p className="hint">{t("agent.orders.kept", { number: listed.count, shown: listed.orders.length })}</p>
      <ul className="passages orders-kept">
        {listed.orders.map((order) => (
          <OrderLine key={order.number} order={order} busy={saving.busy} remove={() => remove(order)} />
        ))}
      </ul>
    </>
  );
}

function OrderLine({ order, busy, remove }: { order: KnownOrder; busy: boolean; remove: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li className="passage">
      <div className="document-top">
        <h3>
          <bdi dir="ltr">{order.number}</bdi>
        </h3>
        <button type="button" className="button button-quiet" disabled={busy} onClick={remove}>
          {t("agent.connections.remove")}
          <span className="visually-hidden"> {order.number}</span>
        </button>
      </div>
      <p dir="auto">{nameOf(order.status, i18n.language, "")}</p>
      <p className="hint">
        {order.phone_ends ? t("agent.orders.phone", { digits: order.phone_ends }) : t("agent.orders.noPhone")}
      </p>
    </li>
  );
}
