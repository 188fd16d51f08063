/** A person's own line in a running call: an advisor's, or a supervisor's. As long as it is wanted it comes back by itself. */

import type { Connected } from "../call/api";
import { type AudioChoice, Level, MicrophoneRefused, openMicrophone, silentTrack } from "../call/audio";
import { Line, type LineListener } from "../call/line";
import { Problem } from "../http";
import { type EarlierTurn, type JoinedEvent, type JoinedState, OPENING, reduce } from "./machine";

/** The first try is at once: another media worker takes the call within a second, and the caller is on hold. */
const WAITS_MS = [0, 300, 600, 1000, 2000];
const LAST_WAIT_MS = 3000;
/** Hatif waits up to 10 s for the caller's own line before it gives an answer. */
const ANSWER_WITHIN_MS = 15_000;
/** The last words are still in the jitter buffer when Hatif says that the call is over. */
const LAST_SOUND_MS = 400;

export type JoinOffer = { type: "offer"; sdp: string };

export interface JoinedHow {
  join: (offer: JoinOffer, signal: AbortSignal) => Promise<Pick<Connected, "answer">>;
  /** What was said so far. */
  earlier: (signal: AbortSignal) => Promise<readonly EarlierTurn[]>;
  iceServers: RTCIceServer[];
}

export class JoinedCall {
  #state: JoinedState = OPENING;
  readonly #how: JoinedHow;
  readonly #watchers = new Set<() => void>();
  readonly #speaker = new Audio();
  readonly #context = new AudioContext();
  readonly #aborter = new AbortController();
  #microphone: MediaStream | null = null;
  #sent: MediaStreamTrack | null = null;
  #line: Line | null = null;
  #asking = false;
  #ownLevel: Level | null = null;

  constructor(how: JoinedHow) {
    this.#how = how;
    this.#speaker.autoplay = true;
    void this.#context.resume();
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly snapshot = (): JoinedState => this.#state;

  readonly level = (): number => (this.#state.muted ? 0 : (this.#ownLevel?.read() ?? 0));

  // ------------------------------------------------------------ what the person does

  async open(audio: AudioChoice): Promise<void> {
    void this.chooseSpeaker(audio.speakerId);
    void this.#readEarlier();
    await this.chooseMicrophone(audio);
    await this.#ask();
  }

  /** To hear only: no microphone is opened, and silence goes out, until `chooseMicrophone`. */
  async listen(audio: AudioChoice): Promise<void> {
    void this.chooseSpeaker(audio.speakerId);
    await this.closeMicrophone();
    await this.#ask();
  }

  async closeMicrophone(): Promise<void> {
    this.#stopMicrophone();
    if (this.#state.link === "over") return;
    this.#sent = silentTrack(this.#context);
    this.#dispatch({ type: "microphone_ready" });
    await this.#line?.sendFrom(this.#sent);
  }

  mute(muted: boolean): void {
    if (this.#sent) this.#sent.enabled = !muted;
    this.#line?.send({ type: "mute", muted });
    this.#dispatch({ type: "mute_set", muted });
  }

  /** Also after the microphone was refused: the line is there already, with silence in its place. */
  async chooseMicrophone(audio: AudioChoice): Promise<void> {
    try {
      const stream = await openMicrophone(audio);
      const track = stream.getAudioTracks()[0];
      if (!track) throw new MicrophoneRefused("none");
      this.#stopMicrophone();
      if (this.#state.link === "over") return track.stop();
      this.#microphone = stream;
      this.#ownLevel = new Level(this.#context, stream);
      // An unplugged microphone is replaced by whatever the system offers now.
      track.onended = () => void this.chooseMicrophone({ ...audio, microphoneId: "" });
      this.#sent = track;
      this.#dispatch({ type: "microphone_ready" });
    } catch (error) {
      const problem = error instanceof MicrophoneRefused ? error.problem : "in_use";
      this.#sent ??= silentTrack(this.#context);
      this.#dispatch({ type: "microphone_failed", problem });
    }
    this.#sent.enabled = !this.#state.muted;
    await this.#line?.sendFrom(this.#sent);
  }

  async chooseSpeaker(speakerId: string): Promise<void> {
    if ("setSinkId" in this.#speaker) await this.#speaker.setSinkId(speakerId).catch(() => {});
  }

  /** Goodbye: an advisor who says it has finished with the caller. */
  leave(): void {
    this.#line?.send({ type: "hangup" });
    this.#end("left");
  }

  /** Without a goodbye: the call goes on elsewhere, or Hatif has already let us go. */
  drop(): void {
    this.#end("left");
  }

  // ------------------------------------------------------------ the line

  /** Until it is open, or Hatif says that there is nothing to join, or `leave`. */
  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const { signal } = this.#aborter;
    for (let attempt = 0; this.#asking && !signal.aborted; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt] ?? LAST_WAIT_MS));
      try {
        await this.#open(signal);
        this.#asking = false;
      } catch (error) {
        if (error instanceof Problem && isFinal(error)) return this.#end("refused");
      }
    }
  }

  /** A second line where one is still open; the old one is dropped only when the new one is ready. */
  async #open(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const track = this.#sent;
    if (!track) return;
    const line: Line = new Line(
      this.#how.iceServers,
      track,
      this.#listener(() => line),
    );
    try {
      const offer = await line.offer();
      const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      const { answer } = await this.#how.join(offer, within);
      await line.accept(answer);
      signal.throwIfAborted();
    } catch (error) {
      line.close();
      throw error;
    }
    this.#line?.close();
    this.#line = line;
    // The microphone may have been changed while the line opened.
    if (this.#sent && this.#sent !== track) await line.sendFrom(this.#sent);
    if (this.#state.muted) line.send({ type: "mute", muted: true });
    this.#dispatch({ type: "opened" });
    void this.#readEarlier();
  }

  /** Before the line opens, and again once it is open: what was said in between was told to nobody. */
  async #readEarlier(): Promise<void> {
    const turns = await this.#how.earlier(this.#aborter.signal).catch(() => []);
    this.#dispatch({ type: "earlier", turns });
  }

  #listener(own: () => Line): LineListener {
    return {
      message: (message) => {
        // The line that a new one of ours is about to replace is told so; that isn't another page.
        if (message.type === "parted" && (this.#asking || this.#line !== own())) return;
        this.#dispatch({ type: "received", message });
        if (message.type === "move" && this.#line === own()) void this.#ask();
        if (this.#state.link === "over") setTimeout(() => this.#close(), LAST_SOUND_MS);
      },
      audio: (stream) => {
        this.#speaker.srcObject = stream;
        void this.#speaker.play().catch(() => {});
      },
      lost: () => {
        if (this.#line !== own() || this.#state.link !== "live") return;
        this.#dispatch({ type: "link_lost" });
        void this.#ask();
      },
    };
  }

  // ------------------------------------------------------------ ending

  #end(why: "left" | "refused"): void {
    this.#dispatch({ type: "over", why });
    this.#close();
  }

  #close(): void {
    this.#aborter.abort();
    this.#line?.close();
    this.#line = null;
    this.#stopMicrophone();
    this.#sent?.stop();
    this.#sent = null;
    this.#speaker.srcObject = null;
    void this.#context.close().catch(() => {});
  }

  #stopMicrophone(): void {
    for (const track of this.#microphone?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#microphone = null;
    this.#ownLevel = null;
  }

  #dispatch(event: JoinedEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher();
  }
}

/** Refused rather than not yet possible: the call is over, or somebody else's. */
function isFinal(problem: Problem): boolean {
  return problem.status >= 400 && problem.status < 500 && problem.status !== 429 && problem.status !== 408;
}
