/** What the staff's pages read of calls. */

import { auth } from "./auth";

export interface CallRow {
  call_id: string;
  channel: string;
  state: string;
  started_at: number;
  ended_at: number | null;
  outcome: string | null;
  language: string | null;
  disposition: string | null;
  summary: string | null;
  rating: number | null;
}

export interface Turn {
  seq: number;
  speaker: "caller" | "agent" | "advisor";
  text: string;
  language: string;
  started_ms: number;
  ended_ms: number;
  kind: string | null;
  intent: string | null;
  interrupted: boolean;
  stages_ms: Record<string, number>;
}

export const staffApi = {
  calls: async (limit: number, signal?: AbortSignal): Promise<CallRow[]> =>
    (await auth.request<{ calls: CallRow[] }>("GET", `/v1/calls?limit=${limit}`, { signal })).calls,
  call: (callId: string, signal?: AbortSignal): Promise<{ call: CallRow; turns: Turn[] }> =>
    auth.request("GET", `/v1/calls/${encodeURIComponent(callId)}`, { signal }),
};
