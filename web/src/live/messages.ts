/** What goes over the live socket, either way, and what its closing means: the pure part of it. */

export type LiveEvent =
  /** The socket is open, also after a gap: what was last read may be old. */
  | { type: "ready" }
  | { type: "changed"; what: string; callId: string | null }
  /** `until` is in Unix seconds of the server. */
  | { type: "ring"; handoffId: string; until: number };

export type FromLive = LiveEvent | { type: "ping"; n: number } | { type: "tab_replaced" };

/** One message, or null for anything that this page doesn't know: newer servers may say more. */
export function parseLive(raw: unknown): FromLive | null {
  const fields = objectOf(raw);
  switch (fields?.type) {
    case "ready":
      return { type: "ready" };
    case "ping":
      return typeof fields.n === "number" ? { type: "ping", n: fields.n } : null;
    case "changed":
      return typeof fields.what === "string"
        ? {
            type: "changed",
            what: fields.what,
            callId: typeof fields.call_id === "string" ? fields.call_id : null,
          }
        : null;
    case "ring":
      return typeof fields.handoff_id === "string" && typeof fields.until === "number"
        ? { type: "ring", handoffId: fields.handoff_id, until: fields.until }
        : null;
    case "tab_replaced":
      return { type: "tab_replaced" };
    default:
      return null;
  }
}

function objectOf(raw: unknown): Record<string, unknown> | null {
  if (typeof raw !== "string") return null;
  try {
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What to do once the socket is closed. */
export type AfterClose = "again" | "renew" | "replaced" | "refused";

const UNAUTHENTICATED = 4401;
const FORBIDDEN = 4403;
const TAB_REPLACED = 4409;

export function afterClose(code: number): AfterClose {
  if (code === UNAUTHENTICATED) return "renew";
  if (code === FORBIDDEN) return "refused";
  return code === TAB_REPLACED ? "replaced" : "again";
}

/** The server gives a silent page up after 10 s: the first tries must fit into them. */
const PAUSES_MS = [250, 500, 1000, 2000, 4000];
const LONGEST_PAUSE_MS = 10_000;

/** Milliseconds before try number `attempt` (from 0); `chance`, 0 to 1, spreads pages that all lost the same server. */
export function pauseMs(attempt: number, chance: number): number {
  return Math.round((PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS) * (0.75 + 0.5 * chance));
}
