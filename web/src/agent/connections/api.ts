/** Connections to other people's systems, as the gateway has them: secrets go there and never come back. */

import { auth } from "../../staff/auth";

export type Kind = "zendesk" | "hubspot" | "freshdesk" | "salesforce" | "twilio" | "whatsapp";
export type SignIn = "key" | "oauth";

/** How much of a call is written down there. */
export const LOG_CALLS = ["no", "bare", "summary"] as const;
export type LogCalls = (typeof LOG_CALLS)[number];

export interface Connection {
  id: string;
  kind: Kind;
  address: string;
  sign_in: SignIn;
  enabled: boolean;
  /** Of several CRMs the agent works with one. */
  in_use: boolean;
  settings: Record<string, string>;
  /** The names of those that are held. */
  secrets: string[];
  signed_in: boolean;
  log_calls: LogCalls;
  start_workflows: boolean;
}

export interface ConnectionChange {
  sign_in?: SignIn;
  site?: string;
  settings?: Record<string, string>;
  secrets?: Record<string, string>;
  enabled?: boolean;
  log_calls?: LogCalls;
  start_workflows?: boolean;
}

export const TROUBLES = [
  "not_connected",
  "key_missing",
  "sign_in_refused",
  "authorisation_ended",
  "client_refused",
  "no_permission",
  "wrong_address",
  "wrong_account",
  "limited",
  "unreachable",
  "refused",
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** The vendor's own answer of that moment. */
export interface Tried {
  works: boolean;
  account: string | null;
  trouble: Trouble | null;
}

const path = (id: string) => `/v1/connections/${encodeURIComponent(id)}`;

export const connectionsApi = {
  all: async (signal?: AbortSignal): Promise<Connection[]> =>
    (await auth.request<{ connections: Connection[] }>("GET", "/v1/connections", { signal })).connections,
  make: async (body: ConnectionChange & { kind: Kind }): Promise<Connection> =>
    (await auth.request<{ connection: Connection }>("POST", "/v1/connections", { body })).connection,
  change: async (id: string, body: ConnectionChange): Promise<Connection> =>
    (await auth.request<{ connection: Connection }>("PATCH", path(id), { body })).connection,
  remove: (id: string): Promise<void> => auth.request("DELETE", path(id)),
  test: (id: string): Promise<Tried> => auth.request("POST", `${path(id)}/test`),
  /** The vendor's page on which somebody agrees; the way back is known by a cookie. */
  consent: async (id: string): Promise<string> =>
    (await auth.request<{ address: string }>("POST", `${path(id)}/consent`)).address,
};
