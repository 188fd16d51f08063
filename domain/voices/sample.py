"""A sample of a voice as it is handed in: a WAV file of the sound that every engine takes."""

from __future__ import annotations

import io
import struct
import wave

from domain.errors import Refused
from domain.speech import SAMPLE_RATE_HZ
from domain.voices.cloning import MOST_SAMPLE_S

_HEADERS = 64 * 1024
"""Bytes for what programs write into a WAV file beside its sound."""
MOST_WAV_BYTES = MOST_SAMPLE_S * SAMPLE_RATE_HZ * 2 + _HEADERS


def pcm_of(wav: bytes) -> bytes:
    """The sound of a WAV file, whole. Raises Refused("bad_audio"), and Refused("bad_sample") for one that is too long.

    Nothing but WAV is read here: a decoder of every format is no thing to hand a stranger's file to.
    """
    if len(wav) > MOST_WAV_BYTES:
        raise Refused("bad_sample", f"The sample has more than {MOST_SAMPLE_S} s.")
    try:
        with wave.open(io.BytesIO(wav)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            promised = file.getnframes() * shape[0] * shape[1]
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError, RuntimeError, ValueError, OverflowError, struct.error) as error:
        raise Refused("bad_audio", "This is no WAV file with PCM sound.") from error
    if shape != (1, 2, SAMPLE_RATE_HZ):
        raise Refused("bad_audio", f"The sound must be mono, of 16 bits, at {SAMPLE_RATE_HZ} Hz.")
    if len(pcm) != promised:
        raise Refused("bad_audio", "The file ends before its sound does.")
    return pcm
