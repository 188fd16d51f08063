"""A held caller's mind: it understands wishes about the waiting itself, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from domain.answering import hold_words
from domain.line import HeldChoice, Phase
from domain.moves import Move, Say
from domain.speech import Language, Turn, TurnKind, Utterance


class HeldMind:
    """Implements the Brain port while a caller waits: a choice is told, anything else is answered by the place."""

    def __init__(self, phase: Callable[[], Phase], chose: Callable[[HeldChoice], None]) -> None:
        self._phase = phase
        self._chose = chose
        self._chosen: int | None = None
        """The number of the phase in which the caller chose: once is enough."""

    async def answer(self, utterance: Utterance) -> AsyncIterator[Move]:
        phase = self._phase()
        language = utterance.language
        choice = hold_words.choice(utterance.text)
        if choice is not None and self._chosen != phase.number:
            self._chosen = phase.number
            self._chose(choice)
        if self._chosen == phase.number:
            yield _prompt(hold_words.CHOSEN[language], language)
        else:
            yield _prompt(hold_words.comfort(phase, language), language)

    def heard(self, turn: Turn) -> None:
        """Nothing that was said before changes what a held caller wishes."""

    def advised(self, text: str) -> None:
        """The people at work speak to the agent, which isn't answering now."""


def _prompt(text: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.PROMPT)
