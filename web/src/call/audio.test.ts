import { describe, expect, it } from "vitest";
import { dtmfFrequencies } from "./audio";
import { DTMF_DIGITS } from "./protocol";
import { withoutDtx } from "./sdp";

describe("dtmfFrequencies", () => {
  it("follows the table of ITU-T Q.23", () => {
    expect(dtmfFrequencies("1")).toEqual([697, 1209]);
    expect(dtmfFrequencies("6")).toEqual([770, 1477]);
    expect(dtmfFrequencies("0")).toEqual([941, 1336]);
    expect(dtmfFrequencies("#")).toEqual([941, 1477]);
  });

  it("gives each key a tone of its own", () => {
    const tones = [...DTMF_DIGITS].map((digit) => String(dtmfFrequencies(digit)));
    expect(new Set(tones).size).toBe(12);
  });

  it.each(["", "A", "12"])("knows no key %j", (key) => {
    expect(dtmfFrequencies(key)).toBeNull();
  });
});

describe("withoutDtx", () => {
  it("takes discontinuous transmission out of the codec's parameters and nothing else", () => {
    const line = (parameters: string) => `a=fmtp:111 ${parameters}\r\na=rtcp-mux\r\n`;
    expect(withoutDtx(line("minptime=10;usedtx=1;useinbandfec=1"))).toBe(line("minptime=10;useinbandfec=1"));
    expect(withoutDtx(line("minptime=10; usedtx=1"))).toBe(line("minptime=10"));
    expect(withoutDtx(line("minptime=10"))).toBe(line("minptime=10"));
  });
});
