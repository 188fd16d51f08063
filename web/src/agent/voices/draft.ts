/** The form for a voice, as it stands. Pure. */

import type { NewVoice, Spoken } from "./api";
import { base64Of, type Sample } from "./sample";

export interface VoiceDraft {
  name: string;
  person: string;
  language: Spoken;
  given_on: string;
  agreed: boolean;
  sample: Sample | null;
}

export type Fault = "name" | "taken" | "person" | "given_on" | "agreed" | "sample";

const NAME = /^[a-z][a-z0-9_-]{0,15}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** `today` is a day like those of the draft. */
export function faultsOf(draft: VoiceDraft, taken: readonly string[], today: string): Set<Fault> {
  const faults = new Set<Fault>();
  if (!NAME.test(draft.name.trim())) faults.add("name");
  else if (taken.includes(draft.name.trim())) faults.add("taken");
  if (draft.person.trim() === "") faults.add("person");
  if (!DAY.test(draft.given_on) || draft.given_on > today) faults.add("given_on");
  if (!draft.agreed) faults.add("agreed");
  if (draft.sample === null) faults.add("sample");
  return faults;
}

export function voiceOf(draft: VoiceDraft, sample: Sample, statement: string): NewVoice {
  return {
    name: draft.name.trim(),
    person: draft.person.replaceAll(/\s+/g, " ").trim(),
    language: draft.language,
    given_on: draft.given_on,
    agreed_to: statement,
    sample: base64Of(sample.wav),
  };
}

/** Where the page is: somebody in Dubai has today's date before London has it. */
export function dayOf(now: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
