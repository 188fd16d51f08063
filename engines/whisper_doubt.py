"""When not to believe Whisper: silence, noise that it writes words for, and its loops.

Observed with the base model in int8: noise, hum and clicks come out at a confidence of at most 0.19, digital
silence at 0.53 with a no-speech probability of 0.93, the hardest real speech (0.3 s of one word) at 0.26.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

SILENCE_RMS = 0.0008
"""Of full scale, -62 dBFS: the loudest 20 ms of a silent line with comfort noise stays below it."""
FRAME_SAMPLES = 320
NOISE_CONFIDENCE = 0.22
DOUBTFUL_CONFIDENCE = 0.35
PHRASE_CONFIDENCE = 0.6
NO_SPEECH = 0.6
PHRASE_NO_SPEECH = 0.3
LOOP_RATIO = 2.4
"""Text that zlib shrinks more than this is a loop: the threshold of Whisper's own decoder; speech stays below 1.8."""
LOOP_LETTERS = 48
"""Shorter texts, "no, no, no", may well repeat themselves."""

_MARKS = re.compile(r"[^\w\s]|_")
_SAID_TWICE = re.compile(r"\b(\w+(?: \w+){2,})(?: \1\b)|\b(\w+(?: \w+)?)(?: \2\b){3}")
"""Three words or more twice in a row, or one or two of them four times."""

# What Whisper learnt to write over the silence of films and videos.
SILENCE_PHRASES = frozenset(
    {
        "",
        "you",
        "bye",
        "thank you",
        "thank you very much",
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subtitles by the amaraorg community",
        "im sorry",
        "شكرا",
        "شكرا لكم",
        "شكرا للمشاهدة",
        "شكرا على المشاهدة",
        "اشتركوا في القناة",
        "لا تنسوا الاشتراك في القناة",
        "ترجمة نانسي قنقر",
        "موسيقى",
    }
)


def is_silence(samples: NDArray[np.float32]) -> bool:
    """Nothing in it is loud enough to be a voice on a telephone."""
    framed = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return not framed.size or float(np.sqrt(np.square(framed).mean(axis=1)).max()) < SILENCE_RMS


def is_unfounded(text: str, confidence: float, no_speech: float) -> bool:
    """The words were most likely made up."""
    if confidence < NOISE_CONFIDENCE:
        return True
    if confidence < DOUBTFUL_CONFIDENCE and no_speech > NO_SPEECH:
        return True
    return _plain(text) in SILENCE_PHRASES and confidence < PHRASE_CONFIDENCE and no_speech > PHRASE_NO_SPEECH


def stutters(text: str) -> bool:
    """The same words follow each other, as a decoder in too short a window writes them."""
    return _SAID_TWICE.search(_plain(text)) is not None


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).lower().split())


def loops(text: str) -> bool:
    """The decoder said the same thing again and again."""
    if len(text) < LOOP_LETTERS:
        return False
    # One byte a letter, so that Arabic, with two in UTF-8, is judged like English.
    letters = text.encode("cp1256", "replace")
    return len(letters) / len(zlib.compress(letters)) > LOOP_RATIO
