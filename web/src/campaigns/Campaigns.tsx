/** Campaigns: those that there are, and the way to a new one. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { Loaded } from "../staff/Loaded";
import { useFresh } from "../staff/useFresh";
import { moment } from "../ui/format";
import { Message } from "../ui/Message";
import { useNow } from "../ui/useNow";
import { type Campaign, campaignsApi } from "./api";
import { CampaignPage } from "./CampaignPage";
import { NewCampaign } from "./NewCampaign";
import { calledOf } from "./view";

const WATCH_MS = 3000;

export function Campaigns({ id }: { id: string | null }) {
  return id === null ? <CampaignList /> : <CampaignPage id={id} key={id} />;
}

function CampaignList() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [making, setMaking] = useState(false);
  const read = useCallback((signal: AbortSignal) => campaignsApi.list(signal), []);
  const fresh = useFresh(read, WATCH_MS);
  return (
    <div className="team">
      <div className="list-top">
        <div>
          <h1>{t("campaigns.title")}</h1>
          <p className="lead">{t("campaigns.lead")}</p>
        </div>
        {!making && (
          <button type="button" className="button button-primary" onClick={() => setMaking(true)}>
            {t("campaigns.new")}
          </button>
        )}
      </div>
      {making ? (
        <NewCampaign made={(campaign) => go(`/campaigns/${campaign.id}`)} cancel={() => setMaking(false)} />
      ) : (
        <Loaded fresh={fresh} loading={t("campaigns.loading")}>
          {(campaigns) =>
            campaigns.length === 0 ? (
              <Message icon="phone" title={t("campaigns.none")} text={t("campaigns.noneHint")} />
            ) : (
              <ul className="documents" aria-label={t("campaigns.title")}>
                {campaigns.map((campaign) => (
                  <Item key={campaign.id} campaign={campaign} />
                ))}
              </ul>
            )
          }
        </Loaded>
      )}
    </div>
  );
}

function Item({ campaign }: { campaign: Campaign }) {
  const { t, i18n } = useTranslation();
  const now = useNow(60_000);
  return (
    <li className="card document">
      <div className="document-top">
        <h2>
          <Link href={`/campaigns/${encodeURIComponent(campaign.id)}`}>
            <bdi>{campaign.name}</bdi>
          </Link>
        </h2>
        <span className={`badge campaign-${campaign.state}`}>{t(`campaigns.state.${campaign.state}`)}</span>
      </div>
      <p className="hint document-facts">
        <span>{t(`campaigns.purpose.${campaign.purpose}`)}</span>
        <span>{t("campaigns.called", { done: calledOf(campaign), all: campaign.people })}</span>
        <span>{moment(campaign.created_at, now, i18n.language)}</span>
      </p>
    </li>
  );
}
