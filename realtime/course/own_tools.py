"""The tools that the tenant added, asked beside the talk: which is meant, what it needs, and whose answer it is.

Only what the caller said chooses one and fills its slots; no document and no model does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import structlog

from domain.acting import own_deeds, tool_talk
from domain.acting.tenant_tool import TenantTool, TenantTools, ToolRunner
from domain.answering import escalation, sayings
from domain.answering.decision import DOUBTFUL
from domain.answering.dialogue import Dialogue
from domain.answering.likeness import Likeness
from domain.errors import HatifError, NotFound
from domain.moves import Move, Say
from domain.ports import SpokenValues
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile
from realtime.mind.took import tool_took

log = structlog.get_logger(__name__)

FILLER_MS = 700
"""See realtime.course.orders."""
LIST_MS = 300
"""For the tenant's list, once a call; a store that is slower than this has no tools for these words."""
ANSWERED_MS = 3_000
"""The same, where the caller answers a question of ours: it is lost without the tool that it was for."""

Output = dict[str, Any]


class OwnTools:
    """One call's. A question to a tool outlives the answer that began it, and the same one is not asked twice."""

    def __init__(
        self,
        tools: TenantTools,
        runner: ToolRunner,
        profile: TenantProfile,
        values: SpokenValues,
        *,
        filler_ms: int = FILLER_MS,
    ) -> None:
        self._tools = tools
        self._runner = runner
        self._profile = profile
        self._values = values
        self._filler_ms = filler_ms
        self._listed: dict[str, TenantTool] | None = None
        self._likeness = Likeness([])
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[str, asyncio.Task[Output]] = {}

    async def answer(self, text: str, dialogue: Dialogue, language: Language, alike: float) -> AsyncGenerator[Move]:
        """Nothing where no tool is meant. `alike` is how much the words are like a fact of the tenant's."""
        heard = self._values.heard(text, language)
        name, awaited = tool_talk.awaited(dialogue.last_intent, heard)
        listed = await self._list(LIST_MS if name is None else ANSWERED_MS)
        tool = listed.get(name or self._meant(text, alike) or "")
        if tool is None:
            return
        slots = self._gathered(tool, dialogue if name is not None else None, heard, awaited, language)
        missing = tool_talk.missing(tool, slots)
        if missing is not None:
            yield tool_talk.ask(tool, missing, language, dialogue, again=missing == awaited)
            return
        if tool.writes:
            yield own_deeds.ask(tool, slots, language)
            return
        asked_s = time.monotonic()
        asked = self._ask(tool, slots)
        done, _ = await asyncio.wait({asked}, timeout=self._filler_ms / 1000)
        if not done:
            yield Say(text=sayings.FILLER[language], language=language, kind=TurnKind.FILLER)
            await asyncio.wait({asked}, timeout=tool.timeout_ms / 1000)
        if not asked.done() or ((failed := asked.exception()) is not None and not isinstance(failed, NotFound)):
            yield escalation.tool_down(language)
            return
        output = None if asked.exception() is not None else asked.result()
        said = [self._values.heard(words, language) for words in dialogue.said]
        for move in tool_talk.moves(tool, output, heard, said, dialogue, language):
            yield tool_took(move, asked_s)

    async def confirmed(self, text: str, dialogue: Dialogue, language: Language) -> list[Move]:
        """What follows on the question whether to do it; nothing where that was not asked, or not answered."""
        name = own_deeds.awaits_yes(dialogue)
        if self._listed is None:
            self._read()
        tool = (await self._list(ANSWERED_MS)).get(name) if name is not None else None
        if tool is None or not tool.writes:
            return []
        slots = self._gathered(tool, dialogue, "", None, language)
        return own_deeds.confirmed(tool, slots, text, language) if tool_talk.missing(tool, slots) is None else []

    def _gathered(
        self, tool: TenantTool, dialogue: Dialogue | None, heard: str, awaited: str | None, language: Language
    ) -> dict[str, str | int]:
        """From everything that was said for this tool, and nothing else: a lost line forgets none of it."""
        before = dialogue.for_tool if dialogue is not None else ()
        parts = [(field, self._values.heard(words, language)) for field, words in before]
        return tool_talk.gathered(tool, [*parts, (awaited or "", heard)])

    def _meant(self, text: str, alike: float) -> str | None:
        ranked = self._likeness.rank(text)
        top = ranked[0] if ranked else None
        return top.intent if top is not None and top.score >= DOUBTFUL and top.score > alike else None

    def _ask(self, tool: TenantTool, slots: Mapping[str, str | int]) -> asyncio.Task[Output]:
        key = json.dumps([tool.name, slots], sort_keys=True)
        asked = self._asked.get(key)
        if asked is None or (asked.done() and asked.exception() is not None):
            asked = self._asked[key] = asyncio.create_task(self._run(tool, dict(slots)))
        return asked

    async def _run(self, tool: TenantTool, slots: dict[str, str | int]) -> Output:
        try:
            return await self._runner.run(self._profile.tenant_id, tool, slots)
        except HatifError as error:
            log.warning("tool_failed", tenant_id=self._profile.tenant_id, tool=tool.name, error=type(error).__name__)
            raise

    async def _list(self, within_ms: int) -> dict[str, TenantTool]:
        """Read once a call; one that comes too late for these words is there for the next."""
        if self._listed is None:
            reading = self._read()
            done, _ = await asyncio.wait({reading}, timeout=within_ms / 1000)
            if done:
                reading.result()
        return self._listed or {}

    def _read(self) -> asyncio.Task[None]:
        """A store that is away is asked again."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._take())
        return self._reading

    async def _take(self) -> None:
        try:
            tools = await self._tools.all(self._profile.tenant_id)
        except HatifError as error:
            log.warning("tools_not_listed", tenant_id=self._profile.tenant_id, error=type(error).__name__)
            return
        listed = {tool.name: tool for tool in tools if tool.enabled}
        examples = [(name, text) for name, tool in listed.items() for texts in tool.examples.values() for text in texts]
        self._likeness = Likeness(examples)
        self._listed = listed
