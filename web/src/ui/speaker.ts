/** What the speaker of a line is called. Pure. */

import type { TranscriptLine } from "../call/transcript";

/** Who "you" is depends on who reads. */
export type SpeakerNames = Record<TranscriptLine["speaker"] | "supervisor", string>;

/** Somebody at work who reads along what they say themselves, and what they are called there. */
export interface Reader {
  id: string;
  you: string;
}

const kindOf = (line: TranscriptLine): keyof SpeakerNames => (line.supervisor ? "supervisor" : line.speaker);

export const isSameSpeaker = (line: TranscriptLine, other: TranscriptLine | undefined): boolean =>
  other !== undefined && kindOf(line) === kindOf(other) && line.by?.id === other.by?.id;

/** Several advisors may be in one call: each but the reader goes by their name. */
export function speakerOf(line: TranscriptLine, names: SpeakerNames, reader: Reader | null): string {
  if (line.by && line.by.id === reader?.id) return reader.you;
  return (!line.supervisor && line.by?.name) || names[kindOf(line)];
}
