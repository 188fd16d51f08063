"""A person who picks up, or a machine: by what is heard, and in any sound at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outbound.answering import LIMITS, Answering, PickedUp, says_machine

CHUNK_MS = 32
PERSON, MACHINE = PickedUp.PERSON, PickedUp.MACHINE


@dataclass(frozen=True)
class Decided:
    who: PickedUp
    at_ms: int


def heard(*stretches_ms: int, words: dict[int, str] | None = None) -> Decided:
    """Silence and speech in turns, silence first, then silence for good; `words` are known from their time on."""
    known = dict(words or {})
    answering, at_ms = Answering(), 0
    ends = list(accumulate(stretches_ms))
    while True:
        speaks = sum(end <= at_ms for end in ends) % 2 == 1 and at_ms < ends[-1]
        at_ms += CHUNK_MS
        decided = answering.sound(at_ms - CHUNK_MS, at_ms, 0.9 if speaks else 0.1)
        for time_ms in [time_ms for time_ms in known if time_ms <= at_ms]:
            decided = decided or answering.words(known.pop(time_ms))
        if decided is not None:
            return Decided(decided, at_ms)
        assert at_ms <= LIMITS.longest_ms


@pytest.mark.parametrize(
    ("stretches_ms", "who", "from_ms", "until_ms"),
    [
        pytest.param((), PERSON, 2_500, 2_600, id="nobody speaks"),
        pytest.param((500, 400), PERSON, 1_600, 1_700, id="hello"),
        pytest.param((2_300, 400), PERSON, 3_400, 3_500, id="hello, late"),
        pytest.param((500, 400, 300, 600), PERSON, 2_500, 2_600, id="hello, who is it"),
        pytest.param((300, 2_500), PERSON, 4_300, 4_400, id="a receptionist waits"),
        pytest.param((300, 2_500, 1_000, 400), PERSON, 4_900, 5_000, id="a receptionist asks again"),
        pytest.param((300, 9_000), MACHINE, 3_800, 3_900, id="an announcement"),
        pytest.param((300, 1_500, 400, 2_000), MACHINE, 3_800, 3_900, id="an announcement with a breath"),
        pytest.param((300, 2_500, 1_000, 6_000), MACHINE, 7_300, 7_400, id="an announcement of two sentences"),
        pytest.param((100, 40, 1_500, 9_000), MACHINE, 5_100, 5_200, id="a click, then an announcement"),
        pytest.param((100, 40), PERSON, 2_500, 2_600, id="a click, then nothing"),
    ],
)
def test_times_alone_decide(stretches_ms: tuple[int, ...], who: PickedUp, from_ms: int, until_ms: int) -> None:
    decided = heard(*stretches_ms)
    assert decided.who is who
    assert from_ms <= decided.at_ms <= until_ms


def test_words_decide_as_soon_as_they_are_known() -> None:
    said = {2_900: "Hi, this is Sam, please leave a message."}
    assert heard(300, 2_400, words=said) == Decided(MACHINE, 2_912)
    assert heard(300, 2_400, words={2_900: "Al Noor Trading, good morning."}).who is PERSON


@pytest.mark.parametrize(
    "text",
    [
        "Please leave your message after the tone.",
        "The person you are calling is not available.",
        "You've reached the voice mail of Sam",
        "I can’t come to the phone right now",
        "الرجاء ترك رسالة بعد الصافرة",
        "اترك رساله بعد سماع الصافره",
        "الرقم الذي طلبته غيرُ متاحٍ حاليًا",
        "تم تحويلك إلى البريد الصوتي.",
    ],
)
def test_what_only_machines_say(text: str) -> None:
    assert says_machine(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello?",
        "You've reached Al Noor Trading, how can I help?",
        "Yes, who is speaking?",
        "I left a message yesterday",
        "ألو؟",
        "السلام عليكم، مين معي؟",
        "نعم تفضل",
    ],
)
def test_what_people_say_too(text: str) -> None:
    assert not says_machine(text)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_any_sound_is_decided_in_time_and_never_a_machine_without_a_long_speech(pattern: list[float]) -> None:
    answering, at_ms, voiced_ms = Answering(), 0, 0
    decided: PickedUp | None = None
    while decided is None:
        probability = pattern[at_ms // CHUNK_MS % len(pattern)]
        voiced_ms += CHUNK_MS if probability >= 0.35 else 0
        at_ms += CHUNK_MS
        decided = answering.sound(at_ms - CHUNK_MS, at_ms, probability)
        assert at_ms <= LIMITS.longest_ms
    if decided is MACHINE:
        assert at_ms >= LIMITS.announcement_ms
        # Between two of its sounds lay less than a greeting's pause.
        assert voiced_ms * (LIMITS.greeting_pause_ms // CHUNK_MS + 2) >= LIMITS.announcement_ms


@given(st.integers(0, 2_400), st.integers(LIMITS.least_speech_ms + 2 * CHUNK_MS, LIMITS.greeting_ms - 2 * CHUNK_MS))
def test_whoever_says_a_short_greeting_and_waits_is_greeted_soon(silent_ms: int, greeting_ms: int) -> None:
    decided = heard(silent_ms, greeting_ms)
    assert decided.who is PERSON
    assert decided.at_ms - silent_ms - greeting_ms <= LIMITS.greeting_pause_ms + 2 * CHUNK_MS
