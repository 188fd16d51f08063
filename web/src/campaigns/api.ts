/** Campaigns as the gateway has them. */

import { Problem } from "../http";
import { auth } from "../staff/auth";

export const STATES = ["ready", "running", "paused", "stopped", "finished"] as const;
export type CampaignState = (typeof STATES)[number];
/** In the order in which they are shown. */
export const OUTCOMES = [
  "answered",
  "opted_out",
  "busy",
  "no_answer",
  "machine",
  "unreachable",
  "refused",
  "stopped",
  "unknown",
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Purpose = "service" | "marketing";
export type CampaignAct = "start" | "pause" | "resume" | "stop";

export interface Plan {
  name: string;
  purpose: Purpose;
  opening: { en: string; ar: string };
  about: string;
  /** 0 is Monday. */
  days: number[];
  earliest: string;
  latest: string;
  a_minute: number;
  at_once: number;
  tries: number;
  to_advisor: boolean;
}

export interface Campaign extends Plan {
  id: string;
  state: CampaignState;
  people: number;
  refused_count: number;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  counts: { waiting: number; dialling: number; talking: number; outcomes: Partial<Record<Outcome, number>> };
}

export interface RefusedRow {
  line: number;
  code: string;
  column: string | null;
}

export interface WholeCampaign extends Campaign {
  preview: { number: string; language: string; fields: Record<string, string> }[];
  refused: RefusedRow[];
}

const path = (id: string) => `/v1/campaigns/${encodeURIComponent(id)}`;

export const campaignsApi = {
  list: async (signal?: AbortSignal): Promise<Campaign[]> =>
    (await auth.request<{ campaigns: Campaign[] }>("GET", "/v1/campaigns", { signal })).campaigns,
  one: (id: string, signal?: AbortSignal): Promise<WholeCampaign> =>
    auth.request("GET", path(id), { signal }),
  create: (plan: Plan, contacts: string): Promise<WholeCampaign> =>
    auth.request("POST", "/v1/campaigns", { body: { ...plan, contacts } }),
  act: (id: string, act: CampaignAct): Promise<unknown> => auth.request("POST", `${path(id)}/${act}`),
  remove: (id: string): Promise<void> => auth.request("DELETE", path(id)),
  /** The report's file; an old access token is renewed once. */
  async report(id: string): Promise<Blob> {
    let response = await reportOf(id);
    if (response.status === 401 && (await auth.renew())) response = await reportOf(id);
    if (!response.ok) throw new Problem(response.status, `http_${response.status}`);
    return response.blob();
  },
};

const reportOf = (id: string): Promise<Response> =>
  fetch(`${path(id)}/report`, { headers: { Authorization: `Bearer ${auth.token()?.value ?? ""}` } }).catch(
    () => {
      throw new Problem(0, "unreachable");
    },
  );
