/** Codes of the server in the page's words; one that a newer server invents is shown as it is. */

import type { i18n, TFunction } from "i18next";
import { nameOf } from "../ui/format";
import type { Queue } from "./api";
import { plainly } from "./view";

type Kind = "reason" | "mood" | "evidence" | "action" | "disposition" | "result" | "task" | "slot" | "why";

export function wordFor(t: TFunction, language: i18n, kind: Kind, code: string): string {
  const key = `desk.${kind}.${code}`;
  return /^[a-z_]+$/.test(code) && language.exists(key) ? (t as (key: string) => string)(key) : plainly(code);
}

export function languageWord(t: TFunction, code: string): string {
  return code === "en" || code === "ar" ? t(`language.${code}`) : code;
}

export function queueName(queues: readonly Queue[], id: string, language: string): string {
  const queue = queues.find((one) => one.id === id);
  return queue ? nameOf(queue.name, language, id) : plainly(id);
}
