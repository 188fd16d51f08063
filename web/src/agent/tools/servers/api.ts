/** Servers of the Model Context Protocol, and the tools that one says it has, as the gateway has them. */

import { auth } from "../../../staff/auth";
import type { Both } from "../../../team/api";
import type { OwnTool } from "../api";

export interface ToolServer {
  name: string;
  url: string;
  timeout_ms: number;
  has_secret: boolean;
  enabled: boolean;
}

export interface ServerChange {
  url: string;
  timeout_ms: number;
  secret?: string;
  enabled: boolean;
}

/** In the server's own words, which are somebody else's. */
export interface Listed {
  remote: string;
  title: string;
  about: string;
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  only_reads: boolean;
  idempotent: boolean;
  /** Of everything above: what is approved. */
  digest: string;
  /** Why it can't be offered to callers, or null. */
  unfit: string | null;
  /** Tools of ours that call it. */
  offered_as: string[];
}

/** The server's own answer of that moment. */
export type ServerTried =
  | { works: true; product: string; protocol: string; tools: Listed[] }
  | { works: false; trouble: { code: "rejected" | "unavailable"; text: string } };

export interface Offer {
  remote: string;
  approved: string;
  about: Both;
  answer: Both;
  examples: { en: string[]; ar: string[] };
  asks: Record<string, Both>;
  writes: boolean;
  proof: string | null;
  reference: string | null;
  needs_advisor: boolean;
  timeout_ms: number;
  enabled: boolean;
}

const path = (name: string) => `/v1/tool-servers/${encodeURIComponent(name)}`;

export const serversApi = {
  all: async (signal?: AbortSignal): Promise<ToolServer[]> =>
    (await auth.request<{ servers: ToolServer[] }>("GET", "/v1/tool-servers", { signal })).servers,
  save: async (name: string, body: ServerChange): Promise<ToolServer> =>
    (await auth.request<{ server: ToolServer }>("PUT", path(name), { body })).server,
  remove: (name: string): Promise<void> => auth.request("DELETE", path(name)),
  test: (name: string): Promise<ServerTried> => auth.request("POST", `${path(name)}/test`),
  offer: async (server: string, name: string, body: Offer): Promise<OwnTool> =>
    (
      await auth.request<{ tool: OwnTool }>("PUT", `${path(server)}/tools/${encodeURIComponent(name)}`, {
        body,
      })
    ).tool,
};
