"""Several parties on one bridge, each with a tone of its own, on lines whose clocks differ."""

from __future__ import annotations

import heapq
import random

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.errors import Refused
from domain.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ
from realtime.bridge import FADE_SAMPLES, MAX_PARTIES, MOST_FRAMES, PRIME_FRAMES, Bridge, BridgeRole, ListenMode

CALLER, AGENT, ADVISOR, SUPERVISOR = BridgeRole
TONES = {"caller": 440, "advisor": 1000, "supervisor": 2300, "agent": 3100}
LEVEL = 6000
LOUD = 100
"""Below 1/60 of a tone's level there is no tone."""


def tone(hz: int, number: int, level: int = LEVEL) -> bytes:
    """The frame with that number of an endless tone."""
    n = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
    return (level * np.sin(2 * np.pi * hz * n / SAMPLE_RATE_HZ)).astype("<i2").tobytes()


def level_frame(level: int) -> bytes:
    return np.full(FRAME_SAMPLES, level, "<i2").tobytes()


def samples(pcm: bytes) -> NDArray[np.int16]:
    return np.frombuffer(pcm, "<i2")


def bridged(**modes: ListenMode) -> Bridge:
    bridge = Bridge()
    for name, mode in modes.items():
        bridge.add(name, BridgeRole(name.rstrip("2")), mode)
    return bridge


def talk(bridge: Bridge, frames: int, *silent: str, first: int = 0) -> dict[str, bytes]:
    """Everybody but `silent` sounds their tone for so long; returns what each heard."""
    heard = {name: bytearray() for name in bridge.roles()}
    for number in range(first, first + frames):
        for name, role in bridge.roles().items():
            if name not in silent:
                bridge.push(name, tone(TONES[role], number))
        for name in heard:
            heard[name] += bridge.pull(name) or bytes(FRAME_BYTES)
    return {name: bytes(audio) for name, audio in heard.items()}


def tones_in(pcm: bytes) -> set[str]:
    """Whose tones are in the last second of it, by the peaks of its spectrum."""
    second = samples(pcm)[-SAMPLE_RATE_HZ:].astype(float)
    spectrum = np.abs(np.fft.rfft(second)) * 2 / len(second)
    peaks = {name: spectrum[hz] for name, hz in TONES.items()}
    assert np.argmax(spectrum) in TONES.values() or max(spectrum) < LOUD
    return {name for name, peak in peaks.items() if peak > LOUD}


def test_two_people_hear_each_other_and_not_themselves() -> None:
    heard = talk(bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK), 60)
    assert tones_in(heard["caller"]) == {"advisor"}
    assert tones_in(heard["advisor"]) == {"caller"}


def test_what_passes_is_the_very_audio_40_ms_late() -> None:
    heard = talk(bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK), 20)["advisor"]
    said = b"".join(tone(TONES["caller"], number) for number in range(20))
    late = (PRIME_FRAMES - 1) * FRAME_BYTES
    assert heard[:late] == bytes(late)
    assert heard[late + FADE_SAMPLES * 2 :] == said[FADE_SAMPLES * 2 : -late]


@pytest.mark.parametrize(
    ("mode", "caller", "advisor", "agent"),
    [
        (ListenMode.LISTEN, {"advisor"}, {"caller"}, {"caller", "advisor"}),
        (ListenMode.WHISPER, {"advisor"}, {"caller", "supervisor"}, {"caller", "advisor"}),
        (ListenMode.BARGE, {"advisor", "supervisor"}, {"caller", "supervisor"}, {"caller", "advisor", "supervisor"}),
        (ListenMode.TALK, {"advisor", "supervisor"}, {"caller", "supervisor"}, {"caller", "advisor", "supervisor"}),
    ],
)
def test_a_supervisor_is_heard_as_far_as_the_mode_says(
    mode: ListenMode, caller: set[str], advisor: set[str], agent: set[str]
) -> None:
    bridge = bridged(
        caller=ListenMode.TALK, advisor=ListenMode.TALK, agent=ListenMode.LISTEN, supervisor=ListenMode.LISTEN
    )
    bridge.set_mode("supervisor", mode)
    heard = talk(bridge, 60)
    assert tones_in(heard["caller"]) == caller
    assert tones_in(heard["advisor"]) == advisor
    assert tones_in(heard["agent"]) == agent
    assert tones_in(heard["supervisor"]) == {"caller", "advisor"}


