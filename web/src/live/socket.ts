/** The page's one socket to the gateway: it hears what has changed, and by answering says that the page is there. */

import { auth } from "../staff/auth";
import { afterClose, type LiveEvent, parseLive, pauseMs } from "./messages";
import { claimTab, forgetTab } from "./tab";

/** The server pings every 3 s; three missed ones are a dead network, and this is before it gives the page up. */
const SILENT_MS = 9_500;
/** A socket that stayed open this long was fine: the next loss starts with the short pauses again. */
const SETTLED_MS = 5_000;
/** A token is renewed this long before its end, so that the socket outlives it. */
const RENEW_BEFORE_MS = 60_000;

/** "replaced": the desk is open in another tab. "refused": the role no longer allows it. */
export type LiveStanding = "closed" | "opening" | "open" | "waiting" | "replaced" | "refused";

class LiveSocket {
  #standing: LiveStanding = "closed";
  #socket: WebSocket | null = null;
  #isDesk = false;
  #tab: string | null = null;
  #attempt = 0;
  #openedAtMs = 0;
  #sentToken: string | null = null;
  #again = 0;
  #silence = 0;
  #renewal = 0;
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<(event: LiveEvent) => void>();

  constructor() {
    auth.subscribe(() => this.#signedOtherwise());
    window.addEventListener("online", () => this.#standing === "waiting" && this.#open());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.#standing === "waiting") this.#open();
    });
  }

  // ------------------------------------------------------------ what the pages use

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly standing = (): LiveStanding => this.#standing;

  /** The socket is open while anybody listens. */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#standing === "closed") this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close("closed");
    };
  }

  /** From now on this page speaks for its advisor; another tab of theirs that did so until now is told. */
  async beDesk(): Promise<void> {
    this.#isDesk = true;
    this.#tab ??= await claimTab();
    if (this.#listeners.size > 0) this.#open();
  }

  /** The name under which this page speaks for its advisor. */
  get tab(): string | null {
    return this.#tab;
  }

  // ------------------------------------------------------------ opening and opening again

  #open(): void {
    const token = auth.token();
    this.#drop();
    if (token === null || (this.#isDesk && this.#tab === null)) return;
    this.#stand("opening");
    const address = new URL("/v1/live", window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#listenForSilence();
    socket.onopen = () => this.#introduce(token.value);
    socket.onmessage = (event) => this.#take(event.data);
    socket.onclose = (event) => void this.#closed(event.code);
  }

  #introduce(token: string): void {
    const tab = this.#isDesk && this.#tab !== null ? { tab: this.#tab } : {};
    this.#sentToken = token;
    this.#openedAtMs = performance.now();
    this.#send({ type: "auth", token, ...tab });
  }

  #take(data: unknown): void {
    this.#listenForSilence();
    const message = parseLive(data);
    if (message === null) return;
    if (message.type === "ping") this.#send({ type: "pong", n: message.n });
    else if (message.type === "tab_replaced") this.#close("replaced");
    else {
      if (message.type === "ready") {
        this.#stand("open");
        this.#renewInTime();
      }
      for (const listener of [...this.#listeners]) listener(message);
    }
  }

  async #closed(code: number): Promise<void> {
    this.#drop();
    const what = afterClose(code);
    if (what === "replaced" || what === "refused") return this.#stand(what);
    if (performance.now() - this.#openedAtMs > SETTLED_MS) this.#attempt = 0;
    this.#stand("waiting");
    if (what === "renew") await auth.renew();
    if (this.#standing !== "waiting" || this.#socket !== null) return;
    this.#again = window.setTimeout(() => this.#open(), pauseMs(this.#attempt++, Math.random()));
  }

  #listenForSilence(): void {
    window.clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => void this.#closed(0), SILENT_MS);
  }

  // ------------------------------------------------------------ whose it is

  /** A newer token goes to the server; signed out, the socket and the tab's name are given up. */
  #signedOtherwise(): void {
    const { is } = auth.standing();
    if (is === "out") {
      forgetTab();
      this.#tab = null;
      this.#isDesk = false;
      this.#close("closed");
      return;
    }
    const token = auth.token();
    if (this.#standing === "open" && token !== null && token.value !== this.#sentToken) {
      this.#sentToken = token.value;
      this.#send({ type: "auth", token: token.value });
      this.#renewInTime();
    } else if (is === "in" && this.#standing === "closed" && this.#listeners.size > 0) this.#open();
  }

  #renewInTime(): void {
    const token = auth.token();
    window.clearTimeout(this.#renewal);
    if (token === null) return;
    const waitMs = Math.max(1000, token.expiresAtMs - Date.now() - RENEW_BEFORE_MS);
    this.#renewal = window.setTimeout(() => void auth.renew(), waitMs);
  }

  // ------------------------------------------------------------ closing

  #close(standing: LiveStanding): void {
    this.#drop();
    this.#stand(standing);
  }

  #drop(): void {
    for (const timer of [this.#again, this.#silence, this.#renewal]) window.clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #stand(next: LiveStanding): void {
    if (next === this.#standing) return;
    this.#standing = next;
    for (const watcher of this.#watchers) watcher();
  }
}

export const live = new LiveSocket();
