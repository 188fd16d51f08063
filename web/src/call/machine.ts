/** A call as the caller sees it: a pure machine from events to what the page shows. It never waits and owns no clock. */

import type { Company, Floor, FromHatif } from "./protocol";
import {
  settle,
  type TranscriptLine,
  type WordsMessage,
  withInterruption,
  withNotice,
  withoutGuesses,
  withWords,
} from "./transcript";

export type Phase = "idle" | "microphone" | "connecting" | "live" | "reconnecting" | "ended" | "failed";

export type MicrophoneProblem = "denied" | "none" | "in_use" | "insecure";

export type FailureCode =
  | "busy"
  | "unreachable"
  | "unsupported"
  | "refused"
  | "media_blocked"
  | "gave_up"
  | "stale"
  | "unknown";

export interface Failure {
  code: FailureCode;
  retryAfterS: number | null;
}

/** What the caller typed and Hatif has not yet told to be safe; once echoed it stands in the transcript. */
export interface Typed {
  id: string;
  text: string;
  echoed: boolean;
}

/** Who the caller is with, and while nobody is: the place in the queue. */
export interface With {
  company: Company;
  position: number | null;
  waitS: number | null;
  choose: boolean;
  /** Whether the company calls back at all. */
  callbacks: boolean;
  /** A number to call back on is asked for. */
  number: boolean;
  /** The name of whoever comes, or is there. */
  advisor: string | null;
}

export interface CallState {
  phase: Phase;
  microphoneProblem: MicrophoneProblem | null;
  withoutMicrophone: boolean;
  callId: string | null;
  lease: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  outcome: string | null;
  failure: Failure | null;
  with: With;
  recording: boolean;
  floor: Floor;
  thinking: boolean;
  muted: boolean;
  /** The keypad's digits, the latest ones. */
  dialled: string;
  lines: readonly TranscriptLine[];
  pending: readonly Typed[];
  /** The agent's turn that is being spoken; its words may come only when it is over. */
  speakingSeq: number | null;
}

export type CallEvent =
  | { type: "call_pressed"; withoutMicrophone: boolean }
  | { type: "microphone_ready" }
  | { type: "microphone_failed"; problem: MicrophoneProblem }
  | { type: "answered"; callId: string; lease: number }
  | { type: "received"; message: FromHatif; atMs: number }
  | { type: "link_lost" }
  | { type: "typed"; id: string; text: string }
  | { type: "pressed"; digit: string }
  | { type: "mute_set"; muted: boolean }
  | { type: "hung_up"; atMs: number }
  | { type: "over"; outcome: string | null; atMs: number }
  | { type: "failed"; failure: Failure; atMs: number }
  | { type: "reset" };

/** As many as fit into the keypad's line; a card number has 16. */
const SHOWN_DIGITS = 16;

export const IDLE: CallState = {
  phase: "idle",
  microphoneProblem: null,
  withoutMicrophone: false,
  callId: null,
  lease: 0,
  startedAtMs: null,
  endedAtMs: null,
  outcome: null,
  failure: null,
  with: {
    company: "converse",
    position: null,
    waitS: null,
    choose: false,
    callbacks: true,
    number: false,
    advisor: null,
  },
  recording: false,
  floor: "open",
  thinking: false,
  muted: false,
  dialled: "",
  lines: [],
  pending: [],
  speakingSeq: null,
};

const OVER: readonly Phase[] = ["idle", "ended", "failed"];

export const isOver = (state: CallState): boolean => OVER.includes(state.phase);
export const isTalking = (state: CallState): boolean =>
  state.phase === "live" || state.phase === "reconnecting";

