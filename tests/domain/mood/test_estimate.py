"""How a mood goes on over a call: drawn, one character a reading."""

from __future__ import annotations

import pytest

from domain.mood.estimate import Mood, MoodReading, Trend, trend, turned

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
