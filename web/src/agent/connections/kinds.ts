/** What each kind of connection asks for, and a form of it. */

import type { Connection, ConnectionChange, Kind, SignIn } from "./api";

export interface KindOf {
  kind: Kind;
  /** The vendor's name, which is the same in every language. */
  name: string;
  signIns: readonly SignIn[];
  /** What follows an account's own name in its address; null where all accounts are at one address. */
  suffix: string | null;
  /** As what a call is written down that belongs to no ticket; null where calls are none of its business. */
  calls: "tickets" | "activities" | null;
  settings: Record<SignIn, readonly Setting[]>;
  secrets: Record<SignIn, readonly Secret[]>;
}

export type Setting = "user" | "client_id" | "account" | "sms_sender" | "whatsapp_sender" | "phone_number_id";
export type Secret = "key" | "client_secret" | "app_secret" | "verify_token";

const OAUTH = { settings: ["client_id"], secrets: ["client_secret"] } as const;

export const KINDS: readonly KindOf[] = [
  {
    kind: "zendesk",
    name: "Zendesk",
    signIns: ["oauth", "key"],
    suffix: ".zendesk.com",
    calls: "tickets",
    settings: { key: ["user"], oauth: OAUTH.settings },
    secrets: { key: ["key"], oauth: OAUTH.secrets },
  },
  {
    kind: "hubspot",
    name: "HubSpot",
    signIns: ["oauth", "key"],
    suffix: null,
    calls: "activities",
    settings: { key: [], oauth: OAUTH.settings },
    secrets: { key: ["key"], oauth: OAUTH.secrets },
  },
  {
    kind: "freshdesk",
    name: "Freshdesk",
    signIns: ["key"],
    suffix: ".freshdesk.com",
    calls: "tickets",
    settings: { key: [], oauth: [] },
    secrets: { key: ["key"], oauth: [] },
  },
  {
    kind: "salesforce",
    name: "Salesforce",
    signIns: ["oauth"],
    suffix: ".my.salesforce.com",
    calls: "activities",
    settings: { key: [], oauth: OAUTH.settings },
    secrets: { key: [], oauth: OAUTH.secrets },
  },
  {
    kind: "twilio",
    name: "Twilio",
    signIns: ["key"],
    suffix: null,
    calls: null,
    settings: { key: ["account", "sms_sender", "whatsapp_sender"], oauth: [] },
    secrets: { key: ["key"], oauth: [] },
  },
  {
    kind: "whatsapp",
    name: "WhatsApp Business",
    signIns: ["key"],
    suffix: null,
    calls: null,
    settings: { key: ["phone_number_id"], oauth: [] },
    secrets: { key: ["key", "app_secret", "verify_token"], oauth: [] },
  },
];

export const kindOf = (kind: Kind): KindOf => {
  const found = KINDS.find((one) => one.kind === kind);
  if (!found) throw new Error(`unknown kind: ${kind}`);
  return found;
};

export interface Draft {
  signIn: SignIn;
  site: string;
  settings: Record<string, string>;
  secrets: Record<string, string>;
}

/** Secrets begin empty: what is held is not shown, and stays where nothing is typed. */
export function draftOf(of: KindOf, held: Connection | null): Draft {
  return {
    signIn: held?.sign_in ?? of.signIns[0] ?? "key",
    site: held && of.suffix ? held.address.replace(/^https:\/\//, "").replace(of.suffix, "") : "",
    settings: { ...held?.settings },
    secrets: {},
  };
}

/** What is sent of a draft: only what this way of signing in has, and only what was typed. */
export function changeOf(of: KindOf, draft: Draft, held: Connection | null): ConnectionChange {
  const typed = (names: readonly string[], values: Record<string, string>) =>
    Object.fromEntries(
      names.map((name) => [name, values[name]?.trim() ?? ""] as const).filter(([, value]) => value !== ""),
    );
  const change: ConnectionChange = {
    settings: typed(of.settings[draft.signIn], draft.settings),
    secrets: typed(of.secrets[draft.signIn], draft.secrets),
  };
  if (held === null || held.sign_in !== draft.signIn) change.sign_in = draft.signIn;
  const site = draft.site.trim();
  if (of.suffix !== null && site !== "" && site !== draftOf(of, held).site) change.site = site;
  return change;
}
