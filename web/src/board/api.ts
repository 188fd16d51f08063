/** What a supervisor sees of living calls and does to them, as the gateway has it. Times are Unix seconds of the server. */

import type { Connected } from "../call/api";
import type { Presence, Queue } from "../desk/api";
import type { JoinOffer } from "../join/joined";
import { auth } from "../staff/auth";

/** "talk" is barging in: everybody hears it. */
export type Mode = "listen" | "whisper" | "talk";

export interface LiveCall {
  call_id: string;
  channel: string;
  state: string;
  language: string | null;
  started_at: number;
  turns: number;
  /** An estimate; null before the caller said anything that can be read. */
  mood: { mood: string; score: number; evidence: string[] } | null;
  /** Of the last answer: from the caller's last word to our first sound. */
  reply_ms: number | null;
  handoff: LiveHandoff | null;
}

export interface LiveHandoff {
  handoff_id: string;
  state: string;
  queue: string;
  reason: string;
  urgent: boolean;
  created_at: number;
  advisor: { id: string; name: string | null } | null;
}

export interface AdvisorRow extends Omit<Presence, "since"> {
  id: string;
  name: string;
  since: number | null;
}

export interface Board {
  now: number;
  calls: LiveCall[];
  waiting: { queue: string; count: number; longest_s: number }[];
  queues: Queue[];
  advisors: AdvisorRow[];
  ice_servers?: RTCIceServer[];
}

const path = (callId: string) => `/v1/board/calls/${encodeURIComponent(callId)}`;

export const boardApi = {
  board: (signal?: AbortSignal): Promise<Board> => auth.request("GET", "/v1/board", { signal }),
  join: (callId: string, offer: JoinOffer, mode: Mode, signal: AbortSignal): Promise<Connected> =>
    auth.request("POST", `${path(callId)}/join`, { body: { offer, mode }, signal }),
  mode: (callId: string, mode: Mode): Promise<void> =>
    auth.request("PATCH", `${path(callId)}/mode`, { body: { mode } }),
  guide: (callId: string, text: string): Promise<void> =>
    auth.request("POST", `${path(callId)}/guide`, { body: { text } }),
  takeOver: (callId: string): Promise<void> => auth.request("POST", `${path(callId)}/take-over`),
  handOff: (callId: string, queue: string | null): Promise<void> =>
    auth.request("POST", `${path(callId)}/handoff`, { body: queue === null ? {} : { queue } }),
  end: (callId: string): Promise<void> => auth.request("POST", `${path(callId)}/end`),
};
