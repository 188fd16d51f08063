/** A server's tool, offered to callers: what they say to mean it, what it may do, and what they are told. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, Switch, TextField } from "../../../form/Fields";
import { formKeys } from "../../../form/useSaving";
import { AnswerFields, FormEnd, MeantBy, NameField, ProofField, useTrying } from "../parts";
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
  const faults = faultsOf(draft, approving);
  const set = (part: Partial<OfferDraft>) => setDraft((now) => ({ ...now, ...part }));
  const { saving, said, submit } = useTrying(
    faults,
    () => serversApi.offer(server, draft.name, changeOf(draft, approving, true)),
    saved,
  );
  const spoken = { draft, set, said };
  const given = fieldsOf(approving.output);
  return (
    <form className="part-form" noValidate {...formKeys(submit)} aria-label={t("agent.servers.offer")}>
      <NameField
        value={draft.name}
        change={(name) => set({ name })}
        fixed={named}
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
      <AnswerFields
        {...spoken}
        hint={
          draft.writes
            ? t("agent.servers.doneHint", { field: "{reference}" })
            : t("agent.servers.answerHint", { fields: given.map((field) => `{${field}}`).join(" ") })
        }
        wrong={faults.answer}
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
        <ProofField
          value={draft.proof}
          change={(proof) => set({ proof })}
          error={said(faults.proof, t("agent.servers.fault.field"))}
        />
      )}
      <MeantBy {...spoken} wrong={faults.examples} required={required(approving.input)} />
      <FormEnd saving={saving} act={t("agent.servers.approve")} cancel={cancel} />
    </form>
  );
}
