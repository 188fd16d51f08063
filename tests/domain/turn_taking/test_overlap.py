"""What a sound over the agent was, by its words."""

import pytest

from domain.turn_taking.asked import Asked
from domain.turn_taking.overlap import Overlap, Sound, judge_overlap


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
    assert judge_overlap(Sound(words=words), asked) is expected


@pytest.mark.parametrize(
    ("words", "confidence", "sound_ms", "asked", "expected"),
    [
        ("Ah, how?", 0.34, 320, Asked.ANYTHING, Overlap.NOISE),
        ("Brie", 0.31, 250, Asked.ANYTHING, Overlap.NOISE),
        ("تتوال", 0.24, 360, Asked.ANYTHING, Overlap.NOISE),
        ("Parking?", 0.61, 370, Asked.ANYTHING, Overlap.INTERRUPTION),
        ("Can I park my car?", 0.31, 900, Asked.ANYTHING, Overlap.INTERRUPTION),
        ("Stop.", 0.25, 400, Asked.ANYTHING, Overlap.INTERRUPTION),
        ("لحظة", 0.25, 400, Asked.ANYTHING, Overlap.INTERRUPTION),
        ("Four", 0.3, 300, Asked.NUMBER, Overlap.INTERRUPTION),
        ("Guess.", 0.3, 300, Asked.YES_OR_NO, Overlap.INTERRUPTION),
        ("Right.", 0.3, 250, Asked.ANYTHING, Overlap.BACKCHANNEL),
    ],
)
def test_short_sounds_of_doubtful_words(
    words: str, confidence: float, sound_ms: int, asked: Asked, expected: Overlap
) -> None:
    assert judge_overlap(Sound(words=words, confidence=confidence, lasted_ms=sound_ms), asked) is expected
