/** One MCP server: what it answers at this moment, and which of its tools callers get. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Switch } from "../../../form/Fields";
import { useSaving } from "../../../form/useSaving";
import { Act } from "../../Act";
import { Removal } from "../../Removal";
import type { OwnTool } from "../api";
import { Asked, Refused } from "../parts";
import { type ServerTried, serversApi, type ToolServer } from "./api";
import { ListedTools } from "./ListedTools";
import { ServerForm } from "./ServerForm";

interface CardProps {
  server: ToolServer;
  /** What of it is offered. */
  own: OwnTool[];
  again: () => void;
  offered: () => void;
}

export function ServerCard({ server, own, again, offered }: CardProps) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const [tried, setTried] = useState<ServerTried | null>(null);
  const saving = useSaving();
  const asking = useSaving();
  const test = () =>
    void asking
      .save(async () => {
        setTried(null);
        setTried(await serversApi.test(server.name));
      })
      .then(offered);
  const enable = (enabled: boolean) => {
    const { url, timeout_ms } = server;
    void saving
      .save(async () => void (await serversApi.save(server.name, { url, timeout_ms, enabled })))
      .then(again);
  };
  return (
    <li className="card connection">
      <div className="document-top">
        <h3>
          <bdi dir="ltr">{server.name}</bdi>
        </h3>
        <span className={server.enabled ? "badge document-ready" : "badge"}>
          {t(server.enabled ? "agent.tools.on" : "agent.tools.off")}
        </span>
      </div>
      <p className="hint document-facts">
        <bdi dir="ltr">{server.url}</bdi>
      </p>
      <Refused problem={saving.problem} />
      {changing ? (
        <ServerForm
          server={server}
          saved={() => {
            setChanging(false);
            again();
          }}
          cancel={() => setChanging(false)}
        />
      ) : (
        <div className="document-acts">
          <Act of={server.name} press={test} disabled={asking.busy}>
            {t("agent.servers.look")}
          </Act>
          <Act of={server.name} press={() => setChanging(true)}>
            {t("agent.connections.change")}
          </Act>
          <Removal
            name={server.name}
            title={t("agent.tools.removeTitle", { name: server.name })}
            warning={t("agent.servers.removeWarning")}
            remove={() => serversApi.remove(server.name)}
            removed={again}
          />
        </div>
      )}
      <Asked
        problem={asking.problem}
        trouble={
          tried?.works === false
            ? { sentence: t(`agent.servers.trouble.${tried.trouble.code}`), text: tried.trouble.text }
            : null
        }
      >
        {asking.busy && <p className="hint">{t("agent.connections.asking", { name: server.name })}</p>}
        {tried?.works === true && (
          <p className="connection-works">
            {t("agent.servers.works")} <bdi dir="ltr">{`${tried.product} · ${tried.protocol}`}</bdi>
          </p>
        )}
      </Asked>
      {tried?.works === true && (
        <ListedTools server={server.name} tools={tried.tools} own={own} offered={test} />
      )}
      <Switch
        label={t("agent.connections.enabled", { name: server.name })}
        on={server.enabled}
        change={enable}
      />
    </li>
  );
}
