"""What a sound over the agent was: agreement, nothing at all, or somebody who wants to speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
_HUM = re.compile(r"[mh]+|م+")
"""As a recogniser spells it: "mmm", "m.m.h.m"."""
_ANSWERS = listed(
    "yes yeah yep ok okay sure right نعم اي ايه إيه ايوه أيوه ايوا أيوا طيب تمام اوكي أوكي ماشي اكيد أكيد"
)


_STOPS = listed(
    "stop wait no nope but sorry pardon hello listen excuse hold hang what why when where who "
    "لا لأ لحظة لحظه دقيقة دقيقه ثواني وقف اوقف استنى انتظر بس لكن الو اسمع عفوا ايش شو وش ليش متى كيف كم وين مين"
)
"""Said alone they want an answer, however unclearly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a recogniser made of a sound over the agent."""

    words: str
    confidence: float = 1.0
    """Its own, 0..1."""
    lasted_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A sound over an agent that has fallen silent for it, while nobody knows its words yet; milliseconds."""

    sound_ms: int
    """From its beginning to the last moment at which it was heard, pauses included."""
    silent_ms: int
    """Since that moment."""
    held_ms: int
    """Since the agent fell silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composure:
    """When an agent that fell silent goes on without knowing why it did; milliseconds."""

    murmur_ms: int = 640
    """A longer sound has something to say: "okay", "right" and a hummed "mm-hm" were all heard for less."""
    over_ms: int = 160
    """Of silence, after which the sound is taken to be over."""
    unsure: float = 0.4
    """Words of a murmur that the recogniser believes in less are made up: "uh-huh" was heard as "I hope"."""
    held_ms: int = 550
    """On two idle cores the words of most short sounds are known by then; a silence of 0.7 s is heard as a fault."""


COMPOSURE = Composure()


def goes_on_unknown(contest: Contest, composure: Composure = COMPOSURE) -> bool:
    """Whether the agent takes up again, lowered, before the recogniser has answered: its words may still stop it."""
    return (
        contest.sound_ms <= composure.murmur_ms
        and contest.silent_ms >= composure.over_ms
        and contest.held_ms >= composure.held_ms
    )


def judge_overlap(sound: Sound, asked: Asked, composure: Composure = COMPOSURE) -> Overlap:
    """`asked` is of the sentence that the agent is saying."""
    said = plain_words(sound.words)
    if not said:
        return Overlap.NOISE
    if len(said) > MOST_BACKCHANNEL_WORDS or not all(word in _BACKCHANNEL or _HUM.fullmatch(word) for word in said):
        made_up = sound.confidence < composure.unsure and sound.lasted_ms <= composure.murmur_ms
        wanted = asked is not Asked.ANYTHING or not _STOPS.isdisjoint(said)
        return Overlap.NOISE if made_up and not wanted else Overlap.INTERRUPTION
    answers = asked is Asked.YES_OR_NO and not _ANSWERS.isdisjoint(said)
    return Overlap.INTERRUPTION if answers else Overlap.BACKCHANNEL
