/** The messages of the data channel, as docs/protocol.md names them, and the only place that reads them. */

export type Language = "en" | "ar";
export type Speaker = "caller" | "agent" | "advisor";
/** Who the caller is with: the agent, nobody yet, an advisor. */
export type Company = "converse" | "held" | "bridged";
export type Floor = "open" | "caller" | "agent" | "contested";

export type FromHatif =
  | { type: "ready"; call_id: string; lease: number }
  | { type: "floor"; floor: Floor; at_ms: number }
  | {
      type: "transcript";
      seq: number;
      speaker: Speaker;
      text: string;
      language: string;
      final: boolean;
      kind?: string;
      /** The advisor who says it is a supervisor who came in. */
      supervisor?: boolean;
      /** Which of the people in the call says it; told to them only. */
      by?: Person | null;
    }
  | { type: "speaking"; seq: number; kind: string; at_ms: number }
  | {
      type: "turn";
      seq: number;
      speaker: Speaker;
      kind: string | null;
      interrupted: boolean;
      /** The one that its text was sent under. */
      id: string | null;
    }
  | {
      type: "phase";
      phase: Company;
      /** Place in the queue, 1 is next. */
      position: number | null;
      wait_s: number | null;
      /** Nobody is free: call back, or go on with the agent? */
      choose: boolean;
      /** Whether the company calls back at all. */
      callbacks: boolean;
      /** A number to call back on is asked for. */
      number: boolean;
      /** The name of whoever comes, or is there. */
      advisor: string | null;
    }
  | { type: "recording"; on: boolean }
  | { type: "move" }
  | { type: "answered"; seq: number }
  | { type: "notice"; code: string; text: string }
  | { type: "ended"; outcome: string }
  /** To people in the call only. */
  | { type: "parties"; parties: Party[] }
  | { type: "parted"; reason: string }
  | { type: "pong"; t: number };

/** Somebody at work. */
export interface Person {
  id: string;
  name: string | null;
}

/** Somebody in the call beside the caller and the agent. */
export interface Party {
  role: string;
  mode: string;
  name: string | null;
}

export type ToHatif =
  | { type: "text"; text: string; id: string }
  | { type: "dtmf"; digit: string }
  | { type: "mute"; muted: boolean }
  | { type: "recording"; on: false }
  | { type: "hangup" }
  | { type: "ping"; t: number };

/** The longest text that a caller may type, in characters. */
export const TEXT_MAX_CHARS = 1000;
export const DTMF_DIGITS = "0123456789*#";

const FLOORS: readonly string[] = ["open", "caller", "agent", "contested"];
const SPEAKERS: readonly string[] = ["caller", "agent", "advisor"];
const COMPANIES: readonly string[] = ["converse", "held", "bridged"];

type Fields = Record<string, unknown>;

const isSpeaker = (value: unknown): value is Speaker => typeof value === "string" && SPEAKERS.includes(value);
const isFloor = (value: unknown): value is Floor => typeof value === "string" && FLOORS.includes(value);
const isCompany = (value: unknown): value is Company =>
  typeof value === "string" && COMPANIES.includes(value);
const maybeNumber = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** One message, or null for anything that this client doesn't know: newer servers may say more. */
export function parseMessage(raw: unknown): FromHatif | null {
  if (typeof raw !== "string") return null;
  let fields: Fields;
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed !== "object" || parsed === null) return null;
    fields = parsed as Fields;
  } catch {
    return null;
  }
  switch (fields.type) {
    case "ready":
      return { type: "ready", call_id: text(fields.call_id), lease: number(fields.lease) };
    case "floor":
      return isFloor(fields.floor)
        ? { type: "floor", floor: fields.floor, at_ms: number(fields.at_ms) }
        : null;
    case "transcript":
      return transcript(fields);
    case "speaking":
      return {
        type: "speaking",
        seq: number(fields.seq),
        kind: text(fields.kind),
        at_ms: number(fields.at_ms),
      };
    case "turn":
      return isSpeaker(fields.speaker)
        ? {
            type: "turn",
            seq: number(fields.seq),
            speaker: fields.speaker,
            kind: typeof fields.kind === "string" ? fields.kind : null,
            interrupted: fields.interrupted === true,
            id: typeof fields.id === "string" ? fields.id : null,
          }
        : null;
    case "phase":
      return isCompany(fields.phase)
        ? {
            type: "phase",
            phase: fields.phase,
            position: maybeNumber(fields.position),
            wait_s: maybeNumber(fields.wait_s),
            choose: fields.choose === true,
            callbacks: fields.callbacks !== false,
            number: fields.number === true,
            advisor: name(fields.advisor),
          }
        : null;
    case "recording":
      return { type: "recording", on: fields.on === true };
    case "move":
      return { type: "move" };
    case "parties":
      return { type: "parties", parties: parties(fields.parties) };
    case "parted":
      return { type: "parted", reason: text(fields.reason) };
    case "answered":
      return { type: "answered", seq: number(fields.seq) };
    case "notice":
      return { type: "notice", code: text(fields.code), text: text(fields.text) };
    case "ended":
      return { type: "ended", outcome: text(fields.outcome) };
    case "pong":
      return { type: "pong", t: number(fields.t) };
    default:
      return null;
  }
}

/** Of somebody at work, as the server shows it. */
function name(person: unknown): string | null {
  return typeof person === "object" && person !== null ? text((person as Fields).name) || null : null;
}

function by(person: unknown): { by?: Person } {
  const id = typeof person === "object" && person !== null ? text((person as Fields).id) : "";
  return id ? { by: { id, name: name(person) } } : {};
}

function parties(value: unknown): Party[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((one): one is Fields => typeof one === "object" && one !== null)
    .map((one) => ({ role: text(one.role), mode: text(one.mode), name: text(one.name) || null }));
}

function transcript(fields: Fields): FromHatif | null {
  if (!isSpeaker(fields.speaker) || typeof fields.seq !== "number" || typeof fields.text !== "string")
    return null;
  return {
    type: "transcript",
    seq: fields.seq,
    speaker: fields.speaker,
    text: fields.text,
    language: text(fields.language),
    final: fields.final === true,
    ...(typeof fields.kind === "string" ? { kind: fields.kind } : {}),
    ...(fields.supervisor === true ? { supervisor: true } : {}),
    ...by(fields.by),
  };
}
