/** A new campaign: whom it calls, what is said first, when and how fast. Nobody is called by this. */

import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../form/Choice";
import { BothFields, Choices, SaveBar, Switch, TextField } from "../form/Fields";
import { formKeys, useSaving } from "../form/useSaving";
import { campaignsApi, type Plan, type WholeCampaign } from "./api";

const DAYS = ["0", "1", "2", "3", "4", "5", "6"] as const;
const EMPTY: Plan = {
  name: "",
  purpose: "service",
  opening: { en: "", ar: "" },
  about: "",
  days: [0, 1, 2, 3, 4],
  earliest: "09:00",
  latest: "18:00",
  a_minute: 6,
  at_once: 2,
  tries: 2,
  to_advisor: false,
};
const REFUSED = [
  "bad_list",
  "bad_name",
  "bad_about",
  "bad_days",
  "bad_pace",
  "bad_hours",
  "bad_opening",
  "unknown_column",
  "too_large",
  "invalid",
  "unreachable",
] as const;

interface NewCampaignProps {
  made: (campaign: WholeCampaign) => void;
  cancel: () => void;
}

export function NewCampaign({ made, cancel }: NewCampaignProps) {
  const { t } = useTranslation();
  const [plan, setPlan] = useState(EMPTY);
  const [file, setFile] = useState<File | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const saving = useSaving();
  const change = (part: Partial<Plan>) => setPlan((now) => ({ ...now, ...part }));
  const submit = () => {
    if (file === null) return picker.current?.focus();
    void saving.save(async () => made(await campaignsApi.create(plan, await file.text())));
  };
  const code = saving.problem && (REFUSED.find((one) => one === saving.problem?.code) ?? "unknown");
  return (
    <form className="card part-form" aria-label={t("campaigns.new")} {...formKeys(submit)}>
      <TextField
        label={t("campaigns.name")}
        value={plan.name}
        change={(name) => change({ name })}
        maxLength={100}
        required
        dir="auto"
      />
      <div className="field">
        <label htmlFor="campaign-list">{t("campaigns.list")}</label>
        <input
          id="campaign-list"
          ref={picker}
          type="file"
          accept=".csv,text/csv"
          required
          aria-describedby="campaign-list-hint"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        <small id="campaign-list-hint">{t("campaigns.listHint")}</small>
      </div>
      <Choice
        label={t("campaigns.why")}
        options={(["service", "marketing"] as const).map((value) => ({
          value,
          name: t(`campaigns.purpose.${value}`),
        }))}
        chosen={plan.purpose}
        change={(purpose) => change({ purpose })}
        hint={t(`campaigns.purposeHint.${plan.purpose}`)}
      />
      <BothFields
        label={t("campaigns.opening")}
        value={plan.opening}
        change={(opening) => change({ opening })}
        hint={t("campaigns.openingHint")}
        rows={3}
        maxLength={500}
      />
      <TextField
        label={t("campaigns.about")}
        value={plan.about}
        change={(about) => change({ about })}
        hint={t("campaigns.aboutHint")}
        rows={2}
        maxLength={1000}
        dir="auto"
      />
      <Choices
        label={t("campaigns.days")}
        options={DAYS.map((value) => ({ value, name: t(`campaigns.day.${value}`) }))}
        chosen={plan.days.map(String)}
        change={(days) => change({ days: days.map(Number) })}
        hint={t("campaigns.daysHint")}
      />
      <div className="part-row">
        <TextField
          label={t("campaigns.earliest")}
          type="time"
          value={plan.earliest}
          change={(earliest) => change({ earliest })}
          required
        />
        <TextField
          label={t("campaigns.latest")}
          type="time"
          value={plan.latest}
          change={(latest) => change({ latest })}
          required
        />
        {(["a_minute", "at_once", "tries"] as const).map((field) => (
          <TextField
            key={field}
            label={t(`campaigns.${field}`)}
            type="number"
            inputMode="numeric"
            value={plan[field] ? String(plan[field]) : ""}
            change={(value) => change({ [field]: Number.parseInt(value, 10) || 0 })}
            required
          />
        ))}
      </div>
      <Switch
        label={t("campaigns.toAdvisor")}
        on={plan.to_advisor}
        change={(to_advisor) => change({ to_advisor })}
        hint={t("campaigns.toAdvisorHint")}
      />
      <SaveBar
        busy={saving.busy}
        saved={saving.saved}
        dirty={false}
        error={code && t(`campaigns.refusal.${code}`)}
        act={t("campaigns.look")}
      >
        <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
          {t("form.cancel")}
        </button>
      </SaveBar>
    </form>
  );
}
