"""Long speech in pieces that a recogniser hears one at a time, cut where it is quietest."""

from __future__ import annotations

import itertools
from array import array

from domain.speech import SAMPLE_RATE_HZ

PIECE_S = 12
"""A piece takes the recogniser about a second, in which no living caller's words are understood."""
CUT_WITHIN_S = 4
"""A breath is taken at least this often."""
_STEP = SAMPLE_RATE_HZ // 10


def pieces(pcm: bytes) -> list[bytes]:
    """Together they are `pcm`, mono int16 at 16 kHz; each is at most PIECE_S long."""
    samples, found = array("h", pcm), list[bytes]()
    longest, within = PIECE_S * SAMPLE_RATE_HZ, CUT_WITHIN_S * SAMPLE_RATE_HZ
    while len(samples) > longest:
        spots = range(longest - within, longest, _STEP)
        quietest = min(spots, key=lambda at: sum(map(abs, itertools.islice(samples, at, at + _STEP))))
        cut = quietest + _STEP // 2
        found.append(samples[:cut].tobytes())
        samples = samples[cut:]
    return [*found, samples.tobytes()] if samples else found
