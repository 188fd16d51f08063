"""The codecs of SIP calls."""

from __future__ import annotations

CODECS = {"pcma": "pcma", "pcmu": "pcmu", "opus": "opus/48000/2"}
"""Each as the stack names it. It has G.722, too, which nothing was proven with."""
USUAL = ("pcma", "pcmu")
"""Whatever a telephone network speaks; Opus takes more of a processor, and is for those who want it."""
