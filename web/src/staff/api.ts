/** What the staff's pages read of calls. */

import type { Names } from "../call/api";
import type { Person } from "../call/protocol";
import type { Delivered, Delivery } from "../ui/delivery";
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
  /** Turns are told apart, and ordered, by lease and seq. */
  lease: number;
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
  by_supervisor: boolean;
  /** The person who said it. */
  by: Person | null;
  /** What was begun before it was known to be needed: recognitions of a customer's turn, sentences of ours. */
  guesses: { begun: number; thrown_away: number };
}

/** A handoff of a call, with everybody it was offered to. Times are Unix seconds. */
export interface HandoffTold {
  handoff_id: string;
  number: number;
  reason: string;
  urgent: boolean;
  queue: { id: string; name: Names };
  state: string;
  created_at: number;
  ended_at: number | null;
  /** What became of it; null while it goes on. */
  result: string | null;
  offers: OfferTold[];
}

export interface OfferTold {
  number: number;
  advisor: { id: string; name: string | null };
  result: string;
  offered_at: number;
  answered_at: number | null;
  /** How an advisor who had the call came out of it. */
  left: string | null;
  left_at: number | null;
  disposition: string | null;
  notes: string | null;
}

/** Something that was done in another system. */
export interface ActionTold {
  key: string;
  action: string;
  state: string;
  started_at: number;
  finished_at: number | null;
  slots: Record<string, string>;
  /** What the other system calls it. */
  reference: string | null;
  reason: string | null;
  /** Where the ticket that it opened stands in the other system, once that told of a change. */
  ticket_state: string | null;
  ticket_changed_at: number | null;
  /** How far the message has come that it sent. */
  delivery?: Delivery;
}

/** Where the caller's mood changed, as it is estimated from their words. */
export interface MoodTold {
  mood: string;
  at_ms: number;
  because: string[];
}

export interface CallTold {
  call: CallRow;
  turns: Turn[];
  handoffs: HandoffTold[];
  actions: ActionTold[];
  moods: MoodTold[];
  /** Of a thread: how far each message of ours has come. */
  deliveries?: Delivered[];
}

/** Something that the caller said to being recorded; `seq` is the turn that proves it. */
export interface Consent {
  number: number;
  state: string;
  seq: number;
  at_ms: number;
  lease: number;
  language: string;
}

export type RecordingFacts =
  | { altered: true }
  | { altered: false; duration_ms: number; starts_ms: number; complete: boolean; legs: string[] };

const callPath = (callId: string) => `/v1/calls/${encodeURIComponent(callId)}`;

export const staffApi = {
  calls: async (limit: number, signal?: AbortSignal): Promise<CallRow[]> =>
    (await auth.request<{ calls: CallRow[] }>("GET", `/v1/calls?limit=${limit}`, { signal })).calls,
  call: (callId: string, signal?: AbortSignal): Promise<CallTold> =>
    auth.request("GET", callPath(callId), { signal }),
  consent: (
    callId: string,
    signal?: AbortSignal,
  ): Promise<{ consents: Consent[]; recording: RecordingFacts | null }> =>
    auth.request("GET", `${callPath(callId)}/consent`, { signal }),
  /** Lets this page's audio element play the recording for the next minutes. */
  listen: (callId: string): Promise<void> => auth.request("POST", `${callPath(callId)}/recording/listen`),
  recordingUrl: (callId: string): string => `${callPath(callId)}/recording`,
};
