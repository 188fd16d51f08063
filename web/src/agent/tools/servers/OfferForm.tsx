/** A server's tool, offered to callers: what they say to mean it, what it may do, and what they are told. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, SaveBar, Switch, TextField } from "../../../form/Fields";
import { formKeys, useSaving } from "../../../form/useSaving";
import { askOf, lacks } from "../draft";
import { toolRefusal } from "../ToolForm";
import { serversApi } from "./api";
import { type Approving, changeOf, faultsOf, fieldsOf, type OfferDraft, required } from "./offer";

interface OfferProps {
  server: string;
  approving: Approving;
  begin: OfferDraft;
  named: boolean;
  saved: () => void;
  cancel: () => void;
}

export function OfferForm({ server, approving, begin, named, saved, cancel }: OfferProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<OfferDraft>(begin);
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const faults = faultsOf(draft, approving);
  const set = (part: Partial<OfferDraft>) => setDraft((now) => ({ ...now, ...part }));
  const said = (fault: boolean, sentence: string) => (tried && fault ? sentence : null);
  const given = fieldsOf(approving.output);
  const submit = () => {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    void saving
      .save(async () => void (await serversApi.offer(server, draft.name, changeOf(draft, approving, true))))
      .then((done) => {
        if (done) saved();
      });
  };
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.servers.offer")}>
      <TextField
        label={t("agent.tools.name")}
        dir="ltr"
        value={draft.name}
        change={(name) => set({ name })}
        readOnly={named}
        hint={t("agent.tools.nameHint")}
        error={said(faults.name, t("agent.tools.fault.name"))}
      />
      <BothFields
        label={t("agent.servers.about")}
        value={draft.about}
        change={(about) => set({ about })}
        maxLength={100}
        hint={t("agent.servers.aboutHint")}
        error={{ en: said(faults.about, t("agent.tools.fault.both")) }}
      />
      <Switch
        label={t("agent.servers.writes")}
        on={draft.writes}
        change={(writes) => set({ writes: writes && !approving.onlyReads })}
        hint={t(approving.onlyReads ? "agent.servers.onlyReads" : "agent.servers.writesHint")}
      />
      {draft.writes && (
        <Switch
          label={t("agent.servers.needsAdvisor")}
          on={draft.needsAdvisor}
          change={(needsAdvisor) => set({ needsAdvisor })}
        />
      )}
      <BothFields
        label={t("agent.tools.answer")}
        value={draft.answer}
        change={(answer) => set({ answer })}
        maxLength={300}
        hint={
          draft.writes
            ? t("agent.servers.doneHint", { field: "{reference}" })
            : t("agent.servers.answerHint", { fields: given.map((field) => `{${field}}`).join(" ") })
        }
        error={{ en: said(faults.answer, t("agent.tools.fault.both")) }}
      />
      {draft.writes ? (
        <TextField
          label={t("agent.servers.reference")}
          dir="ltr"
          value={draft.reference}
          change={(reference) => set({ reference })}
          hint={t("agent.servers.fields", { fields: given.join(", ") })}
          error={said(faults.reference, t("agent.servers.fault.field"))}
        />
      ) : (
        <TextField
          label={t("agent.tools.proof")}
          dir="ltr"
          value={draft.proof}
          change={(proof) => set({ proof })}
          hint={t("agent.tools.proofHint")}
          error={said(faults.proof, t("agent.servers.fault.field"))}
        />
      )}
      <BothFields
        label={t("agent.tools.examples")}
        value={draft.examples}
        change={(examples) => set({ examples })}
        rows={3}
        maxLength={3000}
        hint={t("agent.tools.examplesHint")}
        error={{ en: said(faults.examples, t("agent.tools.fault.examples")) }}
      />
      {required(approving.input).map((field) => (
        <BothFields
          key={field}
          label={t("agent.tools.askFor", { field })}
          value={askOf(draft, field)}
          change={(asked) => set({ asks: { ...draft.asks, [field]: asked } })}
          maxLength={300}
          error={{ en: said(lacks(askOf(draft, field)), t("agent.tools.fault.both")) }}
        />
      ))}
      <SaveBar
        busy={saving.busy}
        saved={false}
        dirty={false}
        error={toolRefusal(t, saving.problem)}
        act={t("agent.servers.approve")}
      >
        <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
          {t("form.cancel")}
        </button>
      </SaveBar>
    </form>
  );
}
