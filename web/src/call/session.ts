/** One caller's call from the button to the last word: microphone, token, line, and asking back in. */

import { Problem } from "../http";
import { type CallToken, callerApi } from "./api";
import { type AudioChoice, Level, MicrophoneRefused, openMicrophone, playTone, silentTrack } from "./audio";
import { waitBeforeAttempt } from "./backoff";
import { Line, LineBlocked, type LineListener } from "./line";
import { type CallEvent, type CallState, type Failure, IDLE, isOver, isTalking, reduce } from "./machine";
import type { Language, ToHatif } from "./protocol";

/** After asking to hang up, how long to wait for Hatif's own last word before closing the line. */
const LAST_WORD_MS = 1200;
/** The last words are still in the jitter buffer when Hatif says that the call is over. */
const LAST_SOUND_MS = 400;
/** A reconnect that isn't answered by then has met a worker that is gone as well. */
const RECONNECT_WITHIN_MS = 6000;

export interface CallTarget {
  siteKey: string;
  language: Language;
  audio: AudioChoice;
  withoutMicrophone: boolean;
}

export class CallSession {
  #state: CallState = IDLE;
  readonly #watchers = new Set<() => void>();
  readonly #speaker = new Audio();
  #context: AudioContext | null = null;
  #microphone: MediaStream | null = null;
  #sent: MediaStreamTrack | null = null;
  #line: Line | null = null;
  #token: CallToken | null = null;
  #aborter = new AbortController();
  #callerLevel: Level | null = null;
  #agentLevel: Level | null = null;

  constructor() {
    this.#speaker.autoplay = true;
  }

  // ------------------------------------------------------------ what the page reads

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly snapshot = (): CallState => this.#state;

  callerLevel(): number {
    return this.#state.muted ? 0 : (this.#callerLevel?.read() ?? 0);
  }

  agentLevel(): number {
    return this.#agentLevel?.read() ?? 0;
  }

  roundTripMs(): number | null {
    return this.#line?.roundTripMs ?? null;
  }

  // ------------------------------------------------------------ what the caller does

