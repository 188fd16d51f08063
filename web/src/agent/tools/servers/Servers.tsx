/** The company's MCP servers: registered, tested, and each of their tools approved by somebody who has read it. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../../staff/Loaded";
import { useFresh } from "../../../staff/useFresh";
import type { OwnTool } from "../api";
import { serversApi } from "./api";
import { ServerCard } from "./ServerCard";
import { ServerForm } from "./ServerForm";

interface ServersProps {
  own: OwnTool[];
  /** A tool was approved or switched off, or a server went with its tools. */
  offered: () => void;
}

export function Servers({ own, offered }: ServersProps) {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => serversApi.all(signal), []);
  const fresh = useFresh(read, null);
  const [adding, setAdding] = useState(false);
  const again = () => {
    setAdding(false);
    fresh.again();
    offered();
  };
  return (
    <section className="part-stack" aria-labelledby="tool-servers">
      <div className="part-top">
        <div>
          <h2 id="tool-servers">{t("agent.servers.title")}</h2>
          <p className="hint">{t("agent.servers.lead")}</p>
        </div>
        {!adding && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {t("agent.servers.add")}
          </button>
        )}
      </div>
      {adding && (
        <div className="card connection">
          <ServerForm server={null} saved={again} cancel={() => setAdding(false)} />
        </div>
      )}
      <Loaded fresh={fresh} loading={t("agent.servers.loading")}>
        {(servers) => (
          <>
            {servers.length === 0 && !adding && <p className="hint">{t("agent.servers.none")}</p>}
            {servers.length > 0 && (
              <ul className="documents">
                {servers.map((server) => (
                  <ServerCard
                    key={server.name}
                    server={server}
                    own={own.filter((tool) => tool.server === server.name)}
                    again={again}
                    offered={offered}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
