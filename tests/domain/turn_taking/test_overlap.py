"""What a sound over the agent was, by its words."""

import pytest

from domain.turn_taking.asked import Asked
from domain.turn_taking.overlap import Overlap, judge_overlap


@pytest.mark.parametrize(
    ("words", "asked", "expected"),
    [
        ("", Asked.ANYTHING, Overlap.NOISE),
        ("...", Asked.ANYTHING, Overlap.NOISE),
        ("Mm-hmm.", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("M.M.H.M.", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("MMM", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("ممم", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("Him.", Asked.ANYTHING, Overlap.INTERRUPTION),
        ("OK, okay, I see.", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("نَعم", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("طيب، تمام", Asked.ANYTHING, Overlap.BACKCHANNEL),
        ("Yes.", Asked.YES_OR_NO, Overlap.INTERRUPTION),
        ("Mm.", Asked.YES_OR_NO, Overlap.BACKCHANNEL),
        ("أيوه", Asked.YES_OR_NO, Overlap.INTERRUPTION),
        ("No.", Asked.ANYTHING, Overlap.INTERRUPTION),
        ("لا", Asked.ANYTHING, Overlap.INTERRUPTION),
        ("Okay, but how much is it?", Asked.ANYTHING, Overlap.INTERRUPTION),
        ("لحظة", Asked.ANYTHING, Overlap.INTERRUPTION),
        ("yes yes yes yes yes", Asked.ANYTHING, Overlap.INTERRUPTION),
    ],
)
def test_sounds(words: str, asked: Asked, expected: Overlap) -> None:
    assert judge_overlap(words, asked) is expected
