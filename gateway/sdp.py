"""Whether an offer can be one: its size, its characters, an audio line and a fingerprint, before it goes anywhere."""

from __future__ import annotations

import re

from domain.errors import Refused

MAX_SDP_CHARACTERS = 32_768
"""A browser's offer of audio and a data channel has 2-6 KB, with forty candidates about 10 KB."""
MAX_LINES = 500
MAX_MEDIA = 4
MIN_ICE_PASSWORD = 22
"""RFC 8839 §5.4: at least 22 characters, as the user fragment has at least 4."""

_LINE = re.compile(r"[a-z]=[\x20-\x7e]{1,1024}")
_AUDIO = re.compile(r"m=audio \d{1,5} (?:UDP|TCP)/TLS/RTP/SAVPF(?: \d{1,3}){1,64}")
_FINGERPRINT = re.compile(r"a=fingerprint:(?:sha-256|sha-384|sha-512) [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31,63}")
_UFRAG = re.compile(r"a=ice-ufrag:[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(rf"a=ice-pwd:[A-Za-z0-9+/]{{{MIN_ICE_PASSWORD},256}}")

_NEEDS = (
    (_AUDIO, "it has no audio over DTLS-SRTP (m=audio … UDP/TLS/RTP/SAVPF)"),
    (_FINGERPRINT, "it has no DTLS fingerprint of SHA-256 or better"),
    (_UFRAG, "it has no ICE user fragment"),
    (_PASSWORD, "it has no ICE password"),
)


def check_offer(sdp: str) -> None:
    """Raises Refused("bad_offer") with a sentence that names what is wrong and repeats none of it."""
    if len(sdp) > MAX_SDP_CHARACTERS:
        raise _bad(f"it is longer than {MAX_SDP_CHARACTERS} characters")
    lines = sdp.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise _bad(f"it has more than {MAX_LINES} lines")
    if lines[0] != "v=0":
        raise _bad('it does not begin with "v=0"')
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line):
            raise _bad(f"line {number} is not a line of SDP")
    if sum(line.startswith("m=") for line in lines) > MAX_MEDIA:
        raise _bad(f"it has more than {MAX_MEDIA} media")
    for pattern, reason in _NEEDS:
        if not any(pattern.fullmatch(line) for line in lines):
            raise _bad(reason)


def _bad(reason: str) -> Refused:
    return Refused("bad_offer", f"The offer is not usable: {reason}.")
