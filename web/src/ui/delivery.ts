/** How far messages of ours have come: pure. */

export interface Delivery {
  state: string;
  reason: string | null;
}

/** Of one message of a thread. */
export interface Delivered extends Delivery {
  seq: number;
}

const SHOWN = {
  unsent: "queued",
  accepted: "queued",
  unknown: "unclear",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  failed: "failed",
} as const;
export type Shown = (typeof SHOWN)[keyof typeof SHOWN];

export const REASONS = [
  "outside_window",
  "opted_out",
  "do_not_contact",
  "too_many_texts",
  "no_connection",
  "bad_number",
  "not_reached",
  "template_unknown",
  "template_misfit",
  "account_trouble",
  "blocked_content",
  "text_refused",
] as const;

/** As people at work know it; a state of a newer server is one that nobody can tell. */
export const shownAs = (state: string): Shown => SHOWN[state as keyof typeof SHOWN] ?? "unclear";

export const reasonOf = (delivery: Delivery): (typeof REASONS)[number] | null =>
  REASONS.find((reason) => reason === delivery.reason) ?? null;

/** The marks that every messenger has: one for sent, two for delivered. */
export const MARKS: Record<Shown, string> = {
  queued: "○",
  unclear: "?",
  sent: "✓",
  delivered: "✓✓",
  read: "✓✓",
  failed: "✕",
};
