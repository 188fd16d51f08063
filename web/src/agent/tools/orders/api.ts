/** The orders, or appointments, that the company keeps here, as the gateway has them. */

import { auth } from "../../../staff/auth";
import type { Both } from "../../../team/api";

export interface KnownOrder {
  number: string;
  /** The last digits of the telephone number that its caller has to tell; null without one. */
  phone_ends: string | null;
  status: Both;
}

export interface OrderRow {
  number: string;
  phone: string | null;
  status: Both;
}

export interface Orders {
  count: number;
  orders: KnownOrder[];
}

export const MOST_AT_ONCE = 100;

export const ordersApi = {
  listed: (signal?: AbortSignal): Promise<Orders> => auth.request("GET", "/v1/orders", { signal }),
  remove: (number: string): Promise<void> =>
    auth.request("DELETE", `/v1/orders/${encodeURIComponent(number)}`),
  /** In parts, in order: each replaces those with its numbers, so that a list may be sent again. */
  async bring(rows: OrderRow[]): Promise<void> {
    for (let begin = 0; begin < rows.length; begin += MOST_AT_ONCE) {
      await auth.request("POST", "/v1/orders", { body: { orders: rows.slice(begin, begin + MOST_AT_ONCE) } });
    }
  },
};
