/** The caller's requests to the gateway. */

import { request } from "../http";
import type { Language } from "./protocol";

export interface Names {
  en?: string;
  ar?: string;
}

export interface Site {
  slug: string;
  name: Names;
  default_language: Language;
  site_key: string;
}

export interface CallToken {
  token: string;
  expires_in_s: number;
  ice_servers: RTCIceServer[];
}

export interface Connected {
  call_id: string;
  lease: number;
  answer: RTCSessionDescriptionInit;
}

type Offer = { type: "offer"; sdp: string };

export const callerApi = {
  sites: async (signal?: AbortSignal): Promise<Site[]> =>
    (await request<{ sites: Site[] }>("GET", "/v1/sites", { signal })).sites,
  token: (siteKey: string, signal?: AbortSignal): Promise<CallToken> =>
    request("POST", "/v1/call-tokens", { body: { site_key: siteKey }, signal }),
  start: (token: string, offer: Offer, language: Language, signal?: AbortSignal): Promise<Connected> =>
    request("POST", "/v1/calls", { token, body: { offer, language }, signal }),
  reconnect: (token: string, callId: string, offer: Offer, signal?: AbortSignal): Promise<Connected> =>
    request("POST", `/v1/calls/${encodeURIComponent(callId)}/reconnect`, { token, body: { offer }, signal }),
  hangUp: (token: string, callId: string): Promise<void> =>
    request("DELETE", `/v1/calls/${encodeURIComponent(callId)}`, { token, keepalive: true }),
  rate: (token: string, callId: string, stars: number, comment: string): Promise<void> =>
    request("POST", `/v1/calls/${encodeURIComponent(callId)}/rating`, {
      token,
      body: comment.trim() ? { stars, comment: comment.trim() } : { stars },
    }),
};
