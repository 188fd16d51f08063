/** The phone behind the desk, as it stands in the form. Pure. */

import type { Transfer } from "../api";
import { digits } from "../queues/draft";

export interface TransferDraft {
  on: boolean;
  to: string;
  refer: boolean;
}

export const draftOf = (transfer: Transfer | null): TransferDraft => ({
  on: transfer !== null,
  to: transfer?.to ?? "",
  refer: transfer?.refer ?? false,
});

/** The gateway's own shapes. */
const PHONE = /^(\+[1-9]\d{7,14}|[A-Za-z0-9][A-Za-z0-9._-]{0,31})$/;
const KEYS = /^,[,0-9*#A-D]*[0-9*#A-D]$/;
const MOST_KEYS = 32;
const MOST_PAUSES = 10;

export type TransferFault = "phone" | "keys" | "refer";

/** As it is sent: a number is written with spaces, and an Arabic keyboard has other digits and commas. */
export function dialled(to: string): string {
  const plain = digits(to).replaceAll("،", ",").replaceAll(/\s/g, "");
  return plain.startsWith("+") ? plain.replaceAll(/[()-]/g, "") : plain;
}

/** What can't be sent like this. */
export function faultOf(draft: TransferDraft): TransferFault | null {
  if (!draft.on) return null;
  const to = dialled(draft.to);
  const comma = to.indexOf(",");
  const keys = comma < 0 ? "" : to.slice(comma);
  if (!PHONE.test(comma < 0 ? to : to.slice(0, comma))) return "phone";
  if (keys === "") return null;
  if (!KEYS.test(keys) || keys.length > MOST_KEYS || keys.split(",").length - 1 > MOST_PAUSES) return "keys";
  return draft.refer ? "refer" : null;
}
