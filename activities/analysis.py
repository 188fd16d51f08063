"""What is found out about a call after it: its summary, its disposition and its figures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.call import Outcome
from domain.errors import EngineFailed
from domain.ports import CallStore, ChatMessage, LanguageModel
from domain.post_call import VOICE_MESSAGE, CallFigures, Disposition, figures, rule_made_summary
from domain.speech import Turn

PROMPT_CHARS = 6_000
"""About 1,500 tokens: the last part of a long call, so that an embedded model reads it within the activity's time."""
SUMMARY_CHARS = 600
SUMMARY_TOKENS = 200

_INSTRUCTION = (
    "You read the transcript of a phone call between a caller and a company's agent. "
    "Write one or two plain English sentences for the company: what the caller wanted and what came of it. "
    "Answer as JSON."
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string", "minLength": 1, "maxLength": SUMMARY_CHARS},
    },
    "required": ["summary"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    tenant_id: str
    call_id: str
    outcome: Outcome
    expected_turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCall:
    call: EndedCall
    disposition: str


class CallMeter(Protocol):
    def ended(self, tenant_id: str, outcome: Outcome, disposition: str, call: CallFigures) -> None:
        """Count one call."""
        ...


class AnalysisActivities:
    """Each is idempotent: a repeated one writes the same row again."""

    def __init__(
        self,
        calls: CallStore,
        model: LanguageModel,
        meter: CallMeter,
        one_at_a_time: asyncio.Semaphore | None = None,
    ) -> None:
        """`one_at_a_time` is shared with whoever else has the model write what no caller waits for."""
        self._one_at_a_time = one_at_a_time or asyncio.Semaphore(1)
        self._calls = calls
        self._model = model
        self._meter = meter

    @activity.defn
    async def turns_are_stored(self, call: EndedCall) -> bool | None:
        """Fails, to be asked again, while the line has finished more turns than the store has.

        True: one of them stands for a voice message. Older histories hold None for any other.
        """
        turns = await self._turns(call)
        if len(turns) < call.expected_turns:
            raise ApplicationError(f"{len(turns)} of {call.expected_turns} turns are stored", type="TurnsMissing")
        return any(turn.intent == VOICE_MESSAGE for turn in turns) or None

    @activity.defn
    async def summarise(self, call: EndedCall) -> str:
        """Have the model write the summary; a call without words from the caller needs no model.

        The disposition is decided by rule: a small model called a call with every question answered "callback_needed".
        """
        turns = await self._turns(call)
        summary = rule_made_summary(turns, call.outcome)
        text = summary.text
        if summary.disposition is not Disposition.NO_REQUEST:
            text = await self._read_by_model(turns)
        await self._calls.set_summary(call.tenant_id, call.call_id, text, summary.disposition)
        return summary.disposition

    @activity.defn
    async def summarise_by_rule(self, call: EndedCall) -> str:
        summary = rule_made_summary(await self._turns(call), call.outcome)
        await self._calls.set_summary(call.tenant_id, call.call_id, summary.text, summary.disposition)
        return summary.disposition

    @activity.defn
    async def measure(self, measured: MeasuredCall) -> None:
        call = measured.call
        self._meter.ended(call.tenant_id, call.outcome, measured.disposition, figures(await self._turns(call)))

    async def _turns(self, call: EndedCall) -> Sequence[Turn]:
        return await self._calls.turns(call.tenant_id, call.call_id)

    async def _read_by_model(self, turns: Sequence[Turn]) -> str:
        messages = [ChatMessage("system", _INSTRUCTION), ChatMessage("user", _transcript(turns))]
        async with self._one_at_a_time:
            answer = self._model.complete(messages, schema=_SCHEMA, max_tokens=SUMMARY_TOKENS)
            return _parsed("".join([piece async for piece in answer]))


def _transcript(turns: Sequence[Turn]) -> str:
    lines = [f"{turn.speaker}: {turn.text}" for turn in turns]
    return "\n".join(lines)[-PROMPT_CHARS:]


def _parsed(written: str) -> str:
    """Raises EngineFailed for anything but what was asked for; what was written is not repeated in the error."""
    try:
        text = str(json.loads(written)["summary"]).strip()[:SUMMARY_CHARS]
    except (ValueError, KeyError, TypeError):
        raise EngineFailed("llm", "the summary is not the JSON that was asked for") from None
    if not text:
        raise EngineFailed("llm", "the summary is empty")
    return text
