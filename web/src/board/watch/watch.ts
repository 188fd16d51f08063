/** A supervisor in one call: their own line, how far their voice carries, and everything they do to the call. */

import { type AudioChoice, audioFrom } from "../../call/audio";
import { deskSession } from "../../desk/session";
import { Problem } from "../../http";
import { JoinedCall } from "../../join/joined";
import { live } from "../../live/socket";
import { staffApi } from "../../staff/api";
import { readStored } from "../../ui/useStored";
import { boardApi, type Mode } from "../api";
import { isQuieter } from "../view";

export type Doing = "mode" | "guide" | "takeOver" | "handOff" | "end";

export interface WatchState {
  line: JoinedCall | null;
  mode: Mode;
  doing: Doing | null;
  refused: { what: Doing; code: string } | null;
  /** What the agent was told, newest last. */
  guidance: readonly string[];
}

const NOTHING: WatchState = { line: null, mode: "listen", doing: null, refused: null, guidance: [] };

export class Watch {
  #state = NOTHING;
  readonly #watchers = new Set<() => void>();

  constructor(
    readonly callId: string,
    readonly iceServers: RTCIceServer[],
  ) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly snapshot = (): WatchState => this.#state;

  // ------------------------------------------------------------ one's own line

  listen(): void {
    this.stop();
    const line = new JoinedCall({
      join: (offer, signal) => boardApi.join(this.callId, offer, this.#state.mode, signal),
      earlier: async (signal) => (await staffApi.call(this.callId, signal)).turns,
      iceServers: this.iceServers,
    });
    this.#set({ line, mode: "listen", refused: null });
    void line.listen(rememberedAudio());
  }

  /** Also when the page is left: nobody listens without a page that shows it. */
  stop(): void {
    this.#state.line?.leave();
    if (this.#state.line) this.#set({ line: null, mode: "listen" });
  }

  /** Fewer hear one at once, more only when Hatif has said so. */
  async change(mode: Mode): Promise<void> {
    const { line, mode: now } = this.#state;
    if (line === null || mode === now) return;
    const quieter = isQuieter(mode, now);
    if (quieter) line.mute(true);
    if (mode === "listen") await line.closeMicrophone();
    else if (now === "listen") await line.chooseMicrophone(rememberedAudio());
    const done = await this.#do("mode", async () => {
      await boardApi.mode(this.callId, mode);
      this.#set({ mode });
    });
    if (done) line.mute(false);
    else if (now === "listen") await line.closeMicrophone();
  }

  // ------------------------------------------------------------ the call

  guide = (text: string): Promise<boolean> =>
    this.#do("guide", async () => {
      await boardApi.guide(this.callId, text);
      this.#set({ guidance: [...this.#state.guidance, text] });
    });

  /** It rings at one's own desk; where none is open, this page is one from now on. */
  takeOver = (): Promise<boolean> =>
    this.#do("takeOver", async () => {
      try {
        await boardApi.takeOver(this.callId);
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "no_desk") throw error;
        await openDesk();
        await boardApi.takeOver(this.callId);
      }
    });

  handOff = (queue: string | null): Promise<boolean> =>
    this.#do("handOff", () => boardApi.handOff(this.callId, queue));

  end = (): Promise<boolean> => this.#do("end", () => boardApi.end(this.callId));

  forgive(): void {
    this.#set({ refused: null });
  }

  async #do(what: Doing, work: () => Promise<void>): Promise<boolean> {
    if (this.#state.doing !== null) return false;
    this.#set({ doing: what, refused: null });
    try {
      await work();
      return true;
    } catch (error) {
      this.#set({ refused: { what, code: error instanceof Problem ? error.code : "unknown" } });
      return false;
    } finally {
      this.#set({ doing: null });
    }
  }

  #set(change: Partial<WatchState>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

const DESK_WITHIN_MS = 5000;

/** Until calls can ring here; after a while in any case, and then the gateway says what is the matter. */
async function openDesk(): Promise<void> {
  deskSession.start();
  const isOpen = () => live.tab !== null && live.standing() === "open";
  if (isOpen()) return;
  await new Promise<void>((resolve) => {
    const timer = window.setTimeout(done, DESK_WITHIN_MS);
    const stop = live.watch(() => isOpen() && done());
    function done() {
      window.clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

const rememberedAudio = (): AudioChoice => audioFrom(readStored("hatif.audio"));
