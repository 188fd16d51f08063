import { describe, expect, it } from "vitest";
import { dayOf, faultsOf, type VoiceDraft, voiceOf } from "./draft";
import { base64Of, lengthFault, RATE_HZ, type Sample, wavOf } from "./sample";

const SAMPLE: Sample = { fileName: "sara.m4a", seconds: 13, wav: wavOf(new Float32Array([0, 1, -1, 2])) };
const DRAFT: VoiceDraft = {
  name: "sara",
  person: " Sara  Ahmed ",
  language: "ar",
  given_on: "2026-11-20",
  agreed: true,
  sample: SAMPLE,
};
const TODAY = "2026-11-28";

describe("a sample", () => {
  it("is a WAV file of mono sound at 16 kHz, cut where it is too loud", () => {
    const view = new DataView(SAMPLE.wav.buffer);
    expect(new TextDecoder().decode(SAMPLE.wav.subarray(0, 16))).toBe("RIFF,\0\0\0WAVEfmt ");
    expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint32(24, true)]).toEqual([
      1,
      1,
      RATE_HZ,
    ]);
    expect([0, 1, 2, 3].map((index) => view.getInt16(44 + 2 * index, true))).toEqual([
      0, 32_767, -32_767, 32_767,
    ]);
    expect(SAMPLE.wav.length).toBe(44 + 8);
  });

  it("has from 6 to 30 seconds", () => {
    expect([5.9, 6, 30, 30.1].map(lengthFault)).toEqual(["too_short", null, null, "too_long"]);
  });

  it("is written in base64, also where it is long", () => {
    const long = new Uint8Array(20_000).map((_, index) => index % 251);
    expect(Uint8Array.from(atob(base64Of(long)), (letter) => letter.charCodeAt(0))).toEqual(long);
  });
});

describe("the form for a voice", () => {
  it("finds what is missing, field by field", () => {
    expect(faultsOf(DRAFT, [], TODAY)).toEqual(new Set());
    expect(faultsOf(DRAFT, ["sara"], TODAY)).toEqual(new Set(["taken"]));
    for (const name of ["", "Sara", "own.sara", "a".repeat(17)])
      expect(faultsOf({ ...DRAFT, name }, [], TODAY)).toEqual(new Set(["name"]));
    for (const given_on of ["", "2026-11-29", "yesterday"])
      expect(faultsOf({ ...DRAFT, given_on }, [], TODAY)).toEqual(new Set(["given_on"]));
    const empty = { ...DRAFT, person: " ", agreed: false, sample: null };
    expect(faultsOf(empty, [], TODAY)).toEqual(new Set(["person", "agreed", "sample"]));
  });

  it("sends the words that were agreed to", () => {
    expect(voiceOf(DRAFT, SAMPLE, "I agree.")).toMatchObject({ person: "Sara Ahmed", agreed_to: "I agree." });
    expect(dayOf(new Date(2026, 0, 5))).toBe("2026-01-05");
  });
});
