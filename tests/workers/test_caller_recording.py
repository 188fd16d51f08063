"""The two-channel recording: what stands where, and the player's clock behind it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Refused
from workers.caller.recording import RATE_HZ, Decimator, Leg, Playout, Recording

FRAME = RATE_HZ // 50
LOUD = np.full(FRAME, 5000, np.int16)
SILENT = np.zeros(FRAME, np.int16)


def test_gaps_are_silence_and_nothing_overlaps() -> None:
    leg = Leg()
    assert leg.put(100, LOUD) == 100
    assert leg.put(0, SILENT) == 100 + FRAME
    assert leg.put(1000, LOUD) == 1000
    samples = leg.samples()
    assert len(samples) == 1000 + FRAME == leg.end == leg.loud_until
    assert np.flatnonzero(samples).tolist() == [*range(100, 100 + FRAME), *range(1000, 1000 + FRAME)]
    assert leg.samples(90, 110).tolist() == [0] * 10 + [5000] * 10
    assert leg.samples(0, 5000).shape == (5000,)


def place(frames: list[tuple[int, bool]]) -> list[int]:
    """Where frames go that arrive so late (ms after their due time), each 20 ms of one stream, silent or not."""
    playout = Playout()
    return [
        playout.place(index * FRAME + late_ms * 16, index * FRAME, silent=silent) // 16 - index * 20
        for index, (late_ms, silent) in enumerate(frames)
    ]


def test_speech_keeps_step_with_its_sender() -> None:
    assert place([(0, True), (5, False), (0, False), (3, False)]) == [0, 5, 5, 5]


def test_a_late_frame_moves_what_follows_until_silence() -> None:
    assert place([(0, False), (60, False), (0, False), (0, True), (0, False)]) == [0, 60, 60, 0, 0]


def test_the_first_sound_after_silence_stands_at_its_own_arrival() -> None:
    assert place([(0, True), (15, True), (2, True), (8, False)]) == [0, 15, 2, 8]


def test_the_decimator_keeps_voice_and_drops_what_16_khz_cannot_hold() -> None:
    t = np.arange(48_000) / 48_000
    for hz, least, most in [(300, 0.99, 1.01), (3000, 0.98, 1.02), (6000, 0.7, 1.05), (11_000, 0.0, 0.02)]:
        decimator, tone = Decimator(), (8000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)
        out = np.concatenate([decimator.feed(part) for part in tone.reshape(50, -1)])
        assert len(out) == 16_000
        # The first samples are the filter filling up.
        assert least <= np.abs(out[100:].astype(int)).max() / 8000 <= most


def test_the_wav_has_both_legs_on_one_clock(tmp_path: Path) -> None:
    recording = Recording()
    recording.sent.put(0, LOUD)
    recording.received.put(3 * FRAME, LOUD)
    recording.write(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getnframes()) == (2, RATE_HZ, 4 * FRAME)
        both = np.frombuffer(wav.readframes(4 * FRAME), np.int16).reshape(-1, 2)
    assert np.flatnonzero(both[:, 0])[-1] == FRAME - 1
    assert np.flatnonzero(both[:, 1])[0] == 3 * FRAME


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        Recording().write(tmp_path / "none" / "call.wav")
