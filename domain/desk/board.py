"""The supervisor's board: what is known of each living call at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.call import CallRow
from domain.mood.estimate import MoodReading, caller_turns
from domain.mood.reader import estimate
from domain.speech import Speaker, Turn

LATEST_TURNS = 12
"""Enough for the mood of the last few sentences, and for the last answer's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    call: CallRow
    turns: int
    """How many are finished."""
    latest: tuple[Turn, ...]
    """The last LATEST_TURNS of them, the oldest first."""


class LiveCalls(Protocol):
    async def live(self, tenant_id: str, limit: int) -> list[LiveCall]:
        """Calls that have not ended, the longest first. Raises Unavailable("postgres", …)."""
        ...


def reply_ms(turns: Sequence[Turn]) -> int | None:
    """Voice to voice of the last answer: what the caller waited for, stage by stage; None before the first."""
    for index in range(len(turns) - 1, -1, -1):
        answer = turns[index]
        if answer.speaker is not Speaker.AGENT or not answer.stages_ms:
            continue
        asked = next((turn for turn in reversed(turns[:index]) if turn.speaker is Speaker.CALLER), None)
        if asked is not None:
            return sum({**asked.stages_ms, **answer.stages_ms}.values())
    return None


def mood(turns: Sequence[Turn]) -> MoodReading | None:
    """An estimate from the caller's latest words; None before they said anything that can still be read."""
    said = caller_turns(turn for turn in turns if turn.speaker is Speaker.CALLER and turn.text)
    return estimate(said) if said else None
