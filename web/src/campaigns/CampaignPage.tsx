/** One campaign: its list before anybody is called, how far it is, and what became of whom. */

import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { Act } from "../agent/Act";
import { Removal } from "../agent/Removal";
import { refusal } from "../form/problem";
import { useSaving } from "../form/useSaving";
import { Loaded } from "../staff/Loaded";
import { useFresh } from "../staff/useFresh";
import { Icon } from "../ui/Icon";
import { type CampaignAct, type CampaignState, campaignsApi, type WholeCampaign } from "./api";
import { calledOf, outcomesOf, REFUSALS } from "./view";

const WATCH_MS = 2000;
const ACTS: Record<CampaignState, readonly CampaignAct[]> = {
  ready: ["start"],
  running: ["pause", "stop"],
  paused: ["resume", "stop"],
  stopped: [],
  finished: [],
};

export function CampaignPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => campaignsApi.one(id, signal), [id]);
  const fresh = useFresh(read, WATCH_MS);
  return (
    <div className="team">
      <Link href="/campaigns" className="button button-quiet part-back">
        <Icon name="back" />
        {t("campaigns.title")}
      </Link>
      <Loaded fresh={fresh} loading={t("campaigns.loading")}>
        {(campaign) => <Whole campaign={campaign} again={fresh.again} />}
      </Loaded>
    </div>
  );
}

function Whole({ campaign, again }: { campaign: WholeCampaign; again: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const saving = useSaving();
  const { id, name, state, counts } = campaign;
  const act = (wanted: CampaignAct) =>
    void saving.save(async () => void (await campaignsApi.act(id, wanted))).then(again);
  const report = () => void saving.save(async () => download(await campaignsApi.report(id), `${name}.csv`));
  return (
    <>
      <div className="part-top">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <span className={`badge campaign-${state}`} role="status">
          {t(`campaigns.state.${state}`)}
        </span>
      </div>
      <section className="card document campaign-part" aria-label={t("campaigns.progress")}>
        <div className="document-progress">
          <progress
            value={calledOf(campaign)}
            max={Math.max(1, campaign.people)}
            aria-label={t("campaigns.progress")}
          />
          <span>{t("campaigns.called", { done: calledOf(campaign), all: campaign.people })}</span>
        </div>
        <p className="hint document-facts">
          <span>{t("campaigns.waiting", { count: counts.waiting })}</span>
          <span>{t("campaigns.dialling", { count: counts.dialling })}</span>
          <span>{t("campaigns.talking", { count: counts.talking })}</span>
        </p>
        <Outcomes campaign={campaign} />
        <div className="document-acts">
          {ACTS[state].map((wanted) => (
            <Act
              key={wanted}
              of={name}
              primary={wanted === "start" || wanted === "resume"}
              press={() => act(wanted)}
              disabled={saving.busy || (wanted === "start" && campaign.people === 0)}
            >
              {t(`campaigns.act.${wanted}`)}
            </Act>
          ))}
          <Act of={name} press={report} disabled={saving.busy}>
            {t("campaigns.report")}
          </Act>
          {state !== "running" && state !== "paused" && (
            <Removal
              name={name}
              title={t("campaigns.removeTitle", { name })}
              warning={t("campaigns.removeWarning")}
              remove={() => campaignsApi.remove(id)}
              removed={() => go("/campaigns")}
            />
          )}
        </div>
        {saving.problem && (
          <p className="field-error" role="alert">
            {refusal(t, saving.problem)}
          </p>
        )}
      </section>
      <Preview campaign={campaign} />
      <Refused campaign={campaign} />
    </>
  );
}

function Outcomes({ campaign }: { campaign: WholeCampaign }) {
  const { t } = useTranslation();
  const known = outcomesOf(campaign);
  if (known.length === 0) return <p className="hint">{t("campaigns.nobodyYet")}</p>;
  return (
    <dl className="campaign-outcomes">
      {known.map(([outcome, count]) => (
        <div key={outcome}>
          <dt>{t(`campaigns.outcome.${outcome}`)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

function Preview({ campaign }: { campaign: WholeCampaign }) {
  const { t } = useTranslation();
  const fields = [...new Set(campaign.preview.flatMap((row) => Object.keys(row.fields)))];
  return (
    <section className="card document campaign-part" aria-labelledby="preview-title">
      <h2 id="preview-title">{t("campaigns.preview")}</h2>
      <p className="hint">{t("campaigns.people", { count: campaign.people })}</p>
      {campaign.preview.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls a wide table by its keys.
        <div className="campaign-rows" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("campaigns.number")}</th>
                <th scope="col">{t("campaigns.language")}</th>
                {fields.map((field) => (
                  <th scope="col" key={field}>
                    <bdi>{field}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {campaign.preview.map((row) => (
                <tr key={row.number}>
                  <td>
                    <bdi dir="ltr">{row.number}</bdi>
                  </td>
                  <td>{row.language === "ar" ? t("language.ar") : t("language.en")}</td>
                  {fields.map((field) => (
                    <td key={field}>
                      <bdi>{row.fields[field] ?? ""}</bdi>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Refused({ campaign }: { campaign: WholeCampaign }) {
  const { t } = useTranslation();
  if (campaign.refused_count === 0) return null;
  const more = campaign.refused_count - campaign.refused.length;
  return (
    <section className="card document campaign-part" aria-labelledby="refused-title">
      <h2 id="refused-title">{t("campaigns.refusedRows", { count: campaign.refused_count })}</h2>
      <ul className="campaign-refused">
        {campaign.refused.map((row) => {
          const code = REFUSALS.find((one) => one === row.code);
          return (
            <li key={row.line}>
              <span>{t("campaigns.line", { line: row.line })}</span>
              <span>{t(`campaigns.row.${code ?? "wrong_width"}`)}</span>
              {row.column && <bdi className="hint">{row.column}</bdi>}
            </li>
          );
        })}
      </ul>
      {more > 0 && <p className="hint">{t("campaigns.moreRefused", { count: more })}</p>}
    </section>
  );
}

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
