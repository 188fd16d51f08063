/** Whether the line still answers: pure bookkeeping of pings and pongs, told the time by its caller. */

/** How often a ping goes out. Four unanswered ones are silence, not jitter. */
export const PING_EVERY_MS = 250;
/** A line that leaves a ping unanswered this long is lost; a media worker's pauses stay well under a second. */
export const LOST_AFTER_MS = 1000;
/** Between two ticks this far apart the page itself was asleep, so the wait says nothing about the line. */
const ASLEEP_MS = 1600;

export class Heartbeat {
  #lastTickMs: number | null = null;
  #waitingSinceMs: number | null = null;
  /** The latest round trip, or null before the first pong. */
  roundTripMs: number | null = null;

  /** Call about every PING_EVERY_MS, and send a ping stamped `nowMs` unless it returns "lost". */
  tick(nowMs: number): "ping" | "lost" {
    const slept = this.#lastTickMs !== null && nowMs - this.#lastTickMs > ASLEEP_MS;
    this.#lastTickMs = nowMs;
    if (slept || this.#waitingSinceMs === null) this.#waitingSinceMs = nowMs;
    return nowMs - this.#waitingSinceMs > LOST_AFTER_MS ? "lost" : "ping";
  }

  /** Any pong proves the line; `sentMs` is the stamp that it echoes. */
  pong(sentMs: number, nowMs: number): void {
    this.#waitingSinceMs = null;
    this.roundTripMs = Math.max(0, nowMs - sentMs);
  }
}
