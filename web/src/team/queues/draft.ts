/** A queue as it stands in the form: numbers and skills as they are typed. Pure. */

import { isShortName, skillsOf } from "../../form/rules";
import type { Both, Queue } from "../api";

export interface QueueDraft {
  name: Both;
  languages: string[];
  skills: string;
  offer_s: string;
  max_wait_s: string;
  wrap_up_s: string;
}

/** The gateway's own bounds, in seconds. */
export const TIMES = [
  { key: "offer_s", least: 5, most: 120 },
  { key: "max_wait_s", least: 10, most: 3600 },
  { key: "wrap_up_s", least: 10, most: 3600 },
] as const;

export type TimeKey = (typeof TIMES)[number]["key"];

export const NEW_QUEUE: QueueDraft = {
  name: { en: "", ar: "" },
  languages: [],
  skills: "",
  offer_s: "20",
  max_wait_s: "90",
  wrap_up_s: "300",
};

export const draftOf = (queue: Queue): QueueDraft => ({
  name: { en: queue.name.en ?? "", ar: queue.name.ar ?? "" },
  languages: queue.languages.toSorted((a, b) => b.localeCompare(a)),
  skills: queue.skills.join(", "),
  offer_s: String(queue.offer_s),
  max_wait_s: String(queue.max_wait_s),
  wrap_up_s: String(queue.wrap_up_s),
});

export const queueOf = (draft: QueueDraft, id: string, position: number): Queue => ({
  id,
  name: { en: draft.name.en.trim(), ar: draft.name.ar.trim() },
  languages: draft.languages,
  skills: skillsOf(draft.skills),
  offer_s: Number(digits(draft.offer_s)),
  max_wait_s: Number(digits(draft.max_wait_s)),
  wrap_up_s: Number(digits(draft.wrap_up_s)),
  position,
});

export type QueueFaults = Partial<Record<"en" | "ar" | "skills" | TimeKey, boolean>>;

export function faultsOf(draft: QueueDraft): QueueFaults {
  const faults: QueueFaults = {
    en: draft.name.en.trim() === "",
    ar: draft.name.ar.trim() === "",
    skills: !skillsOf(draft.skills).every(isShortName),
  };
  for (const { key, least, most } of TIMES) {
    const text = digits(draft[key]);
    const seconds = Number(text);
    faults[key] = !/^\d{1,4}$/.test(text) || seconds < least || seconds > most;
  }
  return faults;
}

/** An Arabic keyboard writes other digits. */
export function digits(text: string): string {
  return text.trim().replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
}
