/** A tool's form: everything as text while it is typed, and what is wrong with it. */

import type { OwnTool, ToolChange } from "./api";

const NAME = /^[a-z][a-z0-9_]{1,39}$/;
const MOST_MS = 5000;
const LEAST_MS = 200;
export const MOST_EXAMPLES = 10;

export interface ToolDraft {
  name: string;
  about: { en: string; ar: string };
  method: "GET" | "POST";
  url: string;
  input: string;
  output: string;
  answer: { en: string; ar: string };
  /** Questions that mean this tool, one a line. */
  examples: { en: string; ar: string };
  /** What is asked of a caller who left out a field of the input; by field. */
  asks: Record<string, { en: string; ar: string }>;
  /** Empty where the answer is nobody's own. */
  proof: string;
  timeout: string;
  secret: string;
  enabled: boolean;
}

const written = (schema: unknown) => JSON.stringify(schema, null, 2);

export const NEW_TOOL: ToolDraft = {
  name: "",
  about: { en: "", ar: "" },
  method: "GET",
  url: "https://",
  input: written({ type: "object", properties: { branch: { type: "string" } }, required: ["branch"] }),
  output: written({ type: "object", properties: { opens: { type: "string" } }, required: ["opens"] }),
  answer: { en: "", ar: "" },
  examples: { en: "", ar: "" },
  asks: {},
  proof: "",
  timeout: "3000",
  secret: "",
  enabled: true,
};

/** The secret begins empty: what is held is not shown, and stays where nothing is typed. */
export const draftOf = (tool: OwnTool): ToolDraft => ({
  name: tool.name,
  about: tool.about,
  method: tool.method === "POST" ? "POST" : "GET",
  url: tool.url,
  input: written(tool.input),
  output: written(tool.output),
  answer: tool.answer,
  examples: { en: tool.examples.en.join("\n"), ar: tool.examples.ar.join("\n") },
  asks: tool.asks,
  proof: tool.proof ?? "",
  timeout: String(tool.timeout_ms),
  secret: "",
  enabled: tool.enabled,
});

/** An object's JSON, or null. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export const isName = (name: string) => NAME.test(name);
export const isAddress = (url: string) =>
  /^https?:\/\/\S+\.?\S*$/.test(url.trim()) && url.trim() !== "https://";

export function isTimeout(text: string): boolean {
  const timeout = Number(text);
  return Number.isInteger(timeout) && timeout >= LEAST_MS && timeout <= MOST_MS;
}

export const lines = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** The fields that an input requires: a caller who left one out is asked for it. */
export function requiredOf(input: string): string[] {
  const required = objectIn(input)?.required;
  return Array.isArray(required) ? required.filter((field) => typeof field === "string") : [];
}

export const askOf = (draft: Pick<ToolDraft, "asks">, field: string) =>
  draft.asks[field] ?? { en: "", ar: "" };

/** Whether one of the two languages is missing. */
export const lacks = (both: { en: string; ar: string }) => !both.en.trim() || !both.ar.trim();

export function faultsOf(draft: ToolDraft) {
  const examples = [lines(draft.examples.en).length, lines(draft.examples.ar).length];
  return {
    name: !isName(draft.name),
    about: lacks(draft.about),
    url: !isAddress(draft.url),
    input: objectIn(draft.input) === null,
    output: objectIn(draft.output) === null,
    answer: lacks(draft.answer),
    examples: examples.some((count) => count < 1 || count > MOST_EXAMPLES),
    asks: requiredOf(draft.input).some((field) => lacks(askOf(draft, field))),
    timeout: !isTimeout(draft.timeout),
  };
}

/** Of a draft without faults. */
export function changeOf(draft: ToolDraft): ToolChange {
  const proof = draft.proof.trim() || null;
  return {
    about: draft.about,
    method: draft.method,
    url: draft.url.trim(),
    input: objectIn(draft.input) ?? {},
    output: objectIn(draft.output) ?? {},
    answer: draft.answer,
    examples: { en: lines(draft.examples.en), ar: lines(draft.examples.ar) },
    asks: Object.fromEntries(requiredOf(draft.input).map((field) => [field, askOf(draft, field)])),
    assurance: proof === null ? "nothing" : "second_fact",
    proof,
    timeout_ms: Number(draft.timeout),
    enabled: draft.enabled,
    ...(draft.secret.trim() ? { secret: draft.secret.trim() } : {}),
  };
}
