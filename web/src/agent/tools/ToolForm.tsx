/** A tool of the company's own: which address is asked, with what, and the sentence for its answer. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { formKeys, useSaving } from "../../form/useSaving";
import { type OwnTool, toolsApi } from "./api";
import { askOf, changeOf, draftOf, faultsOf, lacks, NEW_TOOL, requiredOf, type ToolDraft } from "./draft";

interface FormProps {
  tool: OwnTool | null;
  saved: () => void;
  cancel: () => void;
}

export function ToolForm({ tool, saved, cancel }: FormProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<ToolDraft>(() => (tool ? draftOf(tool) : NEW_TOOL));
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const faults = faultsOf(draft);
  const set = (part: Partial<ToolDraft>) => setDraft((now) => ({ ...now, ...part }));
  const said = (fault: boolean, sentence: string) => (tried && fault ? sentence : null);
  const submit = () => {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    void saving
      .save(async () => void (await toolsApi.save(draft.name, changeOf(draft))))
      .then((done) => {
        if (done) saved();
      });
  };
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.tools.add")}>
      <TextField
        label={t("agent.tools.name")}
        dir="ltr"
        value={draft.name}
        change={(name) => set({ name })}
        readOnly={tool !== null}
        hint={t("agent.tools.nameHint")}
        error={said(faults.name, t("agent.tools.fault.name"))}
      />
      <BothFields
        label={t("agent.tools.about")}
        value={draft.about}
        change={(about) => set({ about })}
        maxLength={100}
        error={{ en: said(faults.about, t("agent.tools.fault.both")) }}
      />
      <div className="part-row">
        <Methods chosen={draft.method} change={(method) => set({ method })} />
        <TextField
          label={t("agent.tools.timeout")}
          dir="ltr"
          inputMode="numeric"
          value={draft.timeout}
          change={(timeout) => set({ timeout })}
          error={said(faults.timeout, t("agent.tools.fault.timeout"))}
        />
      </div>
      <TextField
        label={t("agent.tools.url")}
        dir="ltr"
        value={draft.url}
        change={(url) => set({ url })}
        error={said(faults.url, t("agent.tools.fault.url"))}
      />
      {(["input", "output"] as const).map((side) => (
        <TextField
          key={side}
          label={t(`agent.tools.${side}`)}
          dir="ltr"
          rows={7}
          value={draft[side]}
          change={(value) => set({ [side]: value })}
          error={said(faults[side], t("agent.tools.fault.schema"))}
        />
      ))}
      <BothFields
        label={t("agent.tools.answer")}
        value={draft.answer}
        change={(answer) => set({ answer })}
        maxLength={300}
        hint={t("agent.tools.answerHint")}
        error={{ en: said(faults.answer, t("agent.tools.fault.both")) }}
      />
      <BothFields
        label={t("agent.tools.examples")}
        value={draft.examples}
        change={(examples) => set({ examples })}
        rows={3}
        maxLength={3000}
        hint={t("agent.tools.examplesHint")}
        error={{ en: said(faults.examples, t("agent.tools.fault.examples")) }}
      />
      {requiredOf(draft.input).map((field) => (
        <BothFields
          key={field}
          label={t("agent.tools.askFor", { field })}
          value={askOf(draft, field)}
          change={(asked) => set({ asks: { ...draft.asks, [field]: asked } })}
          maxLength={300}
          error={{ en: said(lacks(askOf(draft, field)), t("agent.tools.fault.both")) }}
        />
      ))}
      <TextField
        label={t("agent.tools.proof")}
        dir="ltr"
        value={draft.proof}
        change={(proof) => set({ proof })}
        hint={t("agent.tools.proofHint")}
      />
      <TextField
        label={t("agent.tools.token")}
        dir="ltr"
        type="password"
        autoComplete="new-password"
        value={draft.secret}
        change={(secret) => set({ secret })}
        hint={tool?.has_secret ? t("agent.connections.secretHeld") : undefined}
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

const OWN = [
  "bad_address",
  "bad_schema",
  "built_in",
  "too_many_tools",
  "too_many_servers",
  "name_taken",
  "server_away",
  "tool_changed",
] as const;

export function toolRefusal(...[t, problem]: Parameters<typeof refusal>): string | null {
  const own = OWN.find((code) => code === problem?.code);
  return own ? t(`agent.tools.fault.${own}`) : refusal(t, problem);
}

function Methods({ chosen, change }: { chosen: string; change: (method: "GET" | "POST") => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="chips">
      <legend>{t("agent.tools.method")}</legend>
      <div className="chips-row">
        {(["GET", "POST"] as const).map((method) => (
          <label key={method} className="chip">
            <input type="radio" name="method" checked={chosen === method} onChange={() => change(method)} />
            <span>{method}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
