/** What a form says of a refusal, in the page's language. */

import type { TFunction } from "i18next";
import type { Problem } from "../http";

const CODES = [
  "last_admin",
  "email_taken",
  "unknown_queue",
  "too_many_queues",
  "not_found",
  "forbidden",
  "invalid",
  "unreachable",
  "unavailable",
] as const;

export function refusal(t: TFunction, problem: Problem | null): string | null {
  if (problem === null) return null;
  const known = CODES.find((code) => code === problem.code);
  return t(`form.refused.${known ?? "unknown"}`);
}
