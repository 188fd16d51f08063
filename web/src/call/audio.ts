/** Microphone, silence in its place, levels and keypad tones: everything of Web Audio that a call needs. */

import type { MicrophoneProblem } from "./machine";

export interface AudioChoice {
  microphoneId: string;
  speakerId: string;
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

export const DEFAULT_AUDIO: AudioChoice = {
  microphoneId: "",
  speakerId: "",
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** A choice that this browser remembers, by whichever version of the pages. */
export const audioFrom = (stored: unknown): AudioChoice =>
  typeof stored === "object" && stored !== null ? { ...DEFAULT_AUDIO, ...stored } : DEFAULT_AUDIO;

export class MicrophoneRefused extends Error {
  constructor(readonly problem: MicrophoneProblem) {
    super(problem);
  }
}

/** The microphone's stream; a remembered device that is gone falls back to the default one. */
export async function openMicrophone(choice: AudioChoice): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneRefused("insecure");
  const constraints = {
    echoCancellation: choice.echoCancellation,
    noiseSuppression: choice.noiseSuppression,
    autoGainControl: choice.autoGainControl,
    channelCount: { ideal: 1 },
  };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: choice.microphoneId ? { ...constraints, deviceId: { ideal: choice.microphoneId } } : constraints,
    });
  } catch (error) {
    throw new MicrophoneRefused(problemOf(error));
  }
}

function problemOf(error: unknown): MicrophoneProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "in_use";
  return "denied";
}

/** A track that is always silent, so that a call without a microphone still has a clock. */
export function silentTrack(context: AudioContext): MediaStreamTrack {
  const destination = context.createMediaStreamDestination();
  const source = context.createConstantSource();
  source.offset.value = 0;
  source.connect(destination);
  source.start();
  const track = destination.stream.getAudioTracks()[0];
  if (!track) throw new Error("no audio track");
  return track;
}

/** Speech sits between these two levels, in dB of full scale: below is a quiet room, above is shouting. */
const QUIET_DB = -58;
const LOUD_DB = -14;

/** Reads how loud a stream is now, 0 to 1, fit for drawing. */
export class Level {
  readonly #analyser: AnalyserNode;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(context: AudioContext, stream: MediaStream) {
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / this.#samples.length + 1e-12);
    return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)));
  }

  close(): void {
    this.#source.disconnect();
  }
}

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477];
const KEYS = ["123", "456", "789", "*0#"];
const TONE_S = 0.12;
const TONE_GAIN = 0.06;

/** The two frequencies of a keypad digit (ITU-T Q.23), or null for anything else. */
export function dtmfFrequencies(digit: string): [number, number] | null {
  const row = KEYS.findIndex((keys) => digit.length === 1 && keys.includes(digit));
  const rowHz = ROWS_HZ[row];
  const columnHz = COLUMNS_HZ[KEYS[row]?.indexOf(digit) ?? -1];
  return rowHz === undefined || columnHz === undefined ? null : [rowHz, columnHz];
}

/** What the caller hears of a pressed key; the digit itself travels over the data channel. */
export function playTone(context: AudioContext, digit: string): void {
  const frequencies = dtmfFrequencies(digit);
  if (!frequencies) return;
  const gain = context.createGain();
  const endS = context.currentTime + TONE_S;
  gain.gain.setValueAtTime(TONE_GAIN, context.currentTime);
  gain.gain.setTargetAtTime(0, endS - 0.02, 0.006);
  gain.connect(context.destination);
  for (const hz of frequencies) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hz;
    oscillator.connect(gain);
    oscillator.start();
    oscillator.stop(endS + 0.05);
  }
}