def test_of_a_whisper_not_one_bit_reaches_anyone_else() -> None:
    modes = {"caller": ListenMode.TALK, "agent": ListenMode.LISTEN, "advisor": ListenMode.TALK}
    with_whisper = bridged(**modes, supervisor=ListenMode.WHISPER, supervisor2=ListenMode.LISTEN)
    without = bridged(**modes, supervisor=ListenMode.WHISPER, supervisor2=ListenMode.LISTEN)
    heard = talk(with_whisper, 100)
    quiet = talk(without, 100, "supervisor")
    for name in ("caller", "agent", "supervisor2"):
        assert heard[name] == quiet[name]
    assert heard["advisor"] != quiet["advisor"]


def test_a_whisper_that_waits_is_not_heard_by_all_after_barging_in_nor_the_other_way_round() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK, supervisor=ListenMode.WHISPER)
    for _ in range(MOST_FRAMES):
        bridge.push("supervisor", level_frame(5000))
    bridge.set_mode("supervisor", ListenMode.BARGE)
    assert [bridge.pull("caller") for _ in range(8)] == [None] * 8
    for _ in range(MOST_FRAMES):
        bridge.push("supervisor", level_frame(7000))
    bridge.set_mode("supervisor", ListenMode.WHISPER)
    assert [bridge.pull("caller") for _ in range(8)] == [None] * 8


def test_a_held_caller_hears_only_the_music_and_the_advisor_does_not_hear_them() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK, agent=ListenMode.LISTEN)
    talk(bridge, 10)
    music = level_frame(321)
    bridge.hold("caller", lambda: music)
    talk(bridge, 1, first=10)
    assert bridge.pull("caller") == music
    heard = talk(bridge, 60, first=11)
    assert heard["caller"] == music * 60
    assert tones_in(heard["advisor"]) == set()
    assert tones_in(heard["agent"]) == {"caller", "advisor"}
    bridge.resume("caller")
    heard = talk(bridge, 60, first=71)
    assert tones_in(heard["caller"]) == {"advisor"}
    assert tones_in(heard["advisor"]) == {"caller"}


def test_an_advisor_on_hold_does_not_hear_what_was_said_meanwhile() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    bridge.hold("advisor", lambda: bytes(FRAME_BYTES))
    talk(bridge, 10)
    bridge.resume("advisor")
    for _ in range(10):
        pulled = bridge.pull("advisor")
        assert pulled is None or not any(pulled)


@pytest.mark.parametrize("change", ["leave", "hold", "listen", "dry"])
def test_a_voice_that_ends_in_mid_wave_fades(change: str) -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    for _ in range(3):
        bridge.push("caller", level_frame(8000))
    heard = [bridge.pull("advisor") for _ in range(1 if change != "dry" else 3)]
    match change:
        case "leave":
            bridge.remove("caller")
        case "hold":
            bridge.hold("advisor", lambda: bytes(FRAME_BYTES))
        case "listen":
            bridge.set_mode("caller", ListenMode.LISTEN)
    after = bridge.pull("advisor")
    assert after is not None
    line = np.concatenate([samples(frame) for frame in [*heard, after] if frame is not None]).astype(int)
    assert np.abs(np.diff(line)).max() <= 8000 / (FADE_SAMPLES - 1) + 1
    assert line[-1] == 0
    assert bridge.pull("advisor") in (None, bytes(FRAME_BYTES))


def test_resuming_fades_the_music_too() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    bridge.hold("caller", lambda: level_frame(4000))
    assert bridge.pull("caller") == level_frame(4000)
    bridge.resume("caller")
    after = bridge.pull("caller")
    assert after is not None
    assert samples(after)[0] == 4000
    assert samples(after)[-1] == 0
    assert bridge.pull("caller") is None


def test_joining_and_leaving_while_others_talk_disturbs_nobody() -> None:
    """The caller hears the advisor's audio bit for bit, whoever comes and goes."""
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    heard = bytearray()
    for number in range(100):
        bridge.push("advisor", tone(1000, number))
        if number % 10 == 3:
            bridge.add("supervisor", SUPERVISOR, ListenMode.LISTEN)
        bridge.push("supervisor", tone(2300, number))
        heard += bridge.pull("caller") or b""
        if number % 10 == 7:
            bridge.remove("supervisor")
            bridge.remove("supervisor")
            assert bridge.pull("supervisor") is None
    said = b"".join(tone(1000, number) for number in range(99))
    assert bytes(heard)[FADE_SAMPLES * 2 :] == said[FADE_SAMPLES * 2 :]


def test_voices_that_are_too_loud_together_are_cut_off_and_do_not_wrap() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK, agent=ListenMode.TALK)
    for _ in range(3):
        bridge.push("advisor", level_frame(30000))
        bridge.push("agent", level_frame(30000))
    bridge.pull("caller")
    assert bridge.pull("caller") == level_frame(32767)
    for level, total in ((-30000, -32768), (1000, 2000)):
        bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK, agent=ListenMode.TALK)
        for _ in range(3):
            bridge.push("advisor", level_frame(level))
            bridge.push("agent", level_frame(level))
        bridge.pull("caller")
        assert bridge.pull("caller") == level_frame(total)


