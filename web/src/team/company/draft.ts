/** What the company says of itself, as it stands in the form. Pure. */

import type { Names } from "../../call/api";
import type { Both, Politeness, Profile, ProfileChange } from "../api";

export interface CompanyDraft {
  name: Both;
  persona: Both;
  greeting: Both;
  /** Empty is the engine's own. */
  voices: Both;
  politeness: Politeness;
  handoff: boolean;
  callbacks: boolean;
  recording: boolean;
}

const TEXTS = ["name", "persona", "greeting"] as const;
const SWITCHES = ["handoff", "callbacks", "recording"] as const;
const LANGUAGES = ["en", "ar"] as const;
const VOICE = /^[A-Za-z0-9_.+-]{1,60}(\/(warm|lively|formal|clear))?$/;

const both = (names: Names): Both => ({ en: names.en ?? "", ar: names.ar ?? "" });

export const draftOf = (profile: Profile): CompanyDraft => ({
  name: both(profile.name),
  persona: both(profile.persona),
  greeting: both(profile.greeting),
  voices: both(profile.voices),
  politeness: profile.politeness,
  handoff: profile.handoff,
  callbacks: profile.callbacks,
  recording: profile.recording,
});

/** Only what differs: what the company's file says of the rest goes on counting. */
export function changeOf(draft: CompanyDraft, stored: CompanyDraft): ProfileChange {
  const change: ProfileChange = {};
  for (const key of TEXTS) {
    if (differ(draft[key], stored[key])) change[key] = spoken(draft[key]);
  }
  if (differ(draft.voices, stored.voices)) {
    const { en, ar } = spoken(draft.voices);
    change.voices = { en: en || null, ar: ar || null };
  }
  if (draft.politeness !== stored.politeness) change.politeness = draft.politeness;
  for (const key of SWITCHES) {
    if (draft[key] !== stored[key]) change[key] = draft[key];
  }
  return change;
}

const differ = (a: Both, b: Both): boolean => a.en !== b.en || a.ar !== b.ar;

/** What is spoken is one line: a line break is a space. */
const spoken = ({ en, ar }: Both): Both => ({ en: oneLine(en), ar: oneLine(ar) });
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** The places that can't be sent like this, e.g. "greeting.ar". */
export function faultsOf(draft: CompanyDraft): Set<string> {
  const faults = new Set<string>();
  for (const language of LANGUAGES) {
    for (const key of TEXTS) if (draft[key][language].trim() === "") faults.add(`${key}.${language}`);
    const voice = draft.voices[language].trim();
    if (voice !== "" && !VOICE.test(voice)) faults.add(`voices.${language}`);
  }
  return faults;
}
