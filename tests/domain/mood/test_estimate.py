"""How a mood goes on over a call: drawn, one character a reading."""

from __future__ import annotations

import pytest

from domain.mood.estimate import CallerTurn, Evidence, Mood, MoodReading, Trend, caller_turns, trend, turned
from domain.mood.reader import evidence_in
from domain.speech import Language, Speaker, Turn

DRAWN = {
    "c": (Mood.CALM, 0.4),
    "n": (Mood.NEUTRAL, 0.0),
    "-": (Mood.ANNOYED, -0.3),
    "a": (Mood.ANGRY, -0.7),
    "d": (Mood.DISTRESSED, -0.5),
}


def readings(drawing: str) -> list[MoodReading]:
    return [MoodReading(mood=mood, score=score) for mood, score in (DRAWN[character] for character in drawing)]


def moments(drawing: str) -> str:
    """`!` under each reading at which the mood has turned."""
    return "".join("!" if turned(readings(drawing[: end + 1])) else "." for end in range(len(drawing)))


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ("nnna", "...!"),
        ("a", "!"),
        ("nnd", "..!"),
        ("naaa", ".!.."),
        ("na-a", ".!.."),
        ("nana", ".!.!"),
        ("nacda", ".!.!."),
        ("n-n-", "...."),
        ("---", "..!"),
        ("-----", "..!.."),
        ("--n--", "....."),
        ("c-", ".!"),
        ("cn-", "..!"),
        ("n-", ".."),
        ("cccc", "...."),
        ("", ""),
    ],
)
def test_the_moments_at_which_a_mood_turns(drawing, expected):
    assert moments(drawing) == expected


def test_no_history_has_not_turned():
    assert not turned([])


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ("", Trend.SAME),
        ("a", Trend.SAME),
        ("nna", Trend.WORSE),
        ("aan", Trend.BETTER),
        ("nnn", Trend.SAME),
        ("aaaa", Trend.SAME),
        ("ccccn", Trend.WORSE),
    ],
)
def test_where_it_goes(drawing, expected):
    assert trend(readings(drawing)) is expected


def test_loudness_is_against_what_the_caller_was_before():
    def at(level_db: float | None) -> Turn:
        return Turn(
            seq=1, speaker=Speaker.CALLER, text="a", language=Language.EN, started_ms=0, ended_ms=9, level_db=level_db
        )

    told = [turn.louder_db for turn in caller_turns([at(-30.0), at(None), at(-28.0), at(-20.0), at(-29.0)])]
    assert told == [None, None, 2.0, 9.0, -1.0]


def test_a_turn_tells_its_pace_and_whether_it_was_typed():
    def of(text: str, ms: int) -> CallerTurn:
        turn = Turn(seq=1, speaker=Speaker.CALLER, text=text, language=Language.EN, started_ms=500, ended_ms=500 + ms)
        return caller_turns([turn])[0]

    fast = of("where is it where is it where is it", 2_000)
    assert (fast.words_per_s, fast.typed, fast.at_ms) == (4.5, False, 500)
    assert Evidence.FAST in evidence_in(fast)
    assert of("now", 300).words_per_s is None, "too short to tell"
    shouted = of("WHERE IS IT!!!", 0)
    assert (shouted.typed, shouted.words_per_s) == (True, None)
    assert Evidence.WRITTEN_LOUD in evidence_in(shouted)
