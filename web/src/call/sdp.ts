/** What we change in a session description. */

/** Without discontinuous transmission: Hatif's clock is the caller's audio, so every 20 ms must arrive. */
export function withoutDtx(sdp: string): string {
  return sdp.replace(/;?\s*usedtx=1/g, "");
}
