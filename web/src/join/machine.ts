/** A person's place in a running call, as their page shows it: pure, from what the line tells. */

import type { MicrophoneProblem } from "../call/machine";
import type { Company, FromHatif, Party, Person, Speaker } from "../call/protocol";
import {
  settle,
  type TranscriptLine,
  withInterruption,
  withNotice,
  withoutGuesses,
  withWords,
} from "../call/transcript";

/** "again": the line was cut and is being asked for anew. */
export type Link = "opening" | "live" | "again" | "over";

/** Why one's own line is over: the call is, only one's own part, another page took the place, Hatif refused. */
export type JoinedOver = "ended" | "left" | "replaced" | "refused";

export interface JoinedState {
  link: Link;
  over: JoinedOver | null;
  microphoneProblem: MicrophoneProblem | null;
  muted: boolean;
  /** Who the caller is with; null until the line has told it. */
  company: Company | null;
  recording: boolean;
  parties: readonly Party[];
  lines: readonly TranscriptLine[];
}

/** A turn that was finished before this line opened, or while it was cut. */
export interface EarlierTurn {
  seq: number;
  speaker: Speaker;
  text: string;
  language: string;
  interrupted: boolean;
  by_supervisor: boolean;
  by: Person | null;
}

export type JoinedEvent =
  | { type: "microphone_failed"; problem: MicrophoneProblem }
  | { type: "microphone_ready" }
  | { type: "opened" }
  | { type: "link_lost" }
  | { type: "received"; message: FromHatif }
  | { type: "earlier"; turns: readonly EarlierTurn[] }
  | { type: "mute_set"; muted: boolean }
  | { type: "over"; why: JoinedOver };

export const OPENING: JoinedState = {
  link: "opening",
  over: null,
  microphoneProblem: null,
  muted: false,
  company: null,
  recording: false,
  parties: [],
  lines: [],
};

export function reduce(state: JoinedState, event: JoinedEvent): JoinedState {
  switch (event.type) {
    case "microphone_failed":
      return { ...state, microphoneProblem: event.problem };
    case "microphone_ready":
      return { ...state, microphoneProblem: null };
    case "opened":
      return state.link === "over" ? state : { ...state, link: "live" };
    case "link_lost":
      return state.link === "live" ? { ...state, link: "again", lines: settle(state.lines) } : state;
    case "received":
      return state.link === "over" ? state : receive(state, event.message);
    case "earlier":
      return { ...state, lines: event.turns.reduce(withTurn, state.lines) };
    case "mute_set":
      return { ...state, muted: event.muted };
    case "over":
      return over(state, event.why);
  }
}

function over(state: JoinedState, why: JoinedOver): JoinedState {
  if (state.link === "over") return state;
  return { ...state, link: "over", over: why, parties: [], lines: settle(state.lines) };
}

function receive(state: JoinedState, message: FromHatif): JoinedState {
  switch (message.type) {
    case "transcript":
      return { ...state, lines: withWords(state.lines, message) };
    case "turn":
      return message.interrupted
        ? { ...state, lines: withInterruption(state.lines, message.speaker, message.seq) }
        : state;
    case "phase":
      return {
        ...state,
        company: message.phase,
        // The agent fell silent in the middle of a sentence, or is about to speak again.
        lines: message.phase === state.company ? state.lines : withoutGuesses(state.lines, "agent", ""),
      };
    case "recording":
      return { ...state, recording: message.on };
    case "parties":
      return { ...state, parties: message.parties };
    case "notice":
      return message.text ? { ...state, lines: withNotice(state.lines, message.text) } : state;
    case "ended":
      return over(state, "ended");
    case "parted":
      return over(state, message.reason === "replaced" ? "replaced" : "left");
    case "ready":
    case "floor":
    case "speaking":
    case "answered":
    case "move":
    case "pong":
      return state;
  }
}

function withTurn(lines: readonly TranscriptLine[], turn: EarlierTurn): readonly TranscriptLine[] {
  const told = withWords(lines, { ...turn, supervisor: turn.by_supervisor, final: true });
  return turn.interrupted ? withInterruption(told, turn.speaker, turn.seq) : told;
}
