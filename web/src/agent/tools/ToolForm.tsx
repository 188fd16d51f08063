/** A tool of the company's own: which address is asked, with what, and the sentence for its answer. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, TextField } from "../../form/Fields";
import { formKeys } from "../../form/useSaving";
import { type OwnTool, toolsApi } from "./api";
import { changeOf, draftOf, faultsOf, NEW_TOOL, requiredOf, type ToolDraft } from "./draft";
import {
  AnswerFields,
  FormEnd,
  MeantBy,
  NameField,
  ProofField,
  TimeoutField,
  TokenField,
  useTrying,
} from "./parts";

interface FormProps {
  tool: OwnTool | null;
  saved: () => void;
  cancel: () => void;
}

export function ToolForm({ tool, saved, cancel }: FormProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<ToolDraft>(() => (tool ? draftOf(tool) : NEW_TOOL));
  const faults = faultsOf(draft);
  const set = (part: Partial<ToolDraft>) => setDraft((now) => ({ ...now, ...part }));
  const { saving, said, submit } = useTrying(faults, () => toolsApi.save(draft.name, changeOf(draft)), saved);
  const spoken = { draft, set, said };
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.tools.add")}>
      <NameField
        value={draft.name}
        change={(name) => set({ name })}
        fixed={tool !== null}
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
        <TimeoutField
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
      <AnswerFields {...spoken} hint={t("agent.tools.answerHint")} wrong={faults.answer} />
      <MeantBy {...spoken} wrong={faults.examples} required={requiredOf(draft.input)} />
      <ProofField value={draft.proof} change={(proof) => set({ proof })} />
      <TokenField value={draft.secret} change={(secret) => set({ secret })} held={tool?.has_secret} />
      <FormEnd saving={saving} act={t("form.save")} cancel={cancel} />
    </form>
  );
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
