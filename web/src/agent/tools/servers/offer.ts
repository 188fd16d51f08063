/** The form by which a server's tool is offered to callers: as text while it is typed, and what is wrong with it. */

import type { Both } from "../../../team/api";
import type { OwnTool } from "../api";
import { askOf, isName, lacks, lines, MOST_EXAMPLES } from "../draft";
import type { Listed, Offer } from "./api";

export interface OfferDraft {
  name: string;
  about: Both;
  answer: Both;
  /** One a line. */
  examples: Both;
  asks: Record<string, Both>;
  writes: boolean;
  /** Fields of the output; empty for none. */
  proof: string;
  reference: string;
  needsAdvisor: boolean;
}

/** What is approved: as the server lists it now, or as it was approved before. */
export interface Approving {
  remote: string;
  digest: string;
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  onlyReads: boolean;
}

export const approvingOf = (listed: Listed): Approving => ({
  remote: listed.remote,
  digest: listed.digest,
  input: listed.input,
  output: listed.output,
  onlyReads: listed.only_reads,
});

export const standingOf = (tool: OwnTool): Approving => ({
  remote: tool.remote,
  digest: tool.approved,
  input: tool.input,
  output: tool.output,
  onlyReads: false,
});

const NONE: Both = { en: "", ar: "" };

/** Our name is made from theirs where that is one; nothing of what the server says of itself is taken over. */
export function newOffer(listed: Listed): OfferDraft {
  const name = listed.remote
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, 40);
  return {
    name: isName(name) ? name : "",
    about: NONE,
    answer: NONE,
    examples: NONE,
    asks: {},
    writes: !listed.only_reads,
    proof: "",
    reference: "",
    needsAdvisor: false,
  };
}

export const offerOf = (tool: OwnTool): OfferDraft => ({
  name: tool.name,
  about: tool.about,
  answer: tool.answer,
  examples: { en: tool.examples.en.join("\n"), ar: tool.examples.ar.join("\n") },
  asks: tool.asks,
  writes: tool.effect === "write",
  proof: tool.proof ?? "",
  reference: tool.reference ?? "",
  needsAdvisor: tool.needs_advisor,
});

export const required = (schema: Record<string, unknown>): string[] =>
  Array.isArray(schema.required) ? schema.required.filter((field) => typeof field === "string") : [];

export const fieldsOf = (schema: Record<string, unknown>): string[] =>
  typeof schema.properties === "object" && schema.properties !== null ? Object.keys(schema.properties) : [];

export function faultsOf(draft: OfferDraft, approving: Approving) {
  const examples = [lines(draft.examples.en).length, lines(draft.examples.ar).length];
  const given = fieldsOf(approving.output);
  return {
    name: !isName(draft.name),
    about: lacks(draft.about),
    answer: lacks(draft.answer),
    examples: examples.some((count) => count < 1 || count > MOST_EXAMPLES),
    asks: required(approving.input).some((field) => lacks(askOf(draft, field))),
    proof: !draft.writes && draft.proof.trim() !== "" && !given.includes(draft.proof.trim()),
    reference: draft.writes && draft.reference.trim() !== "" && !given.includes(draft.reference.trim()),
  };
}

/** Of a draft without faults. */
export function changeOf(draft: OfferDraft, approving: Approving, enabled: boolean): Offer {
  const only = (kept: boolean, text: string) => (kept ? text.trim() || null : null);
  return {
    remote: approving.remote,
    approved: approving.digest,
    about: draft.about,
    answer: draft.answer,
    examples: { en: lines(draft.examples.en), ar: lines(draft.examples.ar) },
    asks: Object.fromEntries(required(approving.input).map((field) => [field, askOf(draft, field)])),
    writes: draft.writes,
    proof: only(!draft.writes, draft.proof),
    reference: only(draft.writes, draft.reference),
    needs_advisor: draft.writes && draft.needsAdvisor,
    timeout_ms: 3000,
    enabled,
  };
}
