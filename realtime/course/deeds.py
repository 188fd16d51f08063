"""What the agent does in other systems during a call: begun once, awaited beside the audio, told when it can be heard.

A deed outlives the answer that began it. A caller who talks over its result, or is cut off before it, hears it with
the next answer; one who was told that it is under way hears it as soon as it is there. The workflow sees to it that
however often it is asked for it happens once.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from domain.acting.action import OVER, ActAsked, ActionDoer, ActionState, ActResult
from domain.acting.telling import told
from domain.desk.callbacks import ContactNotes
from domain.errors import HatifError
from domain.moves import Act, Move, Say
from domain.speech import Language, Turn, TurnKind
from domain.texting import talk as texting
from domain.texting.book import SEND_SMS
from realtime.course.context import CallContext
from realtime.course.turns import TurnLog
from realtime.mind.took import tool_took

log = structlog.get_logger()

NUMBER_MS = 2_000
"""For the caller's own number, which the store knows in a few ms; without it the caller is asked for one."""
SAID_MS = 7_000
"""How long an answer waits for the result of what it began; then the caller is told that it is under way."""


@dataclass(slots=True)
class _Deed:
    act: Act
    doing: asyncio.Task[ActResult]
    awaited: bool = False
    """An answer waits for it, and will tell it."""
    saying: str = ""
    """The sentence by which the caller is told of it."""
    told: bool = False
    """The caller has heard that sentence whole."""


@dataclass(slots=True)
class Deeds:
    """One call's. `doer` is None where nothing can be done in this process: then the caller is told so."""

    context: CallContext
    doer: ActionDoer | None
    contacts: ContactNotes | None
    """Knows the caller's own number; None: the caller is asked for it."""
    turns: TurnLog
    language: Callable[[], Language]
    tells: Callable[[AsyncIterator[Move]], None] = lambda _: None
    """Begins a turn that nobody asked for, where the caller would hear it; else what it tells waits for an answer."""
    _asks: bool = False
    """The last that was heard of us is a question: its answer comes next."""
    _deeds: list[_Deed] = field(default_factory=list[_Deed])
    _telling: list[_Deed] = field(default_factory=list[_Deed])

    async def perform(self, act: Act) -> AsyncIterator[Say]:
        """Begin it, or find it under way, and say what comes of it."""
        asked_s = time.monotonic()
        if act.action == SEND_SMS:
            number = await self._own_number(act.slots.get("number"))
            if number is None:
                yield texting.which_number(act, self.language())
                return
            act = texting.addressed(act, number)
            yield texting.sending(self.language())
        deed = self._begun(act)
        deed.awaited = True
        try:
            await asyncio.wait({deed.doing}, timeout=SAID_MS / 1000)
        finally:
            deed.awaited = False
        if deed.doing.done():
            said = self._said(deed)
        else:
            said = self._told(act, ActResult(key="", action=act.action, state=ActionState.RUNNING))
        if said is not None:
            yield tool_took(said, asked_s)

    async def opening(self, moves: AsyncIterator[Move]) -> AsyncIterator[Move]:
        """The next answer, or what is said into a silence, after the results that the caller has not heard, each once.

        While those are said nobody has to be told to wait.
        """
        untold = self._untold()
        for say in untold:
            yield say
        waits: Say | None = None
        async for move in moves:
            if waits is not None and not isinstance(move, Act):
                yield waits
            waits = move if untold and isinstance(move, Say) and move.kind is TurnKind.FILLER else None
            if waits is None:
                yield move
        if waits is not None:
            yield waits

    def _untold(self) -> list[Say]:
        untold = [deed for deed in self._deeds if deed.doing.done() and not deed.told]
        return [say for deed in untold if (say := self._said(deed)) is not None]

    def heard(self, turn: Turn) -> None:
        """A turn of ours was heard: what it was telling is told, unless it was broken off before."""
        for deed in self._telling:
            deed.told = deed.saying in turn.text
        self._telling.clear()
        self._asks = turn.kind is TurnKind.CLARIFY or (
            turn.kind is TurnKind.ANSWER and turn.text.rstrip().endswith(("?", "؟"))
        )

    def close(self) -> None:
        """The call is over here; what was begun goes on where it is done."""
        for deed in self._deeds:
            deed.doing.cancel()

    async def _own_number(self, agreed: str | None) -> str | None:
        """The number that the caller has just agreed to, which is theirs from now on, or the one that is known."""
        if self.contacts is None:
            return agreed
        try:
            async with asyncio.timeout(NUMBER_MS / 1000):
                if agreed is None:
                    return await self.contacts.own_number(self.context.tenant_id, self.context.call_id)
                await self.contacts.note_contact(self.context.tenant_id, self.context.call_id, agreed)
        except (HatifError, TimeoutError) as error:
            log.warning("number_not_known", call_id=self.context.call_id, error=type(error).__name__)
        return agreed

    def _begun(self, act: Act) -> _Deed:
        for deed in self._deeds:
            same = (deed.act.action, deed.act.slots.get("subject")) == (act.action, act.slots.get("subject"))
            if same and not deed.doing.done():
                return deed
        deed = _Deed(act, asyncio.create_task(self._do(act), name=f"deed {self.context.call_id}"))
        self._deeds.append(deed)
        deed.doing.add_done_callback(lambda _: self._over(deed))
        return deed

    def _over(self, deed: _Deed) -> None:
        if not deed.awaited and not deed.doing.cancelled():
            self.tells(self._late())

    async def _late(self) -> AsyncIterator[Move]:
        """What no answer waits for any more, because the caller was told to wait, or went on without it."""
        if not self._asks:
            for say in self._untold():
                yield say

    async def _do(self, act: Act) -> ActResult:
        slots = {name: value for name, value in act.slots.items() if name not in ("subject", "repeat")}
        asked = ActAsked(
            lease=self.turns.lease,
            action=act.action,
            subject=act.slots.get("subject", ""),
            slots=slots,
            language=self.language(),
            repeat=int(act.slots.get("repeat", "0")),
            needs_approval=act.needs_approval,
            asking=uuid.uuid4().hex,
        )
        refused = ActResult(key="", action=act.action, state=ActionState.REJECTED)
        if self.doer is None:
            return refused
        try:
            while True:
                result = await self.doer.act(self.context.call_id, asked)
                if result.state in OVER or result.state is ActionState.WAITING_APPROVAL:
                    return result
        except HatifError as error:
            log.warning("action_not_begun", call_id=self.context.call_id, action=act.action, error=type(error).__name__)
            return refused

    def _said(self, deed: _Deed) -> Say | None:
        """The sentence that tells of it; None where one that is told with it says the same already."""
        teller, said = _teller(deed, self._telling), None
        if teller is None:
            said = self._told(deed.act, deed.doing.result())
            deed.saying = said.text
        else:
            deed.saying = teller.saying
        if deed not in self._telling:
            self._telling.append(deed)
        return said

    def _told(self, act: Act, result: ActResult) -> Say:
        text, intent = told(result, act.slots, self.language(), act.done)
        return Say(text=text, language=self.language(), kind=TurnKind.ANSWER, intent=intent)


def _teller(deed: _Deed, others: Sequence[_Deed]) -> _Deed | None:
    """By which of these the caller hears of it, where it is what was done before."""
    result = deed.doing.result()
    if not result.known:
        return None
    return next((each for each in others if each is not deed and each.doing.result().key == result.key), None)
