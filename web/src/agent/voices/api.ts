/** Cloned voices and the consents for them, as the gateway has them. */

import { auth } from "../../staff/auth";
import type { Both } from "../../team/api";

export type Spoken = "en" | "ar";

export interface ClonedVoice {
  name: string;
  /** As the company names it among its voices: "own.sara". */
  voice: string;
  person: string;
  /** A day, as in "2026-11-20". */
  given_on: string;
  recorded_by: string;
  /** Word by word; "" where it was recorded without. */
  agreed_to: string;
  language: Spoken | null;
  speaks: Spoken[];
}

export interface Voices {
  voices: ClonedVoice[];
  /** null while the speech process is away. */
  can_clone: boolean | null;
  statement: Both;
}

export interface NewVoice {
  name: string;
  person: string;
  language: Spoken;
  given_on: string;
  agreed_to: string;
  /** A WAV file in base64. */
  sample: string;
}

const path = "/v1/team/voices";

export const voicesApi = {
  all: (signal?: AbortSignal): Promise<Voices> => auth.request("GET", path, { signal }),
  clone: (body: NewVoice): Promise<ClonedVoice> => auth.request("POST", path, { body }),
  withdraw: (name: string): Promise<void> => auth.request("DELETE", `${path}/${encodeURIComponent(name)}`),
};
