/** What the pages of campaigns work out of what the gateway says. */

import { type Campaign, OUTCOMES, type Outcome } from "./api";

/** Of whom it is known what became of them. */
export const calledOf = (campaign: Campaign): number =>
  OUTCOMES.reduce((sum, outcome) => sum + (campaign.counts.outcomes[outcome] ?? 0), 0);

export const outcomesOf = (campaign: Campaign): [Outcome, number][] =>
  OUTCOMES.flatMap((outcome) => {
    const count = campaign.counts.outcomes[outcome];
    return count ? [[outcome, count] as [Outcome, number]] : [];
  });

export const REFUSALS = [
  "bad_number",
  "costly_number",
  "bad_language",
  "empty_field",
  "too_long",
  "wrong_width",
  "duplicate",
  "no_consent",
] as const;