def test_a_sound_shorter_than_the_cushion_is_heard_all_the_same() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    bridge.push("caller", level_frame(900))
    pulled = [bridge.pull("advisor") for _ in range(6)]
    assert any(frame is not None and 900 in samples(frame) for frame in pulled)
    assert pulled[-1] is None


PERIODS_MS = [FRAME_MS * (1 + ppm / 1e6) for ppm in (-200, 200)]


@pytest.mark.parametrize(("said_every_ms", "heard_every_ms"), [PERIODS_MS, PERIODS_MS[::-1]])
def test_ten_minutes_on_drifting_clocks_with_bursts_do_not_pile_up(said_every_ms: float, heard_every_ms: float) -> None:
    """Each frame holds its own number as its level, so that its delay can be read off at the other end."""
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    random.seed(7)
    stalled_until_ms = 0.0
    happenings: list[tuple[float, int, int]] = []
    for number in range(10 * 60 * 50):
        at_ms = number * said_every_ms
        if random.random() < 0.001:
            stalled_until_ms = at_ms + random.choice([60, 120, 400])
        arrives_ms = max(at_ms + random.random() * 15, stalled_until_ms)
        happenings.append((arrives_ms, 0, number))
        happenings.append((number * heard_every_ms + random.random() * 5, 1, number))
    heapq.heapify(happenings)
    delays: list[int] = []
    silences, said = 0, 0
    while happenings:
        _, is_pull, number = heapq.heappop(happenings)
        if not is_pull:
            said = number
            bridge.push("caller", level_frame(1 + number % 30000))
        elif (pcm := bridge.pull("advisor")) is not None and (last := int(samples(pcm)[-1])):
            delays.append((said - (last - 1)) % 30000)
        else:
            silences += 1
    # A frame that has just come has a delay of 0; the last of MOST_FRAMES waiting has one less than that many.
    assert max(delays) < MOST_FRAMES
    assert np.mean(delays[-3000:]) < MOST_FRAMES - 1
    assert silences < 0.02 * 30000
    assert 0 < bridge.folded_ms < 10_000
    assert bridge.ran_dry > 0


def test_without_bursts_ten_minutes_of_drift_cost_at_most_twelve_frames() -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    frames = 10 * 60 * 50
    pulled = 0
    for number in range(frames):
        bridge.push("caller", level_frame(1))
        while pulled * PERIODS_MS[1] <= number * PERIODS_MS[0] + 5:
            bridge.pull("advisor")
            pulled += 1
    assert bridge.folded_ms <= 12 * FRAME_MS
    assert bridge.ran_dry == 0


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 2, FRAME_BYTES + 2, FRAME_BYTES * 2])
def test_a_frame_of_another_size_is_refused(size: int) -> None:
    bridge = bridged(caller=ListenMode.TALK, advisor=ListenMode.TALK)
    for push in (lambda: bridge.push("caller", bytes(size)), lambda: bridge.push("nobody", bytes(size))):
        with pytest.raises(Refused) as refusal:
            push()
        assert refusal.value.code == "bad_frame"
    bridge.hold("caller", lambda: bytes(size))
    with pytest.raises(Refused):
        bridge.pull("caller")


def test_who_is_not_there_or_may_not_is_refused() -> None:
    bridge = bridged(caller=ListenMode.TALK)
    for code, wrong in {
        "party_taken": lambda: bridge.add("caller", CALLER),
        "bad_mode": lambda: bridge.add("x", CALLER, ListenMode.WHISPER),
        "unknown_party": lambda: bridge.set_mode("x", ListenMode.TALK),
    }.items():
        with pytest.raises(Refused) as refusal:
            wrong()
        assert refusal.value.code == code
    for wrong in (lambda: bridge.hold("x", bytes), lambda: bridge.resume("x")):
        with pytest.raises(Refused):
            wrong()
    with pytest.raises(Refused):
        bridge.set_mode("caller", ListenMode.BARGE)
    bridge.push("x", bytes(FRAME_BYTES))
    assert bridge.pull("x") is None
    assert bridge.pull("caller") is None


def test_a_bridge_has_an_end() -> None:
    bridge = Bridge()
    for number in range(MAX_PARTIES):
        bridge.add(str(number), SUPERVISOR, ListenMode.LISTEN)
    with pytest.raises(Refused) as refusal:
        bridge.add("one more", CALLER)
    assert refusal.value.code == "bridge_full"
