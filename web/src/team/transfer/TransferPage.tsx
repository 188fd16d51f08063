/** The phone that rings where no advisor is to be had, and whether it can be rung. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { SaveBar, Switch, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { type Transfer, teamApi } from "../api";
import { dialled, draftOf, faultOf, type TransferDraft } from "./draft";

export function TransferPage() {
  const { t } = useTranslation();
  const read = useCallback(async (signal: AbortSignal) => ({ transfer: await teamApi.transfer(signal) }), []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.transfer.loading")}>
      {({ transfer }) => <TransferForm transfer={transfer} />}
    </Loaded>
  );
}

function TransferForm({ transfer }: { transfer: Transfer | null }) {
  const { t } = useTranslation();
  const [stored, setStored] = useState(transfer);
  const [draft, setDraft] = useState(() => draftOf(transfer));
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  const set = (part: Partial<TransferDraft>) => {
    setDraft((now) => ({ ...now, ...part }));
    saving.touched();
  };
  const fault = faultOf(draft);
  const dirty = JSON.stringify(draft) !== JSON.stringify(draftOf(stored));
  const submit = () => {
    setTried(true);
    if (fault !== null) return;
    void saving.save(async () => {
      const body = { to: dialled(draft.to), refer: draft.refer };
      const kept = draft.on ? await teamApi.changeTransfer(body) : await teamApi.removeTransfer();
      setStored(kept);
      setDraft(draftOf(kept));
      setTried(false);
    });
  };
  const said = tried && fault !== null ? t(`team.transfer.fault.${fault}`) : null;
  return (
    <form className="part-stack" noValidate {...formKeys(submit)}>
      <section className="card part-form part-form-wide">
        <h2>{t("team.transfer.phone")}</h2>
        <Switch
          label={t("team.transfer.on")}
          hint={t(draft.on ? "team.transfer.onHint" : "team.transfer.offHint")}
          on={draft.on}
          change={(on) => set({ on })}
        />
        {draft.on && (
          <>
            <TextField
              label={t("team.transfer.to")}
              hint={t("team.transfer.toHint")}
              dir="ltr"
              maxLength={80}
              value={draft.to}
              change={(to) => set({ to })}
              error={fault === "refer" ? null : said}
            />
            <Switch
              label={t("team.transfer.refer")}
              hint={t("team.transfer.referHint")}
              on={draft.refer}
              change={(refer) => set({ refer })}
            />
            {fault === "refer" && said && <p className="field-error">{said}</p>}
          </>
        )}
      </section>
      {stored !== null && !dirty && (
        <section className="card part-form part-form-wide" role="status">
          <h2>{t("team.transfer.rings")}</h2>
          <p className={stored.trunk === "rings" ? "hint" : "field-error"}>
            {t(`team.transfer.trunk.${stored.trunk}`)}
          </p>
        </section>
      )}
      <SaveBar
        busy={saving.busy}
        saved={saving.saved}
        dirty={dirty}
        error={said ? t("form.look") : refusal(t, saving.problem)}
        act={t("form.save")}
        reset={() => setDraft(draftOf(stored))}
      />
      <Unsaved dirty={dirty} />
    </form>
  );
}
