/** Codes of the server in the page's words; one that a newer server invents is shown as it is. */

import type { i18n, TFunction } from "i18next";
import { nameOf } from "../ui/format";
import type { Queue } from "./api";
import { plainly } from "./view";

type Kind =
  | "reason"
  | "mood"
  | "evidence"
  | "action"
  | "disposition"
  | "result"
  | "task"
  | "ticketState"
  | "slot"
  | "why"
  | "fact"
  | "system"
  | "crm"
  | "foundBy"
  | "errand"
  | "intent";

export function wordFor(t: TFunction, language: i18n, kind: Kind, code: string): string {
  const key = `desk.${kind}.${code}`;
  return /^[a-z_]+$/.test(code) && language.exists(key) ? (t as (key: string) => string)(key) : plainly(code);
}

/** What stands before a name in the intents of answers: of a document, a tool, an errand, or what was taken back. */
const NAMED = {
  knowledge: "document",
  tool: "tool",
  tool_slot: "tool",
  tool_fact: "tool",
  tool_confirm: "tool",
  errand: "errand",
  errand_again: "errand",
  cancelled: "cancelled",
} as const;

/** What an answer was about: in the page's words where the intent is ours, by its name where it is the tenant's. */
export function intentWord(t: TFunction, language: i18n, intent: string): string {
  const [kind, ...rest] = intent.split(":");
  if (kind === "handoff" && rest[0] !== undefined) return wordFor(t, language, "reason", rest[0]);
  const named = NAMED[kind as keyof typeof NAMED];
  if (named === undefined || rest.length === 0) return wordFor(t, language, "intent", intent);
  return t(`desk.intentOf.${named}`, { name: nameIn(t, language, named, rest) });
}

function nameIn(
  t: TFunction,
  language: i18n,
  named: (typeof NAMED)[keyof typeof NAMED],
  rest: readonly string[],
): string {
  const first = rest[0] ?? "";
  switch (named) {
    case "document":
      return rest.join(":");
    case "tool":
      return plainly(first);
    case "errand":
      return wordFor(t, language, "errand", first);
    case "cancelled":
      return wordFor(t, language, "task", first === "tool" ? (rest[1] ?? "") : first);
  }
}

const DID = /^(?:tool:)?(.+)_(waiting_approval|running|done|unknown)$/;

/** What is open in another system, or was done there; with a tenant's own tool by the tool's name. */
export function factWord(t: TFunction, language: i18n, kind: string): string {
  const did = DID.exec(kind);
  if (!did) return wordFor(t, language, "fact", kind);
  const state = did[2] as "waiting_approval" | "running" | "done" | "unknown";
  return t(`desk.factOf.${state}`, { name: wordFor(t, language, "task", did[1] ?? "") });
}

export function languageWord(t: TFunction, code: string): string {
  return code === "en" || code === "ar" ? t(`language.${code}`) : code;
}

export function queueName(queues: readonly Queue[], id: string, language: string): string {
  const queue = queues.find((one) => one.id === id);
  return queue ? nameOf(queue.name, language, id) : plainly(id);
}
