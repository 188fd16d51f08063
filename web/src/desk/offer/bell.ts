/** The desk's own ring, made by code: three soft bells and a pause, for as long as a call is offered. */

/** E5, G5, C6: a call that one likes to answer. */
const NOTES_HZ = [659.26, 783.99, 1046.5];
const BETWEEN_S = 0.17;
const FADES_S = 1.1;
const EVERY_MS = 2200;
const GAIN = 0.22;
/** A struck bar's second partial, and how loud it is against the first. */
const PARTIAL = 3.98;
const PARTIAL_GAIN = 0.18;

export class Bell {
  #context: AudioContext | null = null;
  #timer = 0;
  #ringing = false;

  /** In a click: browsers let sound play only after one. */
  async allow(): Promise<void> {
    this.#context ??= new AudioContext();
    await this.#context.resume().catch(() => {});
  }

  get isSilenced(): boolean {
    return this.#context?.state !== "running";
  }

  ring(): void {
    if (this.#ringing) return;
    this.#ringing = true;
    this.#context ??= new AudioContext();
    void this.#context.resume().catch(() => {});
    this.#strike();
  }

  stop(): void {
    this.#ringing = false;
    window.clearTimeout(this.#timer);
  }

  #strike(): void {
    const context = this.#context;
    if (!this.#ringing || context === null) return;
    if (context.state === "running") {
      for (const [place, hz] of NOTES_HZ.entries())
        note(context, hz, context.currentTime + place * BETWEEN_S);
    }
    this.#timer = window.setTimeout(() => this.#strike(), EVERY_MS);
  }
}

function note(context: AudioContext, hz: number, atS: number): void {
  for (const [ratio, share] of [
    [1, 1],
    [PARTIAL, PARTIAL_GAIN],
  ] as const) {
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, atS);
    gain.gain.linearRampToValueAtTime(GAIN * share, atS + 0.008);
    gain.gain.exponentialRampToValueAtTime(0.0005, atS + FADES_S / ratio);
    gain.connect(context.destination);
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hz * ratio;
    oscillator.connect(gain);
    oscillator.start(atS);
    oscillator.stop(atS + FADES_S);
  }
}
