"""What a sound over the agent was: agreement, nothing at all, or somebody who wants to speak."""

from __future__ import annotations

from enum import StrEnum

from domain.turn_taking.asked import Asked
from domain.turn_taking.words import listed, plain_words


class Overlap(StrEnum):
    NOISE = "noise"
    """A cough, a door, an echo: no words in it."""
    BACKCHANNEL = "backchannel"
    """ "mm", "ok", "نعم": the caller listens, and asks for nothing."""
    INTERRUPTION = "interruption"


MOST_BACKCHANNEL_WORDS = 4
"""As in "ok, ok, I see"; who says more has something to say."""

_BACKCHANNEL = listed(
    "mm mmm mhm mmhm hmm hm uh huh ah oh aha ok okay yeah yep yes right sure i see got it good great fine alright all "
    "cool nice really exactly thanks thank you "
    "نعم اي ايه إيه ايوه أيوه ايوا أيوا اه آه اها أها طيب تمام اوكي أوكي اوك ماشي صح صحيح زين حلو اكيد أكيد فاهم فهمت "
    "امم اممم ممم هممم شكرا حاضر"
)
_ANSWERS = listed(
    "yes yeah yep ok okay sure right نعم اي ايه إيه ايوه أيوه ايوا أيوا طيب تمام اوكي أوكي ماشي اكيد أكيد"
)


def judge_overlap(words: str, asked: Asked) -> Overlap:
    """`words` is what a recogniser made of the sound; `asked` is of the sentence that the agent is saying."""
    said = plain_words(words)
    if not said:
        return Overlap.NOISE
    if len(said) > MOST_BACKCHANNEL_WORDS or not _BACKCHANNEL.issuperset(said):
        return Overlap.INTERRUPTION
    answers = asked is Asked.YES_OR_NO and not _ANSWERS.isdisjoint(said)
    return Overlap.INTERRUPTION if answers else Overlap.BACKCHANNEL
