/** Where an MCP server is, and the token that goes to it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SaveBar, TextField } from "../../../form/Fields";
import { formKeys, useSaving } from "../../../form/useSaving";
import { isAddress, isName, isTimeout } from "../draft";
import { toolRefusal } from "../ToolForm";
import { serversApi, type ToolServer } from "./api";

interface FormProps {
  server: ToolServer | null;
  saved: () => void;
  cancel: () => void;
}

export function ServerForm({ server, saved, cancel }: FormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(server?.name ?? "");
  const [url, setUrl] = useState(server?.url ?? "https://");
  const [timeout, setTimeoutText] = useState(String(server?.timeout_ms ?? 3000));
  const [secret, setSecret] = useState("");
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const faults = { name: !isName(name), url: !isAddress(url), timeout: !isTimeout(timeout) };
  const said = (fault: boolean, sentence: string) => (tried && fault ? sentence : null);
  const submit = () => {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    const change = { url: url.trim(), timeout_ms: Number(timeout), enabled: server?.enabled ?? true };
    const body = secret.trim() ? { ...change, secret: secret.trim() } : change;
    void saving
      .save(async () => void (await serversApi.save(name, body)))
      .then((done) => {
        if (done) saved();
      });
  };
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.servers.add")}>
      <TextField
        label={t("agent.tools.name")}
        dir="ltr"
        value={name}
        change={setName}
        readOnly={server !== null}
        hint={t("agent.tools.nameHint")}
        error={said(faults.name, t("agent.tools.fault.name"))}
      />
      <TextField
        label={t("agent.servers.url")}
        dir="ltr"
        value={url}
        change={setUrl}
        hint={t("agent.servers.urlHint")}
        error={said(faults.url, t("agent.tools.fault.url"))}
      />
      <TextField
        label={t("agent.tools.timeout")}
        dir="ltr"
        inputMode="numeric"
        value={timeout}
        change={setTimeoutText}
        error={said(faults.timeout, t("agent.tools.fault.timeout"))}
      />
      <TextField
        label={t("agent.tools.token")}
        dir="ltr"
        type="password"
        autoComplete="new-password"
        value={secret}
        change={setSecret}
        hint={server?.has_secret ? t("agent.connections.secretHeld") : undefined}
      />
      <SaveBar
        busy={saving.busy}
        saved={false}
        dirty={false}
        error={toolRefusal(t, saving.problem)}
        act={t("form.save")}
      >
        <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
          {t("form.cancel")}
        </button>
      </SaveBar>
    </form>
  );
}
