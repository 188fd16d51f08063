"""What is said around the wait for a person where no voice is there: sentences that are kept as audio."""

from __future__ import annotations

from domain.desk import hold_sentences
from domain.line import Phase, PhaseKind, ResumeReason
from domain.menu import sentences
from domain.speech import Language
from domain.tenant import Words


def spare(phase: Phase, language: Language) -> str:
    """In place of a sentence with a place in the queue, a name or a time in it."""
    return _words(phase)[language]


def _words(phase: Phase) -> Words:
    match phase.kind:
        case PhaseKind.HELD:
            return sentences.ENTER_NUMBER if phase.number_wanted else hold_sentences.WAIT
        case PhaseKind.BRIDGED:
            return hold_sentences.CONNECTING_NOW
        case PhaseKind.CONVERSE:
            return _resumed(phase)


def _resumed(phase: Phase) -> Words:
    match phase.resumed:
        case ResumeReason.CALLBACK_PROMISED:
            return hold_sentences.PROMISED
        case ResumeReason.CLOSED:
            return hold_sentences.CLOSED if phase.callback_at is None else hold_sentences.PROMISED
        case ResumeReason.NOT_CALLED:
            return hold_sentences.NOT_CALLED
        case ResumeReason.NO_ADVISOR:
            return hold_sentences.NO_ADVISOR
        case ResumeReason.REFUSED:
            return hold_sentences.REFUSED
        case ResumeReason.NEVER_MIND:
            return hold_sentences.NEVER_MIND
        case ResumeReason.GIVEN_BACK | None:
            return hold_sentences.GIVEN_BACK
