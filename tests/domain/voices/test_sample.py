"""What is taken for a sample of a voice, from whoever sends it."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.speech import SAMPLE_RATE_HZ
from domain.voices.sample import MOST_WAV_BYTES, pcm_of

PCM = b"\x01\x02" * SAMPLE_RATE_HZ


def wav_of(pcm: bytes, *, channels: int = 1, width: int = 2, rate_hz: int = SAMPLE_RATE_HZ) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(pcm)
    return written.getvalue()


WAV = wav_of(PCM)


def test_the_sound_of_a_wav_file_comes_as_it_is() -> None:
    assert pcm_of(WAV) == PCM
    assert pcm_of(WAV + b"LIST\x04\0\0\0none") == PCM


@pytest.mark.parametrize(
    ("wav", "said"),
    [
        (b"", "no WAV file"),
        (b"ID3\x04" + bytes(2000), "no WAV file"),
        (wav_of(PCM, channels=2), "mono"),
        (wav_of(PCM, width=1), "16 bits"),
        (wav_of(PCM, rate_hz=48_000), "16000 Hz"),
        (WAV[:-2], "ends before"),
        (WAV[:20], "no WAV file"),
    ],
    ids=["nothing", "another format", "stereo", "8 bits", "48 kHz", "cut off", "half a head"],
)
def test_anything_else_is_refused(wav: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        pcm_of(wav)
    assert refused.value.code == "bad_audio"


def test_what_is_too_large_is_not_even_read() -> None:
    with pytest.raises(Refused) as refused:
        pcm_of(bytes(MOST_WAV_BYTES + 1))
    assert refused.value.code == "bad_sample"


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 200))
def test_a_head_that_lies_breaks_nothing(lies: list[tuple[int, int]], cut: int) -> None:
    file = bytearray(WAV[:4000])
    for at, value in lies:
        file[at] = value
    whole = bytes(file[: len(file) - cut])
    try:
        assert len(pcm_of(whole)) < len(whole)  # a head may tell of less than there is
    except Refused as refused:
        assert refused.code == "bad_audio"
