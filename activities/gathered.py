"""A brain's answer in writing: its moves gathered into one message and what is to be done beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from temporalio import activity

from domain import sentences as spoken
from domain.answering.dialogue import HANDOFF_PREFIX
from domain.moves import Act, Goodbye, Handoff, Hold, Move, Say
from domain.speech import Language, TurnKind

MOVE_S = 15.0
"""The longest wait for the brain's next move; it apologises by itself long before, so beyond this it is broken."""


@dataclass(slots=True)
class Gathered:
    """What the moves of one answer come to, in writing."""

    texts: list[str] = field(default_factory=list[str])
    language: Language | None = None
    kind: TurnKind | None = None
    intent: str | None = None
    handoff: Handoff | None = None
    goodbye: bool = False
    act: Act | None = None

    def take(self, move: Move) -> None:
        match move:
            case Say(kind=TurnKind.FILLER):
                return  # It fills a silence, and there is none.
            case Say():
                self._add(move.text, move.language, move.kind, move.intent)
            case Hold():
                self._add(move.text, move.language, TurnKind.PROMPT, None)
            case Goodbye():
                self.goodbye = True
                self._add(move.text, move.language, TurnKind.GOODBYE, None)
            case Handoff():
                self.handoff = move
                self._add(move.text, move.language, TurnKind.ANSWER, f"{HANDOFF_PREFIX}{move.reason}")
            case Act():
                self.act = move

    def _add(self, text: str, language: Language, kind: TurnKind, intent: str | None) -> None:
        if text.strip():
            self.texts.append(text.strip())
        self.language, self.kind = language, kind
        self.intent = intent or self.intent


async def unbroken(moves: AsyncIterator[Move], language: Language) -> AsyncIterator[Move]:
    """A brain's moves; one that breaks or hangs is replaced by an apology."""
    while True:
        try:
            async with asyncio.timeout(MOVE_S):
                move = await anext(moves)
        except StopAsyncIteration:
            return
        except Exception as error:
            activity.logger.error("brain_failed %s", type(error).__name__)
            yield Say(text=spoken.TROUBLE[language], language=language, kind=TurnKind.APOLOGY)
            return
        yield move
