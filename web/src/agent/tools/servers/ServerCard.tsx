/** One MCP server: what it answers at this moment, and which of its tools callers get. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "../../../form/Dialog";
import { Switch } from "../../../form/Fields";
import { useSaving } from "../../../form/useSaving";
import type { OwnTool } from "../api";
import { toolRefusal } from "../ToolForm";
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
  const [leaving, setLeaving] = useState(false);
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
  const remove = () =>
    void saving
      .save(() => serversApi.remove(server.name))
      .then(() => {
        setLeaving(false);
        again();
      });
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
      {saving.problem && (
        <p className="field-error" role="alert">
          {toolRefusal(t, saving.problem)}
        </p>
      )}
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
          <button type="button" className="button" onClick={test} disabled={asking.busy}>
            {t("agent.servers.look")}
            <span className="visually-hidden"> {server.name}</span>
          </button>
          <button type="button" className="button" onClick={() => setChanging(true)}>
            {t("agent.connections.change")}
            <span className="visually-hidden"> {server.name}</span>
          </button>
          <button type="button" className="button button-quiet" onClick={() => setLeaving(true)}>
            {t("agent.connections.remove")}
            <span className="visually-hidden"> {server.name}</span>
          </button>
        </div>
      )}
      <div role="status" className="connection-answer">
        {asking.busy && <p className="hint">{t("agent.connections.asking", { name: server.name })}</p>}
        {asking.problem && <p className="field-error">{toolRefusal(t, asking.problem)}</p>}
        {tried?.works === false && (
          <>
            <p className="field-error">{t(`agent.servers.trouble.${tried.trouble.code}`)}</p>
            <p className="hint" dir="ltr">
              {tried.trouble.text}
            </p>
          </>
        )}
        {tried?.works === true && (
          <p className="connection-works">
            {t("agent.servers.works")} <bdi dir="ltr">{`${tried.product} · ${tried.protocol}`}</bdi>
          </p>
        )}
      </div>
      {tried?.works === true && (
        <ListedTools server={server.name} tools={tried.tools} own={own} offered={test} />
      )}
      <Switch
        label={t("agent.connections.enabled", { name: server.name })}
        on={server.enabled}
        change={enable}
      />
      <Confirm
        open={leaving}
        title={t("agent.tools.removeTitle", { name: server.name })}
        text={t("agent.servers.removeWarning")}
        act={t("agent.connections.remove")}
        danger
        busy={saving.busy}
        confirm={remove}
        cancel={() => setLeaving(false)}
      />
    </li>
  );
}
