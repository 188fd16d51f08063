"""Voice-to-voice on synthetic two-channel waveforms whose offsets are known."""

from __future__ import annotations

import numpy as np
import pytest

from workers.caller.measure import Latency, Told, latency, speech_end
from workers.caller.recording import RATE_HZ

EXACT_MS = 20
"""How far a measured figure may be from the drawn one."""
RNG = np.random.default_rng(7)


def silence(ms: int) -> np.ndarray:
    return np.zeros(RATE_HZ * ms // 1000, np.int16)


def voice(ms: int, peak: int = 8000) -> np.ndarray:
    """Something like speech: a pitch with harmonics, its loudness wandering by 15 dB at the rate of syllables."""
    t = np.arange(RATE_HZ * ms // 1000) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * 140 * h * t + h) / h for h in range(1, 9)) / 2
    syllables = 0.18 + 0.82 * np.abs(np.cos(2 * np.pi * 2 * t))
    return (peak * wave * syllables / np.abs(wave).max()).astype(np.int16)


def noisy(pcm: np.ndarray, rms: float) -> np.ndarray:
    return np.clip(pcm + RNG.normal(0, rms, len(pcm)), -32768, 32767).astype(np.int16)


def drawn(picture: str) -> np.ndarray:
    """One character per 100 ms: `#` voice, `.` silence, `!` a 4 ms click in the middle of silence."""
    pieces: list[np.ndarray] = []
    for mark in picture:
        piece = voice(100) if mark == "#" else silence(100)
        if mark == "!":
            piece[800:864] = 20_000
        pieces.append(piece)
    return np.concatenate(pieces)


def told(at_ms: float, *, answers: bool = True) -> Told:
    return Told(at=int(at_ms * RATE_HZ / 1000), answers=answers)


def end_ms(pcm: np.ndarray) -> float:
    end = speech_end(pcm)
    assert end is not None
    return end * 1000 / RATE_HZ


@pytest.mark.parametrize("peak", [400, 8000, 30_000])
def test_the_end_of_speech_is_found_at_any_loudness(peak: int) -> None:
    assert end_ms(np.concatenate([silence(300), voice(1200, peak), silence(700)])) == pytest.approx(1500, abs=EXACT_MS)


def test_a_quiet_last_syllable_still_belongs_to_the_speech() -> None:
    pcm = np.concatenate([voice(1500), voice(300, 1200), silence(500)])
    assert end_ms(pcm) == pytest.approx(1800, abs=EXACT_MS)


@pytest.mark.parametrize("rms", [10, 60, 250, 600])
def test_steady_noise_is_not_speech(rms: float) -> None:
    pcm = noisy(np.concatenate([silence(400), voice(1500), silence(1000)]), rms)
    assert end_ms(pcm) == pytest.approx(1900, abs=EXACT_MS)


def test_a_click_after_the_last_word_is_not_speech() -> None:
    assert end_ms(drawn("..########...!...!..")) == pytest.approx(1000, abs=EXACT_MS)


def test_a_pause_does_not_end_the_speech() -> None:
    assert end_ms(drawn("####......####..")) == pytest.approx(1400, abs=EXACT_MS)


@pytest.mark.parametrize("pcm", [silence(0), silence(2000), noisy(silence(2000), 8), drawn("..!....!..")])
def test_nothing_was_said(pcm: np.ndarray) -> None:
    assert speech_end(pcm) is None


def measured(received: np.ndarray, sentences: list[Told], caller_end_ms: int) -> Latency:
    return latency(received, sentences, caller_end_ms * RATE_HZ // 1000)


def test_an_answer_out_of_silence() -> None:
    found = measured(drawn("...............########.."), [told(1500)], 700)
    assert found.voice_to_voice_ms == pytest.approx(800, abs=EXACT_MS)
    assert found.with_openers_ms == found.voice_to_voice_ms


def test_an_answer_over_a_low_noise_floor() -> None:
    found = measured(noisy(drawn("...............########.."), 25), [told(1500)], 700)
    assert found.voice_to_voice_ms == pytest.approx(800, abs=EXACT_MS)


def test_a_filler_counts_only_as_an_opener() -> None:
    found = measured(drawn("..........###......#######.."), [told(1000, answers=False), told(1900)], 600)
    assert found.voice_to_voice_ms == pytest.approx(1300, abs=EXACT_MS)
    assert found.with_openers_ms == pytest.approx(400, abs=EXACT_MS)


def test_a_filler_alone_is_no_answer() -> None:
    found = measured(drawn("..........###............"), [told(1000, answers=False)], 600)
    assert found.voice_to_voice_ms is None
    assert found.with_openers_ms == pytest.approx(400, abs=EXACT_MS)


@pytest.mark.parametrize("gap_ms", [0, 20, 60, 150, 250])
def test_a_filler_that_runs_into_the_answer(gap_ms: int) -> None:
    """Down to no gap at all, where only the server's word tells one from the other."""
    received = np.concatenate([silence(1000), voice(500), silence(gap_ms), voice(900), silence(300)])
    found = measured(received, [told(1000, answers=False), told(1500 + gap_ms)], 600)
    assert found.voice_to_voice_ms == pytest.approx(900 + gap_ms, abs=EXACT_MS)
    assert found.with_openers_ms == pytest.approx(400, abs=EXACT_MS)


def test_a_pause_inside_the_filler_is_not_the_answer() -> None:
    received = np.concatenate([silence(1000), voice(300), silence(90), voice(120), voice(900), silence(300)])
    found = measured(received, [told(1000, answers=False), told(1510)], 600)
    assert found.voice_to_voice_ms == pytest.approx(910, abs=EXACT_MS)


def test_the_agent_was_already_talking() -> None:
    """The greeting goes on over the caller; what it says is told before and does not answer."""
    found = measured(drawn("##########......#####..."), [told(0, answers=False), told(1600)], 800)
    assert found == Latency(voice_to_voice_ms=found.voice_to_voice_ms, with_openers_ms=found.voice_to_voice_ms)
    assert found.voice_to_voice_ms == pytest.approx(800, abs=EXACT_MS)


def test_an_answer_that_overlaps_the_caller_answers_something_earlier() -> None:
    found = measured(drawn("....####..........#####..."), [told(400), told(1800)], 1200)
    assert found.voice_to_voice_ms == pytest.approx(600, abs=EXACT_MS)
    assert measured(drawn("....####..............."), [told(400)], 1200).voice_to_voice_ms is None


def test_a_click_on_the_line_is_not_the_answer() -> None:
    received = drawn("..............................#####..")
    received[15 * 1600 : 15 * 1600 + 60] = 15_000
    assert measured(received, [told(2900)], 1000).voice_to_voice_ms == pytest.approx(2000, abs=EXACT_MS)


def test_a_sentence_that_made_no_sound() -> None:
    found = measured(drawn("....................#####.."), [told(1200), told(2000, answers=False)], 1000)
    assert found.voice_to_voice_ms is None
    assert found.with_openers_ms == pytest.approx(1000, abs=EXACT_MS)


@pytest.mark.parametrize("off_ms", [-150, -40, -20, 20, 40])
def test_the_word_may_be_a_frame_or_two_from_its_sound(off_ms: int) -> None:
    """A voice that begins with silence makes it early, a data channel that was held up late."""
    found = measured(drawn("...............########.."), [told(1500 + off_ms)], 700)
    assert found.voice_to_voice_ms == pytest.approx(800, abs=EXACT_MS)


def test_nobody_said_anything() -> None:
    assert measured(silence(2000), [], 500) == Latency(voice_to_voice_ms=None, with_openers_ms=None)
    assert measured(silence(2000), [told(900)], 500) == Latency(voice_to_voice_ms=None, with_openers_ms=None)
