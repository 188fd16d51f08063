"""Samples between rates and between integers and floats."""

from __future__ import annotations

import numpy as np
import pytest

from engines.pcm import resampled, to_floats, to_pcm


def tone(hz: float, rate_hz: int) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(rate_hz) / rate_hz).astype(np.float32) / 2


@pytest.mark.parametrize(
    ("hz", "from_hz"),
    [(200, 8_000), (3_000, 8_000), (200, 22_050), (3_400, 22_050), (6_000, 22_050), (6_000, 24_000), (1_000, 44_100)],
)
def test_speech_keeps_its_pitch_and_level(hz: int, from_hz: int):
    made = resampled(tone(hz, from_hz), from_hz, 16_000)
    assert len(made) == 16_000
    inside = slice(200, -200)
    assert np.abs(made[inside] - tone(hz, 16_000)[inside]).max() < 0.02


def test_what_the_rate_can_not_hold_does_not_fold_back():
    made = resampled(tone(10_000, 22_050), 22_050, 16_000)
    assert np.abs(made[200:-200]).max() < 0.005


@pytest.mark.parametrize("length", [0, 1, 2, 441, 12_345])
def test_every_length_is_taken(length: int):
    made = resampled(np.ones(length, np.float32), 22_050, 16_000)
    assert len(made) == -(-length * 320 // 441)


def test_pcm_survives_the_way_there_and_back():
    pcm = np.array([0, 1, -1, 1000, 32767, -32767], np.int16).tobytes()
    assert np.abs(np.frombuffer(to_pcm(to_floats(pcm)), np.int16) - np.frombuffer(pcm, np.int16)).max() <= 1


def test_too_loud_samples_are_clipped_and_not_wrapped():
    assert np.frombuffer(to_pcm(np.array([2.0, -2.0], np.float32)), np.int16).tolist() == [32767, -32767]
