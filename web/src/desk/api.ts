/** What the desk reads and does, as the gateway has it. Times are Unix seconds of the server. */

import type { Connected, Names } from "../call/api";
import type { JoinOffer } from "../join/joined";
import type { Turn } from "../staff/api";
import { auth } from "../staff/auth";
import type { Delivered } from "../ui/delivery";

export type PresenceState = "ready" | "ringing" | "busy" | "wrap_up" | "away" | "offline";
/** What a person can choose; the rest follows from their calls. */
export type Choice = "ready" | "away";

export interface Presence {
  state: PresenceState;
  since: number;
  away: string | null;
  next_state: string | null;
  tab: string | null;
}

export interface MoodAt {
  mood: string;
  at_ms: number;
  because: string[];
}

export interface Brief {
  language: string;
  reason: string;
  urgent: boolean;
  sentence: string | null;
  caller: string | null;
  /** What makes us think so; null where nobody was found. */
  caller_by: string | null;
  /** Why we called them; null where they called us. */
  about: string | null;
  first_request: string | null;
  summary: Names;
  /** "rule" or "model". */
  summary_by: string;
  mood: string | null;
  moods: MoodAt[];
  intents: { intent: string; at_ms: number }[];
  tried: { intent: string | null; text: string; at_ms: number }[];
  open_facts: { system: string; kind: string; text: string }[];
  /** What came of looking in the CRM; null where nobody looks. */
  crm: string | null;
  next_actions: string[];
  notes: string[];
  seconds: number;
}

export interface Handoff {
  handoff_id: string;
  call_id: string;
  /** Where the caller is: "sms" and "whatsapp" are answered in writing. */
  channel: string | null;
  reason: string;
  urgent: boolean;
  language: string;
  queue_id: string;
  state: string;
  created_at: number;
  offer_number: number;
  offered_until: number | null;
  accepted_at: number | null;
  joined_at: number | null;
  brief: Brief | null;
}

/** One's own part in a handoff. */
export interface Taken {
  handoff_id: string;
  call_id: string;
  number: number;
  result: string;
  offered_at: number;
  answered_at: number | null;
  left: string | null;
  left_at: number | null;
  wrap_up_until: number | null;
  wrapped_up_at: number | null;
  disposition: string | null;
  notes: string | null;
}

export interface Callback {
  callback_id: string;
  call_id: string;
  state: string;
  reason: string;
  language: string;
  created_at: number;
  next_try_at: number;
  window_ends_at: number | null;
  tries: number;
  via: string;
  contact: string | null;
  has_contact: boolean;
  claimed_by: string | null;
}

/** How far a callback is that the agent dials; `handoff_id` rings here once somebody has answered. */
export interface Dialled {
  result: string | null;
  handoff_id: string | null;
}

export interface Queue {
  id: string;
  name: Names;
}

export interface Desk {
  me: { id: string };
  now: number;
  presence: Presence;
  offer: Handoff | null;
  handoff: Handoff | null;
  wrap_ups: Taken[];
  waiting: { queue: string; count: number; longest_s: number }[];
  callbacks: Callback[];
  /** Whether the agent can dial for this company. */
  dials: boolean;
  queues: Queue[];
  ice_servers?: RTCIceServer[];
}

/** An action in another system that needs a person; `what` are its words, by their part in it. */
export interface Task {
  call_id: string;
  key: string;
  action: string;
  what: Record<string, string | undefined>;
  since: number;
  language: string | null;
  caller: string | null;
}

export interface Tasks {
  approvals: Task[];
  unknown: Task[];
}

export type TaskAct = "approve" | "decline" | "done";

export interface WrapUpForm {
  disposition: string | null;
  notes: string;
}

/** What a WhatsApp template says and what each of its values is, as the company has written it down. */
export interface Template {
  name: string;
  language: string;
  /** With {{1}}, {{2}} where the values stand. */
  body: string;
  values: Names[];
}

export interface ThreadTold {
  turns: Turn[];
  deliveries: Delivered[];
  /** Whether one may write freely at this moment; null where there is no thread. */
  free_text: { open: boolean; because: string | null; until: number | null } | null;
  templates: Template[];
}

/** A message of one's own: free words, or a template with its values. */
export type Written = { text: string } | { template: { name: string; language: string; values: string[] } };

