/** What it takes to sign in somewhere: a new connection, or a change of one. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../form/Choice";
import { SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { formKeys, useSaving } from "../../form/useSaving";
import { type Connection, connectionsApi } from "./api";
import { changeOf, draftOf, type KindOf } from "./kinds";

interface FormProps {
  of: KindOf;
  held: Connection | null;
  saved: (connection: Connection) => void;
  cancel: () => void;
}

export function ConnectionForm({ of, held, saved, cancel }: FormProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(of, held));
  const saving = useSaving();
  const submit = () => {
    const change = changeOf(of, draft, held);
    void saving.save(async () =>
      saved(
        held === null
          ? await connectionsApi.make({ ...change, kind: of.kind })
          : await connectionsApi.change(held.id, change),
      ),
    );
  };
  const callback = `${window.location.origin}/v1/connections/callback`;
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={of.name}>
      {of.signIns.length > 1 && (
        <Choice
          label={t("agent.connections.signIn")}
          options={of.signIns.map((value) => ({ value, name: t(`agent.connections.way.${value}`) }))}
          chosen={draft.signIn}
          change={(signIn) => setDraft({ ...draft, signIn })}
        />
      )}
      {of.suffix !== null && (
        <TextField
          label={t("agent.connections.site")}
          dir="ltr"
          value={draft.site}
          change={(site) => setDraft({ ...draft, site })}
          hint={t("agent.connections.siteHint", { suffix: of.suffix })}
        />
      )}
      {of.settings[draft.signIn].map((name) => (
        <TextField
          key={name}
          label={t(`agent.connections.setting.${name}`)}
          dir="ltr"
          value={draft.settings[name] ?? ""}
          change={(value) => setDraft({ ...draft, settings: { ...draft.settings, [name]: value } })}
        />
      ))}
      {of.secrets[draft.signIn].map((name) => (
        <TextField
          key={name}
          label={t(`agent.connections.secret.${name}`)}
          dir="ltr"
          type="password"
          autoComplete="new-password"
          value={draft.secrets[name] ?? ""}
          change={(value) => setDraft({ ...draft, secrets: { ...draft.secrets, [name]: value } })}
          hint={held?.secrets.includes(name) ? t("agent.connections.secretHeld") : undefined}
        />
      ))}
      {draft.signIn === "oauth" && (
        <p className="hint">
          {t("agent.connections.redirect")} <code dir="ltr">{callback}</code>
        </p>
      )}
      <SaveBar
        busy={saving.busy}
        saved={false}
        dirty={false}
        error={connectionRefusal(t, saving.problem)}
        act={held ? t("form.save") : t("agent.connections.addAct")}
      >
        <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
          {t("form.cancel")}
        </button>
      </SaveBar>
    </form>
  );
}

const OWN = [
  "bad_address",
  "setting_missing",
  "bad_setting",
  "secret_missing",
  "bad_secret",
  "already_connected",
] as const;

function connectionRefusal(...[t, problem]: Parameters<typeof refusal>): string | null {
  const own = OWN.find((code) => code === problem?.code);
  return own ? t(`agent.connections.fault.${own}`) : refusal(t, problem);
}
