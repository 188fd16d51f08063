/** What is drawn of documents, worked out apart from the drawing. */

import type { KnownDocument } from "./api";

/** What the gateway reads, by the end of a file's name. */
export const TAKEN = ".pdf,.docx,.html,.htm,.md,.markdown,.txt";
/** Of one file, as the gateway has it. */
export const MOST_BYTES = 20_000_000;

export const isUnderWay = ({ state }: KnownDocument): boolean => state !== "ready" && state !== "failed";

/** Why a file isn't worth sending, or null. */
export function faultOf(file: {
  name: string;
  size: number;
}): "unsupported_type" | "too_large" | "empty" | null {
  const end = `.${file.name.split(".").at(-1)?.toLowerCase() ?? ""}`;
  if (!TAKEN.split(",").includes(end)) return "unsupported_type";
  if (file.size > MOST_BYTES) return "too_large";
  return file.size === 0 ? "empty" : null;
}

/** A passage around the sentence that answers; all of it is "before" where there is none. */
export function around(
  text: string,
  answer: string | null,
): { before: string; answer: string; after: string } {
  const at = answer ? text.indexOf(answer) : -1;
  if (!answer || at < 0) return { before: text, answer: "", after: "" };
  return { before: text.slice(0, at), answer, after: text.slice(at + answer.length) };
}