const handoffPath = (handoffId: string) => `/v1/desk/handoffs/${encodeURIComponent(handoffId)}`;
const callbackPath = (callbackId: string) => `/v1/desk/callbacks/${encodeURIComponent(callbackId)}`;
const taskPath = (task: Task) =>
  `/v1/desk/tasks/${encodeURIComponent(task.call_id)}/${encodeURIComponent(task.key)}`;
/** The gateway takes no empty note. */
const noted = (name: "note" | "notes", text: string) => (text.trim() ? { [name]: text.trim() } : {});

export const deskApi = {
  desk: (signal?: AbortSignal): Promise<Desk> => auth.request("GET", "/v1/desk", { signal }),
  choose: async (state: Choice, tab: string): Promise<Presence> =>
    (await auth.request<{ presence: Presence }>("PUT", "/v1/desk/presence", { body: { state, tab } }))
      .presence,
  accept: (handoffId: string, offerNumber: number): Promise<void> =>
    auth.request("POST", `${handoffPath(handoffId)}/accept`, { body: { offer_number: offerNumber } }),
  decline: (handoffId: string, offerNumber: number): Promise<void> =>
    auth.request("POST", `${handoffPath(handoffId)}/decline`, { body: { offer_number: offerNumber } }),
  join: (handoffId: string, offer: JoinOffer, signal: AbortSignal): Promise<Connected> =>
    auth.request("POST", `${handoffPath(handoffId)}/join`, { body: { offer }, signal }),
  turns: async (handoffId: string, signal: AbortSignal): Promise<Turn[]> =>
    (await auth.request<{ turns: Turn[] }>("GET", handoffPath(handoffId), { signal })).turns,
  /** What one's thread says by now. */
  thread: (handoffId: string, signal: AbortSignal): Promise<ThreadTold> =>
    auth.request("GET", `${handoffPath(handoffId)}/messages`, { signal }),
  /** The same `id` again is the same message. */
  write: (handoffId: string, id: string, written: Written): Promise<void> =>
    auth.request("POST", `${handoffPath(handoffId)}/messages`, { body: { id, ...written } }),
  giveBack: (handoffId: string, note: string): Promise<void> =>
    auth.request("POST", `${handoffPath(handoffId)}/give-back`, { body: noted("note", note) }),
  /** A null queue is the one that the caller came from. */
  requeue: (handoffId: string, queue: string | null, note: string): Promise<void> =>
    auth.request("POST", `${handoffPath(handoffId)}/requeue`, {
      body: { ...(queue === null ? {} : { queue }), ...noted("note", note) },
    }),
  finish: (handoffId: string): Promise<void> => auth.request("POST", `${handoffPath(handoffId)}/finish`),
  wrapUp: (taken: Taken, form: WrapUpForm): Promise<void> =>
    auth.request("POST", `${handoffPath(taken.handoff_id)}/wrap-up`, {
      body: {
        offer_number: taken.number,
        ...(form.disposition === null ? {} : { disposition: form.disposition }),
        ...noted("notes", form.notes),
      },
    }),
  history: async (limit: number, signal?: AbortSignal): Promise<Taken[]> =>
    (await auth.request<{ handoffs: Taken[] }>("GET", `/v1/desk/history?limit=${limit}`, { signal }))
      .handoffs,
  claim: (callbackId: string): Promise<void> => auth.request("POST", `${callbackPath(callbackId)}/claim`),
  /** Dials once for each try; asked again, it says how far that is. */
  dial: (callbackId: string): Promise<Dialled> => auth.request("POST", `${callbackPath(callbackId)}/dial`),
  settle: (callbackId: string, how: "done" | "failed" | "cancel"): Promise<void> =>
    auth.request("POST", `${callbackPath(callbackId)}/${how}`),
  reschedule: async (callbackId: string, at: number): Promise<number> =>
    (await auth.request<{ at: number }>("POST", `${callbackPath(callbackId)}/reschedule`, { body: { at } }))
      .at,
  tasks: (): Promise<Tasks> => auth.request("GET", "/v1/desk/tasks"),
  seeTo: (task: Task, act: TaskAct): Promise<void> => auth.request("POST", `${taskPath(task)}/${act}`),
};
