"""Between 48 and 16 kHz: what passes, what does not, and how many samples come back."""

import math
from fractions import Fraction

import numpy as np
import pytest
from av import AudioFrame

from domain.speech import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE_HZ
from realtime.rates import _FILTERS, OPUS_TIMES, PHONE_TIMES, Down, ToLine, Up

OPUS_HZ = 48_000


def tone(hz: int, rate_hz: int, samples: int, channels: int = 1) -> np.ndarray:
    wave = (8000 * np.sin(2 * math.pi * hz * np.arange(samples) / rate_hz)).astype(np.int16)
    return np.repeat(wave[:, None], channels, axis=1)


def level(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2)))


@pytest.mark.parametrize(("hz", "kept"), [(300, 1.0), (3400, 1.0), (6000, 0.85), (9500, 0.02), (15000, 0.02)])
def test_speech_passes_and_what_would_alias_does_not(hz: int, kept: float) -> None:
    down = Down()
    sound = tone(hz, OPUS_HZ, OPUS_HZ // 2, channels=2)
    out = b"".join(down.feed(part) for part in np.split(sound, 25))
    assert len(out) == SAMPLE_RATE_HZ // 2 * 2
    assert level(out) / (8000 / math.sqrt(2)) == pytest.approx(kept, abs=0.06)


def test_up_keeps_level_and_triples_the_samples() -> None:
    up = Up()
    pcm = tone(1000, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ // 2).tobytes()
    frames = [pcm[n : n + FRAME_BYTES] for n in range(0, len(pcm), FRAME_BYTES)]
    out = b"".join(up.feed(frame) for frame in frames)
    assert len(out) == 3 * len(pcm)
    assert level(out) == pytest.approx(level(pcm), rel=0.03)


@pytest.mark.parametrize("times", [OPUS_TIMES, PHONE_TIMES])
def test_only_what_is_kept_is_filtered_and_it_comes_out_as_if_all_were(times: int) -> None:
    sound = np.random.default_rng(1).normal(0, 6_000, 4 * FRAME_SAMPLES * times).clip(-32768, 32767).astype(np.int16)
    taps = _FILTERS[times].astype(float)
    down, up = Down(times), Up(times)
    low = np.frombuffer(b"".join(down.feed(part) for part in np.split(sound[:, None], 4)), "<i2")
    assert np.abs(low - np.convolve(sound, taps)[: len(sound) : times]).max() <= 1
    spread = np.zeros(len(low) * times)
    spread[::times] = low * float(times)
    high = np.frombuffer(b"".join(up.feed(part.tobytes()) for part in np.split(low, 4)), "<i2")
    whole = np.convolve(spread, taps)[: len(spread)].clip(-32768, 32767)
    assert np.abs(high - whole).max() <= 1


def test_loud_sound_is_clipped_and_does_not_wrap() -> None:
    square = np.where(np.arange(960) // 240 % 2, 32767, -32768).astype(np.int16)[:, None]
    out = np.frombuffer(Down().feed(square), "<i2")
    assert out.max() > 30_000
    assert out.min() < -30_000
    assert np.abs(np.diff(out.astype(int))).max() < 65_535


@pytest.mark.parametrize(("rate_hz", "layout"), [(48_000, "stereo"), (48_000, "mono"), (8_000, "mono")])
def test_every_decoder_comes_out_at_the_lines_rate(rate_hz: int, layout: str) -> None:
    to_line = ToLine()
    channels = 2 if layout == "stereo" else 1
    out = b""
    for n in range(50):
        samples = rate_hz // 50
        frame = AudioFrame.from_ndarray(tone(440, rate_hz, samples, channels).reshape(1, -1), "s16", layout)
        frame.sample_rate = rate_hz
        frame.pts = n * samples
        frame.time_base = Fraction(1, rate_hz)
        out += to_line.feed(frame)
    assert 48 * FRAME_SAMPLES <= len(out) // 2 <= 50 * FRAME_SAMPLES
    assert level(out) == pytest.approx(8000 / math.sqrt(2), rel=0.1)
