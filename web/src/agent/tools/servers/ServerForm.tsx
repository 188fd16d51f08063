/** Where an MCP server is, and the token that goes to it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "../../../form/Fields";
import { formKeys } from "../../../form/useSaving";
import { isAddress, isName, isTimeout } from "../draft";
import { FormEnd, NameField, TimeoutField, TokenField, useTrying } from "../parts";
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
  const faults = { name: !isName(name), url: !isAddress(url), timeout: !isTimeout(timeout) };
  const send = () => {
    const change = { url: url.trim(), timeout_ms: Number(timeout), enabled: server?.enabled ?? true };
    return serversApi.save(name, secret.trim() ? { ...change, secret: secret.trim() } : change);
  };
  const { saving, said, submit } = useTrying(faults, send, saved);
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.servers.add")}>
      <NameField
        value={name}
        change={setName}
        fixed={server !== null}
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
      <TimeoutField
        value={timeout}
        change={setTimeoutText}
        error={said(faults.timeout, t("agent.tools.fault.timeout"))}
      />
      <TokenField value={secret} change={setSecret} held={server?.has_secret} />
      <FormEnd saving={saving} act={t("form.save")} cancel={cancel} />
    </form>
  );
}
