"""Our own audio that comes back is told from a caller, whatever the way it takes."""

import numpy as np
import pytest

from domain.speech import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, SAMPLE_RATE_HZ
from realtime.overlap.echo import HEARD_MS, LONGEST_WAY_MS, EchoGuard
from tests.realtime.overlap.voices import voice

SPOKEN_MS = 3_000


BUSY_FROM_MS = 1_000


def shares(sent: np.ndarray, heard: np.ndarray, busy_ms: int = 0) -> float:
    """In how many looks, one each 100 ms, the microphone's last stretch counts as an echo.

    Where the process is busy, what is due is sent at once after it, by the clock of what had come until then.
    """
    guard = EchoGuard()
    out, back = sent.astype("<i2").tobytes(), heard.astype("<i2").tobytes()
    looks: list[bool] = []
    for at_ms in range(0, SPOKEN_MS, FRAME_MS):
        at = at_ms * BYTES_PER_MS
        held_up = BUSY_FROM_MS <= at_ms < BUSY_FROM_MS + busy_ms
        guard.sent(out[at : at + FRAME_BYTES], BUSY_FROM_MS if held_up else at_ms)
        until_ms = at_ms + FRAME_MS
        if until_ms > BUSY_FROM_MS + busy_ms and until_ms % 100 == 0:
            end = until_ms * BYTES_PER_MS
            looks.append(guard.is_echo(back[end - HEARD_MS * BYTES_PER_MS : end], until_ms))
    return sum(looks) / len(looks)


def later(samples: np.ndarray, ms: int, down_db: float) -> np.ndarray:
    shifted = np.concatenate([np.zeros(ms * SAMPLE_RATE_HZ // 1000), samples])[: len(samples)]
    return shifted * 10 ** (-down_db / 20)


@pytest.mark.parametrize("late_ms", [80, 170, 250, 500])
@pytest.mark.parametrize("down_db", [15, 30])
def test_an_echo_is_one(late_ms: int, down_db: float) -> None:
    agent = voice(seed=1, ms=SPOKEN_MS)
    noise = np.random.default_rng(3).normal(0, 5, len(agent))
    assert shares(agent, later(agent, late_ms, down_db) + noise) > 0.9


def test_an_echo_of_what_was_sent_after_the_process_was_busy_is_one() -> None:
    """The caller hears a pause there, and all of it later."""
    agent = voice(seed=1, ms=SPOKEN_MS)
    at = BUSY_FROM_MS * SAMPLE_RATE_HZ // 1000
    played = np.concatenate([agent[:at], np.zeros(300 * SAMPLE_RATE_HZ // 1000), agent[at:]])
    assert shares(agent, later(played, 170, 20), busy_ms=300) > 0.9


def test_an_echo_in_a_room_is_one() -> None:
    agent = voice(seed=1, ms=SPOKEN_MS)
    tail = np.arange(1, SAMPLE_RATE_HZ // 10)
    room = np.random.default_rng(4).normal(0, 0.05, len(tail)) * np.exp(-tail / (0.04 * SAMPLE_RATE_HZ))
    heard = np.convolve(later(agent, 120, 20), np.concatenate([[1.0], room]))[: len(agent)]
    assert shares(agent, heard) > 0.8


def test_the_first_word_of_a_call_is_known_again() -> None:
    guard, agent = EchoGuard(), voice(seed=1, ms=600)
    heard = later(agent, 120, 20)
    out, back = agent.astype("<i2").tobytes(), heard.astype("<i2").tobytes()
    for at_ms in range(0, 400, FRAME_MS):
        guard.sent(out[at_ms * BYTES_PER_MS :][:FRAME_BYTES], at_ms)
        if at_ms >= 180:
            assert guard.is_echo(back[: (at_ms + FRAME_MS) * BYTES_PER_MS], at_ms + FRAME_MS)


def test_another_voice_is_none_and_neither_is_one_over_the_echo() -> None:
    agent, caller = voice(seed=1, ms=SPOKEN_MS), voice(seed=2, ms=SPOKEN_MS)
    assert shares(agent, caller) == 0
    assert shares(agent, caller + later(agent, 120, 20)) < 0.1


def test_nothing_was_sent() -> None:
    guard, caller = EchoGuard(), voice(seed=2, ms=1_000).astype("<i2").tobytes()
    assert not guard.is_echo(caller, 1_000)
    guard.sent(bytes(FRAME_BYTES), 500)
    assert not guard.is_echo(caller, 1_000)
    assert not guard.is_echo(b"", 1_000)


def test_what_was_sent_long_ago_is_forgotten() -> None:
    guard, agent = EchoGuard(), voice(seed=1, ms=1_000).astype("<i2").tobytes()
    for at_ms in range(0, 1_000, FRAME_MS):
        guard.sent(agent[at_ms * BYTES_PER_MS :][:FRAME_BYTES], at_ms)
    heard = agent[-HEARD_MS * BYTES_PER_MS :]
    assert guard.is_echo(heard, 1_100)
    assert not guard.is_echo(heard, 1_000 + LONGEST_WAY_MS)
