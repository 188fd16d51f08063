/** A recording of somebody's voice on its way to the gateway: read here, whatever its format, and sent as WAV. */

export const RATE_HZ = 16_000;
export const LEAST_S = 6;
export const MOST_S = 30;
/** Of the file as it is picked: half a minute of the largest format that recorders write. */
const MOST_BYTES = 40_000_000;

export type SampleFault = "too_short" | "too_long" | "unreadable";

export interface Sample {
  fileName: string;
  seconds: number;
  wav: Uint8Array<ArrayBuffer>;
}

/** Throws a SampleFault as the message of an Error. */
export async function sampleOf(file: File): Promise<Sample> {
  if (file.size > MOST_BYTES) throw new Error("too_long" satisfies SampleFault);
  const sound = await decoded(await file.arrayBuffer());
  const fault = lengthFault(sound.length / RATE_HZ);
  if (fault !== null) throw new Error(fault);
  return { fileName: file.name, seconds: sound.length / RATE_HZ, wav: wavOf(sound) };
}

export function lengthFault(seconds: number): SampleFault | null {
  return seconds < LEAST_S ? "too_short" : seconds > MOST_S ? "too_long" : null;
}

/** Mono, at RATE_HZ: the browser mixes and resamples. */
async function decoded(bytes: ArrayBuffer): Promise<Float32Array> {
  let sound: AudioBuffer;
  try {
    sound = await new OfflineAudioContext(1, 1, RATE_HZ).decodeAudioData(bytes);
  } catch {
    throw new Error("unreadable" satisfies SampleFault);
  }
  // An hour of sound would take a gigabyte to mix: what is too long is refused as it is.
  if (sound.numberOfChannels === 1 || sound.duration > MOST_S) return sound.getChannelData(0);
  const mixing = new OfflineAudioContext(1, Math.max(1, sound.length), RATE_HZ);
  const source = mixing.createBufferSource();
  source.buffer = sound;
  source.connect(mixing.destination);
  source.start();
  return (await mixing.startRendering()).getChannelData(0);
}

/** A WAV file of 16 bits, from samples in -1..1. */
export function wavOf(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const words = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  words(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  words(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, RATE_HZ * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  words(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, index) => {
    view.setInt16(44 + index * 2, Math.round(Math.max(-1, Math.min(1, value)) * 32_767), true);
  });
  return bytes;
}

/** In pieces, because a function takes a few ten thousand arguments at most. */
export function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
