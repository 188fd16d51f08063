/** What the agent can do: what every agent has, and what this company added, as the gateway has it. */

import { auth } from "../../staff/auth";
import type { Both } from "../../team/api";

export type Assurance = "nothing" | "known_number" | "own_number" | "second_fact";

export interface BuiltIn {
  name: string;
  about: string;
  effect: "read" | "write";
  assurance: Assurance;
  /** In one call, before an advisor has to allow each; null without one. */
  limit: number | null;
}

export interface OwnTool {
  name: string;
  about: Both;
  /** MCP: `remote` is called at `server`, and there is no address. */
  method: "GET" | "POST" | "MCP";
  url: string;
  /** JSON schemas of an object each. */
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  /** What is said, with the output's fields in braces. */
  answer: Both;
  /** Questions that mean this tool. */
  examples: { en: string[]; ar: string[] };
  /** What is asked of a caller who left out a field of the input; by field. */
  asks: Record<string, Both>;
  assurance: Assurance;
  /** The output's field with the telephone number that its caller has to tell. */
  proof: string | null;
  timeout_ms: number;
  has_secret: boolean;
  enabled: boolean;
  effect: "read" | "write";
  /** Of an MCP server's. */
  server: string | null;
  remote: string;
  /** The digest of what was approved. */
  approved: string;
  idempotent: boolean;
  needs_advisor: boolean;
  reference: string | null;
  /** Why it was switched off without anybody's doing. */
  off_because: "changed" | "gone" | null;
}

/** Of a tool at a web address. */
export interface ToolChange
  extends Pick<
    OwnTool,
    | "about"
    | "url"
    | "input"
    | "output"
    | "answer"
    | "examples"
    | "asks"
    | "assurance"
    | "proof"
    | "timeout_ms"
    | "enabled"
  > {
  method: "GET" | "POST";
  secret?: string;
}

/** The address's own answer of that moment. */
export type ToolTried =
  | { works: true; output: unknown; said: Both }
  | { works: false; trouble: { code: "not_found" | "rejected" | "unavailable"; text: string } };

const path = (name: string) => `/v1/tools/${encodeURIComponent(name)}`;

export const toolsApi = {
  all: (signal?: AbortSignal): Promise<{ built_in: BuiltIn[]; own: OwnTool[] }> =>
    auth.request("GET", "/v1/tools", { signal }),
  save: async (name: string, body: ToolChange): Promise<OwnTool> =>
    (await auth.request<{ tool: OwnTool }>("PUT", path(name), { body })).tool,
  remove: (name: string): Promise<void> => auth.request("DELETE", path(name)),
  test: (name: string, input: unknown): Promise<ToolTried> =>
    auth.request("POST", `${path(name)}/test`, { body: { input } }),
};
