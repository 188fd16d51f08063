"""Who picked up: a person, or a machine. From what is heard in the first seconds, by the clock of the line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.turn_taking.floor import TurnTakingLimits
from domain.turn_taking.words import plain_words


class PickedUp(StrEnum):
    PERSON = "person"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringLimits:
    """Where nobody can tell, it is a person: greeting a machine is a smaller harm than hanging up on somebody."""

    least_speech_ms: int = 96
    """Of voice in one run, three chunks of the voice activity model: the handset's own click makes one or two."""
    greeting_ms: int = 1_800
    """"Hello?", or a name: people who pick up say no more and wait."""
    greeting_pause_ms: int = 700
    """After such a greeting: a machine's pauses between two phrases are mostly shorter, and whoever said hello starts
    to wonder after a second."""
    long_greeting_pause_ms: int = 1_500
    """After a greeting between the two lengths, a receptionist's or a machine's first sentence: a machine goes on by
    then, and its words are known."""
    announcement_ms: int = 3_500
    """Nobody who picks up a telephone speaks for so long without a pause."""
    nobody_speaks_ms: int = 2_500
    """Somebody who says nothing waits to hear who it is, and hangs up after a few seconds of silence."""
    longest_ms: int = 8_000
    """In a noise that is now speech and now none, nothing may ever be decided."""


LIMITS = AnsweringLimits()
_VOICE = TurnTakingLimits()

_MACHINE_SAYS = (
    "leave a message|leave me a message|leave your message|leave a brief message|leave a short message|"
    "leave your name|leave a name|after the tone|after the beep|after the signal|at the tone|at the beep|"
    "is not available|isn't available|is unavailable|are not available|is currently unavailable|"
    "mailbox|mail box|voicemail|voice mail|answering machine|record your message|"
    "can't come to the phone|cannot come to the phone|can't take your call|cannot take your call|"
    "unable to take your call|not able to take your call|is switched off|"
    "اترك رسالة|اترك رسالتك|ترك رسالة|ترك رسالتك|اتركوا رسالة|اتركوا رسالتكم|اتركي رسالة|"
    "بعد الصافرة|بعد سماع الصافرة|بعد النغمة|بعد سماع النغمة|بعد الاشارة|بعد سماع الاشارة|"
    "غير متاح|غير متاحة|غير متوفر|البريد الصوتي|صندوق البريد|بريد صوتي|المجيب الالي|"
    "لا يمكن الاتصال|لا يمكن الوصول|الهاتف المطلوب|الرقم المطلوب|خارج نطاق التغطية|خارج التغطية"
)
"""What nobody says who has just picked up. "You have reached" is left out: receptionists say it, too."""
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})
"""Recognisers, and people, write the one for the other."""


def _folded(text: str) -> str:
    return f" {' '.join(plain_words(text))} ".translate(_LETTERS)


_PHRASES = tuple(_folded(phrase) for phrase in _MACHINE_SAYS.split("|"))


def says_machine(text: str) -> bool:
    """Whether these are words of an announcement, in either language."""
    said = _folded(text)
    return any(phrase in said for phrase in _PHRASES)


@dataclass(slots=True)
class Answering:
    """Listens to one call from its first sound. Each fact returns what it decides, or None; the first decision counts.

    A steady tone, too, is a machine's: it needs no machine of states.
    """

    limits: AnsweringLimits = LIMITS
    voice_until_ms: int = 0
    """The end of the last voice that was heard."""
    silent_ms: int = 0
    """How long nothing was said after voice; 0 before the first, and while somebody speaks."""
    _speaking: bool = False
    _since_ms: int | None = None
    """Where the present run of speech began; pauses shorter than `greeting_pause_ms` do not end it."""
    _voiced_ms: int = 0
    """Of voice in this run."""

    def sound(self, from_ms: int, until_ms: int, probability: float) -> PickedUp | None:
        """This stretch, the next after the last one, is speech with this probability."""
        threshold = _VOICE.silence_probability if self._speaking else _VOICE.speech_probability
        self._speaking = probability >= threshold
        decided = self._voiced(from_ms, until_ms) if self._speaking else self._silent(until_ms)
        if decided is None and until_ms >= self.limits.longest_ms:
            return PickedUp.PERSON
        return decided

    def words(self, text: str) -> PickedUp | None:
        """What was said so far, as a recogniser understood it."""
        return PickedUp.MACHINE if says_machine(text) else None

    def _voiced(self, from_ms: int, until_ms: int) -> PickedUp | None:
        if self._since_ms is None or self.silent_ms >= self.limits.greeting_pause_ms:
            self._since_ms, self._voiced_ms = from_ms, 0
        self.voice_until_ms, self.silent_ms = until_ms, 0
        self._voiced_ms += until_ms - from_ms
        return PickedUp.MACHINE if until_ms - self._since_ms >= self.limits.announcement_ms else None

    def _silent(self, until_ms: int) -> PickedUp | None:
        limits = self.limits
        if self._since_ms is None:
            return PickedUp.PERSON if until_ms >= limits.nobody_speaks_ms else None
        self.silent_ms = until_ms - self.voice_until_ms
        if self.silent_ms < limits.greeting_pause_ms:
            return None
        if self._voiced_ms < limits.least_speech_ms:
            self._since_ms, self.silent_ms = None, 0
            return None
        is_short = self.voice_until_ms - self._since_ms <= limits.greeting_ms
        return PickedUp.PERSON if is_short or self.silent_ms >= limits.long_greeting_pause_ms else None
