/** One tool of the company's own: asked for a try, switched, changed, removed. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Switch, TextField } from "../../form/Fields";
import { useSaving } from "../../form/useSaving";
import { nameOf } from "../../ui/format";
import { Act } from "../Act";
import { Removal } from "../Removal";
import { type OwnTool, type ToolTried, toolsApi } from "./api";
import { changeOf, draftOf, objectIn } from "./draft";
import { Asked, Refused } from "./parts";
import { serversApi } from "./servers/api";
import { OfferForm } from "./servers/OfferForm";
import { changeOf as offering, offerOf, standingOf } from "./servers/offer";
import { ToolForm } from "./ToolForm";

export function ToolCard({ tool, again }: { tool: OwnTool; again: () => void }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState<"form" | "test" | null>(null);
  const saving = useSaving();
  const enable = (enabled: boolean) =>
    void saving
      .save(async () => {
        if (tool.server === null) await toolsApi.save(tool.name, { ...changeOf(draftOf(tool)), enabled });
        else
          await serversApi.offer(tool.server, tool.name, offering(offerOf(tool), standingOf(tool), enabled));
      })
      .then(again);
  const finish = {
    saved: () => {
      setOpen(null);
      again();
    },
    cancel: () => setOpen(null),
  };
  return (
    <li className="card connection">
      <div className="document-top">
        <h3>
          <bdi dir="ltr">{tool.name}</bdi>
        </h3>
        <span
          className={tool.off_because ? "badge badge-bad" : tool.enabled ? "badge document-ready" : "badge"}
        >
          {t(tool.enabled ? "agent.tools.on" : "agent.tools.off")}
        </span>
      </div>
      <p>
        <bdi>{nameOf(tool.about, i18n.language, tool.name)}</bdi>
      </p>
      <p className="hint document-facts">
        <bdi dir="ltr">
          {tool.method} {tool.server === null ? tool.url : `${tool.server} · ${tool.remote}`}
        </bdi>
        <span>{t(`agent.tools.effect.${tool.effect}`)}</span>
        <span>{t(`agent.tools.assurance.${tool.assurance}`)}</span>
        {tool.needs_advisor && <span>{t("agent.servers.needsAdvisor")}</span>}
      </p>
      {tool.off_because && (
        <p className="field-error" role="alert">
          {t(`agent.servers.offBecause.${tool.off_because}`, { server: tool.server ?? "" })}
        </p>
      )}
      <Refused problem={saving.problem} />
      {open === "form" && tool.server !== null && (
        <OfferForm
          server={tool.server}
          approving={standingOf(tool)}
          begin={offerOf(tool)}
          named
          {...finish}
        />
      )}
      {open === "form" && tool.server === null && <ToolForm tool={tool} {...finish} />}
      {open === "test" && <Trial tool={tool} close={() => setOpen(null)} />}
      {open === null && (
        <div className="document-acts">
          {tool.effect === "read" && !tool.off_because && (
            <Act of={tool.name} press={() => setOpen("test")}>
              {t("agent.connections.test")}
            </Act>
          )}
          {!tool.off_because && (
            <Act of={tool.name} press={() => setOpen("form")}>
              {t("agent.connections.change")}
            </Act>
          )}
          <Removal
            name={tool.name}
            title={t("agent.tools.removeTitle", { name: tool.name })}
            warning={t("agent.tools.removeWarning")}
            remove={() => toolsApi.remove(tool.name)}
            removed={again}
          />
        </div>
      )}
      {!tool.off_because && (
        <Switch
          label={t("agent.connections.enabled", { name: tool.name })}
          on={tool.enabled}
          change={enable}
        />
      )}
    </li>
  );
}

function Trial({ tool, close }: { tool: OwnTool; close: () => void }) {
  const { t, i18n } = useTranslation();
  const [input, setInput] = useState(() => JSON.stringify(example(tool.input), null, 2));
  const [tried, setTried] = useState<ToolTried | null>(null);
  const asking = useSaving();
  const slots = objectIn(input);
  const ask = () => void asking.save(async () => setTried(await toolsApi.test(tool.name, slots)));
  return (
    <form
      className="part-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (slots !== null) ask();
      }}
    >
      <TextField
        label={t("agent.tools.tryWith")}
        dir="ltr"
        rows={4}
        value={input}
        change={setInput}
        error={slots === null ? t("agent.tools.fault.schema") : null}
      />
      <div className="document-acts">
        <button type="submit" className="button button-primary" disabled={asking.busy || slots === null}>
          {t("agent.tools.ask")}
        </button>
        <button type="button" className="button button-quiet" onClick={close}>
          {t("form.cancel")}
        </button>
      </div>
      <Asked
        problem={asking.problem}
        trouble={
          tried?.works === false
            ? { sentence: t(`agent.tools.trouble.${tried.trouble.code}`), text: tried.trouble.text }
            : null
        }
      >
        {tried?.works === true && (
          <>
            <p className="connection-works">
              {t("agent.tools.says")} <bdi>{i18n.language === "ar" ? tried.said.ar : tried.said.en}</bdi>
            </p>
            <pre dir="ltr" className="tool-output">
              {JSON.stringify(tried.output, null, 2)}
            </pre>
          </>
        )}
      </Asked>
    </form>
  );
}

/** An input with every property that the schema names, empty. */
function example(schema: Record<string, unknown>): Record<string, string> {
  const properties = schema.properties;
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return Object.fromEntries(names.map((name) => [name, ""]));
}
