/** One WebRTC connection to a media worker: audio both ways and the data channel. A call may need several. */

import { Heartbeat, PING_EVERY_MS } from "./heartbeat";
import { type FromHatif, parseMessage, type ToHatif } from "./protocol";
import { withoutDtx } from "./sdp";

/** Candidates of the machine itself come within milliseconds; a slow TURN server may not hold the call back longer. */
const GATHER_AT_MOST_MS = 1500;
/** From the answer to `ready`: ICE and DTLS take well under a second on a working path. */
const OPEN_WITHIN_MS = 10_000;

export interface LineListener {
  message(message: FromHatif): void;
  audio(stream: MediaStream): void;
  /** The line no longer answers; said once, and never after `close`. */
  lost(): void;
}

export class LineBlocked extends Error {}

export class Line {
  readonly #peer: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #listener: LineListener;
  readonly #heartbeat = new Heartbeat();
  readonly #ready: Promise<void>;
  #resolveReady: () => void = () => {};
  #rejectReady: (reason: Error) => void = () => {};
  #beating = 0;
  #closed = false;

  constructor(iceServers: RTCIceServer[], microphone: MediaStreamTrack, listener: LineListener) {
    this.#listener = listener;
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.#ready.catch(() => {});
    this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    const transceiver = this.#peer.addTransceiver(microphone, { direction: "sendrecv" });
    preferOpus(transceiver);
    this.#channel = this.#peer.createDataChannel("hatif");
    this.#channel.onmessage = (event) => this.#take(event.data);
    this.#channel.onopen = () => this.#beat();
    this.#channel.onclose = () => this.#lose();
    this.#peer.ontrack = (event) => listener.audio(event.streams[0] ?? new MediaStream([event.track]));
    this.#peer.oniceconnectionstatechange = () => {
      const state = this.#peer.iceConnectionState;
      if (state === "failed" || state === "disconnected") this.#lose();
    };
    this.#peer.onconnectionstatechange = () => {
      if (this.#peer.connectionState === "failed") this.#lose();
    };
  }

  get roundTripMs(): number | null {
    return this.#heartbeat.roundTripMs;
  }

  async offer(): Promise<{ type: "offer"; sdp: string }> {
    await this.#peer.setLocalDescription();
    await gathered(this.#peer);
    return { type: "offer", sdp: this.#peer.localDescription?.sdp ?? "" };
  }

  /** Take the answer and wait until Hatif says `ready`. Throws LineBlocked when media can't get through. */
  async accept(answer: RTCSessionDescriptionInit): Promise<void> {
    await this.#peer.setRemoteDescription({ type: "answer", sdp: withoutDtx(answer.sdp ?? "") });
    const timer = window.setTimeout(() => this.#rejectReady(new LineBlocked()), OPEN_WITHIN_MS);
    try {
      await this.#ready;
    } finally {
      window.clearTimeout(timer);
    }
  }

  /** False when the channel is not open; the caller decides what that means. */
  send(message: ToHatif): boolean {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  async sendFrom(track: MediaStreamTrack): Promise<void> {
    await Promise.all(this.#peer.getSenders().map((sender) => sender.replaceTrack(track)));
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#beating);
    this.#rejectReady(new LineBlocked());
    this.#channel.close();
    this.#peer.close();
  }

  #take(data: unknown): void {
    if (this.#closed) return;
    const message = parseMessage(data);
    if (message === null) return;
    if (message.type === "pong") this.#heartbeat.pong(message.t, performance.now());
    // People in a call are told who is there, rather than that a line is open for the first time.
    if (message.type === "ready" || message.type === "parties") this.#resolveReady();
    this.#listener.message(message);
  }

  #beat(): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    if (this.#heartbeat.tick(nowMs) === "lost") {
      this.#lose();
      return;
    }
    this.send({ type: "ping", t: nowMs });
    this.#beating = window.setTimeout(() => this.#beat(), PING_EVERY_MS);
  }

  #lose(): void {
    if (this.#closed) return;
    this.#rejectReady(new LineBlocked());
    window.clearTimeout(this.#beating);
    this.#listener.lost();
  }
}

function preferOpus(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs;
  if (!codecs || !("setCodecPreferences" in transceiver)) return;
  const isOpus = (codec: { mimeType: string }) => codec.mimeType.toLowerCase() === "audio/opus";
  transceiver.setCodecPreferences([...codecs.filter(isOpus), ...codecs.filter((codec) => !isOpus(codec))]);
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = window.setTimeout(done, GATHER_AT_MOST_MS);
    function done() {
      window.clearTimeout(timer);
      peer.removeEventListener("icegatheringstatechange", check);
      resolve();
    }
    function check() {
      if (peer.iceGatheringState === "complete") done();
    }
    peer.addEventListener("icegatheringstatechange", check);
  });
}
