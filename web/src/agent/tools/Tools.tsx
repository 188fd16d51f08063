/** What the agent can do in a call: what comes with it, and what this company added. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Agent } from "../Agent";
import { type BuiltIn, type OwnTool, toolsApi } from "./api";
import { Orders } from "./orders/Orders";
import { Servers } from "./servers/Servers";
import { ToolCard } from "./ToolCard";
import { ToolForm } from "./ToolForm";

export function Tools() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => toolsApi.all(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Agent>
      <Loaded fresh={fresh} loading={t("agent.tools.loading")}>
        {({ built_in, own }) => (
          <div className="part-columns">
            <div className="part-stack">
              <Own tools={own} again={fresh.again} />
              <Servers own={own} offered={fresh.again} />
              <Orders />
            </div>
            <BuiltIns tools={built_in} />
          </div>
        )}
      </Loaded>
    </Agent>
  );
}

function Own({ tools, again }: { tools: OwnTool[]; again: () => void }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  return (
    <section className="part-stack" aria-labelledby="own-tools">
      <div className="part-top">
        <div>
          <h2 id="own-tools">{t("agent.tools.own")}</h2>
          <p className="hint">{t("agent.tools.ownLead")}</p>
        </div>
        {!adding && (
          <button type="button" className="button button-primary" onClick={() => setAdding(true)}>
            {t("agent.tools.add")}
          </button>
        )}
      </div>
      {adding && (
        <div className="card connection">
          <ToolForm
            tool={null}
            saved={() => {
              setAdding(false);
              again();
            }}
            cancel={() => setAdding(false)}
          />
        </div>
      )}
      {tools.length === 0 && !adding && <p className="hint">{t("agent.tools.none")}</p>}
      {tools.length > 0 && (
        <ul className="documents">
          {tools.map((tool) => (
            <ToolCard key={tool.name} tool={tool} again={again} />
          ))}
        </ul>
      )}
    </section>
  );
}

const TOLD = [
  "search_kb",
  "get_order_status",
  "customer_history",
  "create_ticket",
  "update_ticket",
  "book_visit",
  "schedule_callback",
  "cancel",
  "send_sms",
  "escalate_to_human",
] as const;

function BuiltIns({ tools }: { tools: BuiltIn[] }) {
  const { t } = useTranslation();
  return (
    <section className="card built-in">
      <h2>{t("agent.tools.builtIn")}</h2>
      <ul className="passages">
        {tools.map((tool) => {
          const known = TOLD.find((name) => name === tool.name);
          return (
            <li key={tool.name} className="passage">
              <h3>{known ? t(`agent.tools.told.${known}.name`) : <bdi>{tool.name}</bdi>}</h3>
              <p>{known ? t(`agent.tools.told.${known}.about`) : <bdi>{tool.about}</bdi>}</p>
              <p className="hint document-facts">
                <span>{t(`agent.tools.effect.${tool.effect}`)}</span>
                <span>{t(`agent.tools.assurance.${tool.assurance}`)}</span>
                {tool.limit !== null && <span>{t("agent.tools.limit", { limit: tool.limit })}</span>}
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
