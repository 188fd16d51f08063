"""The agent's turns: one at a time, from the first move to what was heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from domain import sentences
from domain.answering.dialogue import HANDOFF_PREFIX
from domain.call import Outcome
from domain.moves import Act, Goodbye, Handoff, Hold, Move, Say
from domain.speech import Language, Speaker, Turn, TurnKind
from realtime.client import Client
from realtime.course.turns import TurnLog
from realtime.mouth import Mouth, Reply

log = structlog.get_logger()

MOVE_MS = 15_000
"""The longest wait for the brain's next move; it apologises by itself long before, so beyond this it is broken."""


@dataclass(slots=True, kw_only=True)
class Replies:
    """`speak` begins a turn of ours, `silence` breaks it off; what was heard of it is `kept`."""

    call_id: str
    mouth: Mouth
    client: Client
    turns: TurnLog
    kept: Callable[[Turn], None]
    """Takes a turn of ours of which the caller heard something; it is not in the log yet."""
    wants_person: Callable[[Handoff], None]
    perform: Callable[[Act], AsyncIterator[Say]]
    """Does something in another system and says what came of it."""
    ends: Callable[[Outcome], None]
    voiced: Callable[[bool], None] = lambda _: None
    """Told after a turn that needed the voice whether it spoke."""
    _task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        return self._task is not None

    def speak(
        self,
        moves: AsyncIterator[Move],
        *,
        answers: Turn | None = None,
        then: Outcome | None = None,
        after: bool = False,
    ) -> None:
        """Say this instead of what is being said, or `after` it."""
        self._task = asyncio.create_task(self._play(moves, self._task, answers, then, after))

    def break_off(self) -> None:
        """Like `silence`, for who can't wait for it."""
        if self._task is not None:
            self._task.cancel()

    async def silence(self) -> None:
        self.mouth.forget()
        if self._task is not None:
            await _cancelled(self._task)

    async def _play(
        self,
        moves: AsyncIterator[Move],
        previous: asyncio.Task[None] | None,
        answers: Turn | None,
        then: Outcome | None,
        after: bool,
    ) -> None:
        """One turn of ours, to its end or until it is cancelled."""
        try:
            if previous is not None:
                await (_over(previous) if after else _cancelled(previous))
            ending = [then] if then is not None else []
            await self._speak(moves, ending)
        finally:
            if self._task is asyncio.current_task():
                self._task = None
        if answers is not None:
            self.turns.when_safe(lambda: self.client.answered(answers.seq))
        if ending:
            self.ends(ending[0])

    async def _speak(self, moves: AsyncIterator[Move], ending: list[Outcome]) -> None:
        reply = Reply()
        seq = self.turns.next_seq()
        try:
            await self.mouth.speak(
                self._sentences(moves, ending), reply, lambda say, at_ms: self._show(seq, reply, say, at_ms)
            )
        finally:
            self._keep(seq, reply)

    async def _sentences(self, moves: AsyncIterator[Move], ending: list[Outcome]) -> AsyncIterator[Say]:
        async for move in moves:
            match move:
                case Say():
                    yield move
                case Goodbye(text=text, language=language):
                    ending.append(Outcome.AGENT_SAID_GOODBYE)
                    yield Say(text=text, language=language, kind=TurnKind.GOODBYE)
                case Hold(text=text, language=language):
                    yield Say(text=text, language=language, kind=TurnKind.PROMPT)
                case Handoff(reason=reason, text=text, language=language):
                    self.wants_person(move)
                    yield Say(text=text, language=language, intent=f"{HANDOFF_PREFIX}{reason}")
                case Act():
                    async for say in self.perform(move):
                        yield say

    def _show(self, seq: int, reply: Reply, say: Say, at_ms: int) -> None:
        """A sentence begins: tell of which kind, and show its words while they are spoken."""
        self.client.speaking(seq, say, at_ms)
        if reply.outlet is not None:
            self.client.interim(seq, Speaker.AGENT, reply.outlet.begun_text(), say.language)

    def _keep(self, seq: int, reply: Reply) -> None:
        """A turn of which nothing was heard never was."""
        if reply.outlet is not None and reply.outlet.voiced is not None:
            self.voiced(reply.outlet.voiced)
        spoken = reply.spoken
        if spoken is None or not spoken.text:
            self.turns.give_back(seq)
            return
        turn = Turn(
            seq=seq,
            speaker=Speaker.AGENT,
            text=spoken.text,
            language=spoken.language,
            started_ms=spoken.started_ms,
            ended_ms=spoken.ended_ms,
            kind=spoken.kind,
            intent=spoken.intent,
            interrupted=spoken.interrupted,
            lease=self.turns.lease,
            stages_ms=reply.stages_ms(),
            guesses=self.mouth.guesses(),
        )
        self.kept(turn)


async def _over(task: asyncio.Task[None]) -> None:
    """Wait for the end of a turn; who breaks off the next one breaks off this one too."""
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        await _cancelled(task)
        raise


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def unbroken(moves: AsyncIterator[Move], call_id: str, language: Language) -> AsyncIterator[Move]:
    """A mind's moves; one that breaks or hangs is replaced by an apology."""
    try:
        while True:
            try:
                async with asyncio.timeout(MOVE_MS / 1000):
                    move = await anext(moves)
            except StopAsyncIteration:
                return
            except Exception as error:
                log.error("brain_failed", call_id=call_id, error=type(error).__name__)
                yield Say(text=sentences.TROUBLE[language], language=language, kind=TurnKind.APOLOGY)
                return
            yield move
    finally:
        close = getattr(moves, "aclose", None)
        if close is not None:
            await close()


async def saying(*said: Move, then: AsyncIterator[Move] | None = None) -> AsyncIterator[Move]:
    """Moves that are decided already, ahead of those that are not."""
    for move in said:
        yield move
    if then is not None:
        async for move in then:
            yield move
