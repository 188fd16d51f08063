/** What a server says it has, in its own words: read by an administrator, and offered one by one. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnTool } from "../api";
import type { Listed } from "./api";
import { OfferForm } from "./OfferForm";
import { approvingOf, newOffer, offerOf } from "./offer";

interface ListedProps {
  server: string;
  tools: Listed[];
  own: OwnTool[];
  offered: () => void;
}

export function ListedTools({ server, tools, own, offered }: ListedProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <>
      <p className="hint">{t("agent.servers.theirWords")}</p>
      <ul className="passages">
        {tools.map((tool) => {
          const ours = own.find((each) => each.remote === tool.remote);
          return (
            <li key={tool.remote} className="passage">
              <h4>
                <bdi dir="ltr">{tool.title ? `${tool.title} · ${tool.remote}` : tool.remote}</bdi>
              </h4>
              <p>
                <bdi dir="auto">{tool.about}</bdi>
              </p>
              <p className="hint document-facts">
                <span>{t(tool.only_reads ? "agent.servers.saysReads" : "agent.servers.saysWrites")}</span>
                {tool.idempotent && <span>{t("agent.servers.saysIdempotent")}</span>}
                {tool.offered_as.length > 0 && (
                  <span>
                    {t("agent.servers.offeredAs")} <bdi dir="ltr">{tool.offered_as.join(", ")}</bdi>
                  </span>
                )}
              </p>
              {tool.unfit !== null && (
                <>
                  <p className="field-error">{t("agent.servers.unfit")}</p>
                  <p className="hint" dir="ltr">
                    {tool.unfit}
                  </p>
                </>
              )}
              {tool.unfit === null && open !== tool.remote && (
                <button type="button" className="button" onClick={() => setOpen(tool.remote)}>
                  {t("agent.servers.offer")}
                  <span className="visually-hidden"> {tool.remote}</span>
                </button>
              )}
              {open === tool.remote && (
                <>
                  <details>
                    <summary>{t("agent.servers.schemas")}</summary>
                    <pre dir="ltr" className="tool-output">
                      {JSON.stringify({ input: tool.input, output: tool.output }, null, 2)}
                    </pre>
                  </details>
                  <OfferForm
                    server={server}
                    approving={approvingOf(tool)}
                    begin={ours ? offerOf(ours) : newOffer(tool)}
                    named={ours !== undefined}
                    saved={() => {
                      setOpen(null);
                      offered();
                    }}
                    cancel={() => setOpen(null)}
                  />
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