  /** Must be called from a click, so that the browser lets sound play. */
  async call(target: CallTarget): Promise<void> {
    if (!isOver(this.#state)) return;
    this.#close();
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    this.#dispatch({ type: "call_pressed", withoutMicrophone: target.withoutMicrophone });
    if (!("RTCPeerConnection" in window)) return this.#fail({ code: "unsupported", retryAfterS: null });
    this.#context = new AudioContext();
    void this.#context.resume();
    try {
      this.#sent = target.withoutMicrophone ? silentTrack(this.#context) : await this.#listen(target.audio);
      if (signal.aborted) return this.#close();
      this.#dispatch({ type: "microphone_ready" });
      void this.chooseSpeaker(target.audio.speakerId);
      await this.#connect(target, this.#sent, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof MicrophoneRefused) {
        this.#dispatch({ type: "microphone_failed", problem: error.problem });
        this.#close();
      } else this.#fail(failureOf(error));
    }
  }

  async hangUp(): Promise<void> {
    if (isOver(this.#state)) return;
    const talking = isTalking(this.#state);
    const asked = talking && this.#state.phase === "live" && this.#send({ type: "hangup" });
    if (asked) await this.#over(LAST_WORD_MS);
    if (!isOver(this.#state) || !asked) this.#release();
    this.#dispatch({ type: "hung_up", atMs: Date.now() });
    this.#close();
  }

  /** The page is going away: the line must not stay open for nobody. */
  leave(): void {
    if (isOver(this.#state)) return;
    this.#send({ type: "hangup" });
    this.#release();
  }

  say(text: string): void {
    const trimmed = text.trim();
    if (!trimmed || !isTalking(this.#state)) return;
    const id = newId();
    this.#dispatch({ type: "typed", id, text: trimmed });
    this.#send({ type: "text", text: trimmed, id });
  }

  press(digit: string): void {
    if (this.#context) playTone(this.#context, digit);
    if (this.#send({ type: "dtmf", digit })) this.#dispatch({ type: "pressed", digit });
  }

  mute(muted: boolean): void {
    if (this.#sent) this.#sent.enabled = !muted;
    this.#send({ type: "mute", muted });
    this.#dispatch({ type: "mute_set", muted });
  }

  /** What was recorded stays; from here on nothing is. The server says when it has stopped. */
  stopRecording(): void {
    this.#send({ type: "recording", on: false });
  }

  async chooseMicrophone(audio: AudioChoice): Promise<void> {
    if (!isTalking(this.#state) || this.#state.withoutMicrophone) return;
    const track = await this.#listen(audio);
    track.enabled = !this.#state.muted;
    this.#sent = track;
    await this.#line?.sendFrom(track);
  }

  async chooseSpeaker(speakerId: string): Promise<void> {
    // A remembered speaker that was unplugged must not cost the caller the sound.
    if ("setSinkId" in this.#speaker) await this.#speaker.setSinkId(speakerId).catch(() => {});
  }

  async rate(stars: number, comment: string): Promise<void> {
    if (!this.#token || !this.#state.callId) throw new Problem(0, "unknown");
    await callerApi.rate(this.#token.token, this.#state.callId, stars, comment);
  }

  reset(): void {
    this.#close();
    this.#dispatch({ type: "reset" });
  }

  // ------------------------------------------------------------ opening and asking back in

  async #connect(target: CallTarget, track: MediaStreamTrack, signal: AbortSignal): Promise<void> {
    const token = await callerApi.token(target.siteKey, signal);
    this.#token = token;
    const line = this.#newLine(token, track);
    this.#line = line;
    const offer = await line.offer();
    if (signal.aborted) return line.close();
    // Not aborted with the rest: a call that was given up while it started must still be ended by its id.
    const connected = await callerApi.start(token.token, offer, target.language);
    if (signal.aborted) return void callerApi.hangUp(token.token, connected.call_id).catch(() => {});
    this.#dispatch({ type: "answered", callId: connected.call_id, lease: connected.lease });
    await line.accept(connected.answer);
  }

  #newLine(token: CallToken, track: MediaStreamTrack): Line {
    const listener: LineListener = {
      message: (message) => {
        this.#dispatch({ type: "received", message, atMs: Date.now() });
        if (message.type === "ended") setTimeout(() => this.#line === line && this.#close(), LAST_SOUND_MS);
        if (message.type === "move" && this.#line === line) void this.#move();
      },
      audio: (stream) => this.#play(stream),
      lost: () => {
        if (this.#line === line && this.#state.phase === "live") void this.#askBackIn();
      },
    };
    const line: Line = new Line(token.ice_servers, track, listener);
    return line;
  }

  /** Hatif takes this line's machine down: open another line while this one still talks. */
  async #move(): Promise<void> {
    const { signal } = this.#aborter;
    try {
      await this.#reopen(signal);
    } catch {
      // The old line says when it is gone, and then we ask back in.
    }
  }

  async #askBackIn(): Promise<void> {
    const { signal } = this.#aborter;
    this.#dispatch({ type: "link_lost" });
    const lostAtMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      const waitMs = waitBeforeAttempt(attempt, performance.now() - lostAtMs);
      if (waitMs === null) return this.#fail({ code: "gave_up", retryAfterS: null });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (signal.aborted || isOver(this.#state)) return;
      try {
        if (await this.#reopen(signal)) return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Problem && error.code === "call_ended") {
          this.#dispatch({ type: "over", outcome: null, atMs: Date.now() });
          return this.#close();
        }
        const refused = error instanceof Problem && error.status >= 400 && error.status < 500;
        if (refused && error.status !== 429) return this.#fail({ code: "stale", retryAfterS: null });
      }
    }
  }

  /** Open a second line under the same call; the old one is dropped only when this one is ready. */
  async #reopen(signal: AbortSignal): Promise<boolean> {
    const { callId } = this.#state;
    if (!this.#token || !this.#sent || !callId) return false;
    const line = this.#newLine(this.#token, this.#sent);
    try {
      const offer = await line.offer();
      const within = AbortSignal.any([signal, AbortSignal.timeout(RECONNECT_WITHIN_MS)]);
      const connected = await callerApi.reconnect(this.#token.token, callId, offer, within);
      this.#dispatch({ type: "answered", callId: connected.call_id, lease: connected.lease });
      await line.accept(connected.answer);
    } catch (error) {
      line.close();
      throw error;
    }
    this.#line?.close();
    this.#line = line;
    if (this.#state.muted) this.#send({ type: "mute", muted: true });
    for (const { id, text } of this.#state.pending) this.#send({ type: "text", text, id });
    return true;
  }

  // ------------------------------------------------------------ sound

  async #listen(audio: AudioChoice): Promise<MediaStreamTrack> {
    const stream = await openMicrophone(audio);
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#callerLevel?.close();
    this.#microphone = stream;
    if (this.#context) this.#callerLevel = new Level(this.#context, stream);
    const track = stream.getAudioTracks()[0];
    if (!track) throw new MicrophoneRefused("none");
    // An unplugged microphone is replaced by whatever the system offers now.
    track.onended = () => void this.chooseMicrophone({ ...audio, microphoneId: "" }).catch(() => {});
    return track;
  }

  #play(stream: MediaStream): void {
    this.#speaker.srcObject = stream;
    void this.#speaker.play().catch(() => {});
    this.#agentLevel?.close();
    if (this.#context) this.#agentLevel = new Level(this.#context, stream);
  }

  // ------------------------------------------------------------ ending

  #over(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, withinMs);
      const unsubscribe = this.subscribe(() => isOver(this.#state) && done());
      function done() {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      }
    });
  }

  /** Tell the gateway as well; the line itself may be what is broken. */
  #release(): void {
    const { callId } = this.#state;
    if (this.#token && callId) void callerApi.hangUp(this.#token.token, callId).catch(() => {});
  }

  #fail(failure: Failure): void {
    this.#release();
    this.#dispatch({ type: "failed", failure, atMs: Date.now() });
    this.#close();
  }

  #close(): void {
    this.#aborter.abort();
    this.#line?.close();
    this.#line = null;
    for (const track of this.#microphone?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#microphone = null;
    this.#sent = null;
    this.#callerLevel = null;
    this.#agentLevel = null;
    this.#speaker.srcObject = null;
    void this.#context?.close().catch(() => {});
    this.#context = null;
  }

  #send(message: ToHatif): boolean {
    return this.#line?.send(message) ?? false;
  }

  #dispatch(event: CallEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher();
  }
}

/** Unique in one call. Browsers have `randomUUID` only on pages that came over https. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36)).join("-");
}

function failureOf(error: unknown): Failure {
  if (error instanceof LineBlocked) return { code: "media_blocked", retryAfterS: null };
  if (!(error instanceof Problem)) return { code: "unknown", retryAfterS: null };
  const { retryAfterS } = error;
  if (error.code === "busy" || error.status === 429) return { code: "busy", retryAfterS: retryAfterS ?? 10 };
  if (error.code === "unreachable") return { code: "unreachable", retryAfterS };
  if (error.status === 401 || error.status === 403) return { code: "refused", retryAfterS };
  return { code: "unknown", retryAfterS };
}
