"""The hold music as numbers, and how it makes way for a message."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.errors import Refused
from domain.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ
from realtime.bridge import Bridge, BridgeRole
from realtime.music import (
    DUCKED_DB,
    FADE_IN_MS,
    LEVEL_DBFS,
    MESSAGE_FRAMES,
    PAUSE_MS,
    RAMP_MS,
    HoldPlayer,
    hold_music,
)

STEADY = np.full(FRAME_SAMPLES * 10, 10_000, "<i2").tobytes()
"""In place of music: a level that can be read off each sample."""


def samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, "<i2").astype(float)


def decibels(power: float) -> float:
    return float(10 * np.log10(power + 1e-20))


def pulled(player: HoldPlayer, ms: int) -> NDArray[np.float64]:
    frames = [player.pull() for _ in range(ms // FRAME_MS)]
    assert {len(frame) for frame in frames} <= {FRAME_BYTES}
    return samples(b"".join(frames))


def settled(speech: list[bytes | None] | None = None) -> HoldPlayer:
    """A player over the steady level, past its fade in."""
    waiting = [None] * (FADE_IN_MS // FRAME_MS) + (speech or [])
    player = HoldPlayer(STEADY, lambda: waiting.pop(0) if waiting else None)
    pulled(player, FADE_IN_MS)
    return player


def test_the_music_is_quiet_in_the_telephone_band_and_far_from_clipping() -> None:
    music = samples(hold_music()) / 32768
    assert len(music) % FRAME_SAMPLES == 0
    assert 20 <= len(music) / SAMPLE_RATE_HZ <= 30
    assert decibels(np.mean(music**2)) == pytest.approx(LEVEL_DBFS, abs=0.1)
    assert np.abs(music).max() < 0.25
    power = np.abs(np.fft.rfft(music)) ** 2
    hz = np.fft.rfftfreq(len(music), 1 / SAMPLE_RATE_HZ)
    share = {name: power[(hz >= low) & (hz < high)].sum() / power.sum() for name, low, high in BANDS}
    assert share["telephone"] > 0.999
    assert decibels(share["shrill"]) < -35
    assert abs(np.mean(music)) < 1e-4


BANDS = [("telephone", 300, 3400), ("shrill", 2400, 8000)]


def test_the_music_has_neither_seam_nor_hole_nor_outburst() -> None:
    music = samples(hold_music())
    twice = np.concatenate([music, music])
    steps = np.abs(np.diff(twice))
    seam = steps[len(music) - 160 : len(music) + 160]
    assert seam.max() <= steps[: len(music) - 1].max()
    tenths = np.array([decibels(np.mean((part / 32768) ** 2)) for part in np.split(music, len(music) // 1600)])
    assert tenths.min() > LEVEL_DBFS - 8
    assert tenths.max() < LEVEL_DBFS + 6


def test_the_music_goes_round_and_begins_softly() -> None:
    player = HoldPlayer(hold_music())
    heard = pulled(player, FADE_IN_MS)
    assert np.abs(heard[:FRAME_SAMPLES]).max() < 200
    length_ms = len(hold_music()) // FRAME_BYTES * FRAME_MS
    rest = pulled(player, length_ms - FADE_IN_MS + 1000)
    loop = samples(hold_music())
    start = FADE_IN_MS * SAMPLE_RATE_HZ // 1000
    assert np.array_equal(rest, np.concatenate([loop[start:], loop[: len(rest) - len(loop) + start]]))


def test_a_message_lowers_the_music_smoothly_and_is_itself_untouched() -> None:
    message = (np.sin(np.arange(FRAME_SAMPLES * 50) / 20) * 5000).astype("<i2")
    player = settled()
    player.say(message.tobytes())
    assert player.speaking
    heard = pulled(player, 1000)
    assert not player.speaking
    music = heard - message
    ramp = RAMP_MS * SAMPLE_RATE_HZ // 1000
    floor = 10_000 * 10 ** (DUCKED_DB / 20)
    assert np.abs(music[ramp:] - floor).max() <= 1
    assert np.all(np.diff(music[:ramp]) <= 1)
    assert np.abs(np.diff(music)).max() < 10
    after = pulled(player, PAUSE_MS - FRAME_MS)
    assert np.abs(after - floor).max() <= 1
    rising = pulled(player, RAMP_MS)
    assert rising[-1] == pytest.approx(10_000, abs=10)
    assert np.all(np.diff(rising) >= -1)
    assert np.all(pulled(player, 500) == 10_000)


def test_the_music_stays_down_in_the_pauses_of_a_message() -> None:
    word = [bytes(FRAME_BYTES)] * 20
    player = settled([*word, *[None] * (PAUSE_MS // FRAME_MS - 1), *word])
    heard = pulled(player, 20 * FRAME_MS + PAUSE_MS + 18 * FRAME_MS)
    floor = 10_000 * 10 ** (DUCKED_DB / 20)
    assert np.abs(heard[RAMP_MS * SAMPLE_RATE_HZ // 1000 :] - floor).max() <= 1


def test_a_message_is_dropped_when_the_caller_speaks() -> None:
    player = settled()
    player.say(bytes(FRAME_BYTES * 100))
    pulled(player, 300)
    player.hush()
    assert not player.speaking
    assert pulled(player, PAUSE_MS + RAMP_MS + FRAME_MS)[-1] == 10_000


def test_a_loud_message_is_cut_off_and_does_not_wrap() -> None:
    player = settled()
    player.say(np.full(FRAME_SAMPLES, 32_000, "<i2").tobytes())
    assert pulled(player, FRAME_MS).min() > 30_000


def test_what_is_not_a_whole_frame_is_filled_or_refused() -> None:
    player = settled()
    player.say(b"\1\0" * 3)
    assert len(player.pull()) == FRAME_BYTES
    for music in (b"", bytes(FRAME_BYTES - 2), bytes(FRAME_BYTES + 2)):
        with pytest.raises(Refused) as refusal:
            HoldPlayer(music)
        assert refusal.value.code == "bad_music"


def test_a_message_has_an_end() -> None:
    player = settled()
    player.say(bytes(FRAME_BYTES * MESSAGE_FRAMES))
    with pytest.raises(Refused) as refusal:
        player.say(bytes(2))
    assert refusal.value.code == "message_too_long"


def test_a_held_party_of_a_bridge_hears_the_player() -> None:
    bridge = Bridge()
    bridge.add("caller", BridgeRole.CALLER)
    bridge.hold("caller", settled().pull)
    heard = bridge.pull("caller")
    assert heard is not None
    assert set(samples(heard)) == {10_000}