export function reduce(state: CallState, event: CallEvent): CallState {
  switch (event.type) {
    case "call_pressed":
      return {
        ...IDLE,
        phase: event.withoutMicrophone ? "connecting" : "microphone",
        withoutMicrophone: event.withoutMicrophone,
      };
    case "microphone_ready":
      return state.phase === "microphone" ? { ...state, phase: "connecting" } : state;
    case "microphone_failed":
      return state.phase === "microphone" ? { ...IDLE, microphoneProblem: event.problem } : state;
    case "answered":
      return isOver(state) ? state : { ...state, callId: event.callId, lease: event.lease };
    case "received":
      return isOver(state) ? state : receive(state, event.message, event.atMs);
    case "link_lost":
      return state.phase === "live"
        ? {
            ...state,
            phase: "reconnecting",
            floor: "open",
            thinking: false,
            speakingSeq: null,
            lines: settle(state.lines),
          }
        : state;
    case "typed":
      return isTalking(state)
        ? { ...state, pending: [...state.pending, { id: event.id, text: event.text, echoed: false }] }
        : state;
    case "pressed":
      return { ...state, dialled: (state.dialled + event.digit).slice(-SHOWN_DIGITS) };
    case "mute_set":
      return { ...state, muted: event.muted };
    case "hung_up":
      return state.startedAtMs === null && !isOver(state)
        ? IDLE
        : finish(state, "caller_hung_up", event.atMs);
    case "over":
      return finish(state, event.outcome, event.atMs);
    case "failed":
      if (isOver(state)) return state;
      return { ...finish(state, null, event.atMs), phase: "failed", failure: event.failure };
    case "reset":
      return IDLE;
  }
}

function finish(state: CallState, outcome: string | null, atMs: number): CallState {
  if (isOver(state)) return state;
  return {
    ...state,
    phase: "ended",
    outcome,
    endedAtMs: atMs,
    floor: "open",
    thinking: false,
    pending: [],
    speakingSeq: null,
    lines: settle(state.lines),
  };
}

function receive(state: CallState, message: FromHatif, atMs: number): CallState {
  switch (message.type) {
    case "ready":
      if (message.lease < state.lease) return state;
      return {
        ...state,
        phase: "live",
        lease: message.lease,
        callId: message.call_id || state.callId,
        startedAtMs: state.startedAtMs ?? atMs,
      };
    case "floor":
      return {
        ...state,
        floor: message.floor,
        thinking: message.floor === "open" ? state.thinking : false,
        speakingSeq: message.floor === "caller" ? null : state.speakingSeq,
      };
    case "speaking":
      return speaks(state, message.seq);
    case "answered":
      return { ...state, thinking: false, speakingSeq: null };
    case "transcript":
      return takeWords(state, message);
    case "turn":
      return endTurn(state, message);
    case "notice":
      return message.text ? { ...state, lines: withNotice(state.lines, message.text) } : state;
    case "ended":
      return finish(state, message.outcome || null, atMs);
    case "phase":
      return {
        ...state,
        with: {
          company: message.phase,
          position: message.position,
          waitS: message.wait_s,
          choose: message.choose,
          callbacks: message.callbacks,
          number: message.number,
          advisor: message.advisor,
        },
        thinking: false,
      };
    case "recording":
      return { ...state, recording: message.on };
    case "move":
    case "parties":
    case "parted":
    case "pong":
      return state;
  }
}

function takeWords(state: CallState, message: WordsMessage): CallState {
  const lines = withWords(state.lines, message);
  if (lines === state.lines) return state;
  const callerDone = message.final && message.speaker === "caller" && message.text.trim() !== "";
  return {
    ...state,
    lines,
    pending: callerDone ? echo(state.pending, message.text) : state.pending,
    // With an advisor, or waiting for one, nobody looks for an answer.
    thinking: callerDone ? state.floor === "open" && state.with.company === "converse" : state.thinking,
  };
}

/** The agent begins: a sound of the caller's that was still grey and isn't over the agent came to nothing. */
function speaks(state: CallState, seq: number): CallState {
  const overlaid = state.floor === "contested" || state.floor === "caller";
  const lines = overlaid ? state.lines : withoutGuesses(state.lines, "caller", "");
  return { ...state, lines, thinking: false, speakingSeq: seq };
}

/** Hatif may write it differently (digits); then the oldest one was meant. */
function echo(pending: readonly Typed[], heard: string): readonly Typed[] {
  const waiting = pending.filter(({ echoed }) => !echoed);
  const meant = waiting.find(({ text }) => text.trim() === heard.trim()) ?? waiting[0];
  return pending.map((typed) => (typed === meant ? { ...typed, echoed: true } : typed));
}

function endTurn(state: CallState, turn: Extract<FromHatif, { type: "turn" }>): CallState {
  return {
    ...state,
    lines: turn.interrupted ? withInterruption(state.lines, turn.speaker, turn.seq) : state.lines,
    // What was typed is pending until its turn can't be lost any more: until then it is sent again on a new line.
    pending: turn.id === null ? state.pending : state.pending.filter(({ id }) => id !== turn.id),
    speakingSeq: turn.speaker === "caller" ? state.speakingSeq : null,
  };
}
