/** When to ask back in after a lost line, and when to stop asking. */

/** As long as Hatif keeps the call for a caller who is gone. */
export const GIVE_UP_AFTER_MS = 45_000;
/** The first retry is at once: most losses are a dead worker, and another one answers in about 50 ms. */
const FIRST_WAITS_MS = [0, 400, 800, 1500, 2500];
const LAST_WAIT_MS = 4000;

/** Milliseconds to wait before attempt number `attempt` (from 0), or null when it is time to give up. */
export function waitBeforeAttempt(attempt: number, elapsedMs: number): number | null {
  const waitMs = FIRST_WAITS_MS[attempt] ?? LAST_WAIT_MS;
  return elapsedMs + waitMs >= GIVE_UP_AFTER_MS ? null : waitMs;
}
