/** The lines of a conversation as its words come in, whoever reads them: the caller, an advisor, a supervisor. Pure. */

import type { Delivery } from "../ui/delivery";
import type { FromHatif, Person, Speaker } from "./protocol";

/** One line of the transcript; a notice has no speaker. */
export interface TranscriptLine {
  key: string;
  seq: number;
  speaker: Speaker | "notice";
  text: string;
  language: string;
  final: boolean;
  interrupted: boolean;
  /** The advisor who said it is a supervisor who came in. */
  supervisor?: boolean;
  /** Which of the people in the call said it, where that is told. */
  by?: Person;
  /** Of a message that was sent. */
  delivery?: Delivery;
}

export type WordsMessage = Extract<FromHatif, { type: "transcript" }>;

const keyOf = (speaker: Speaker, seq: number): string => `${speaker}-${seq}`;

/** The same lines when the message says nothing new. */
export function withWords(
  lines: readonly TranscriptLine[],
  message: Omit<WordsMessage, "type" | "kind">,
): readonly TranscriptLine[] {
  const key = keyOf(message.speaker, message.seq);
  const sure = withoutGuesses(lines, message.speaker, key);
  const known = sure.findIndex((line) => line.key === key);
  const earlier = sure[known];
  // Words may overtake one another on a slow link; a settled line never turns grey again.
  if (earlier?.final && !message.final) return lines;
  return place(sure, known, {
    key,
    seq: message.seq,
    speaker: message.speaker,
    text: message.text,
    language: message.language,
    final: message.final,
    interrupted: earlier?.interrupted ?? false,
    ...(message.supervisor ? { supervisor: true } : {}),
    ...(message.by ? { by: message.by } : {}),
  });
}

/** A speaker says one thing at a time: new words replace whatever of theirs was still grey under another number. */
export function withoutGuesses(
  lines: readonly TranscriptLine[],
  speaker: Speaker,
  exceptKey: string,
): readonly TranscriptLine[] {
  const stale = (line: TranscriptLine) => !line.final && line.speaker === speaker && line.key !== exceptKey;
  return lines.some(stale) ? lines.filter((line) => !stale(line)) : lines;
}

/** Put the line where its turn belongs: lines keep the order of `seq`, and one without words goes away. */
function place(
  lines: readonly TranscriptLine[],
  known: number,
  line: TranscriptLine,
): readonly TranscriptLine[] {
  if (line.text.trim() === "") return known < 0 ? lines : lines.toSpliced(known, 1);
  if (known >= 0) return lines.with(known, line);
  const after = lines.findLastIndex((other) => other.speaker === "notice" || other.seq <= line.seq);
  return lines.toSpliced(after + 1, 0, line);
}

export function withInterruption(
  lines: readonly TranscriptLine[],
  speaker: Speaker,
  seq: number,
): readonly TranscriptLine[] {
  const key = keyOf(speaker, seq);
  return lines.map((line) => (line.key === key ? { ...line, final: true, interrupted: true } : line));
}

/** Nothing stays grey once no more words can come. */
export function settle(lines: readonly TranscriptLine[]): readonly TranscriptLine[] {
  return lines.map((line) => (line.final ? line : { ...line, final: true }));
}

export function withNotice(lines: readonly TranscriptLine[], text: string): readonly TranscriptLine[] {
  const notice = {
    key: `notice-${lines.length}`,
    seq: -1,
    speaker: "notice" as const,
    text,
    language: "",
    final: true,
    interrupted: false,
  };
  return [...lines, notice];
}
