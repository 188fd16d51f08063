"""What the agent says into a silence, and about words that it could not hear."""

from __future__ import annotations

from domain import sentences
from domain.call import Outcome
from domain.moves import Say
from domain.speech import Language, TurnKind

SILENCES_BEFORE_GOODBYE = 2
"""The first silence is asked about, the second ends the call."""


def after_silence(times: int, language: Language) -> tuple[Say, Outcome | None]:
    """For the caller's silence that is the `times`th in a row, with how the call ends after it."""
    if times < SILENCES_BEFORE_GOODBYE:
        return Say(text=sentences.STILL_THERE[language], language=language, kind=TurnKind.PROMPT), None
    goodbye = Say(text=sentences.SILENT_GOODBYE[language], language=language, kind=TurnKind.GOODBYE)
    return goodbye, Outcome.CALLER_SILENT


def after_missed(failed: bool, language: Language) -> Say:
    """`failed` when the recogniser broke, not the caller."""
    said, kind = (sentences.TROUBLE, TurnKind.APOLOGY) if failed else (sentences.MISSED, TurnKind.CLARIFY)
    return Say(text=said[language], language=language, kind=kind)
