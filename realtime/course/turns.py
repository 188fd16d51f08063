"""A call's finished turns, whoever said them: one writer numbers them, has them kept, and tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.line import LineProgress, Party
from domain.ports import LineFacts, TurnRecorder
from domain.speech import Speaker, Turn
from realtime.client import Client
from realtime.ear import Heard


@dataclass(slots=True, eq=False)
class _Unsafe:
    """A turn that a crash could still lose."""

    turn: Turn
    then: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])


class TurnLog:
    """The client sees a turn's words at once, and is told `turn` when it will not be lost any more."""

    def __init__(
        self,
        *,
        tenant_id: str,
        call_id: str,
        lease: int,
        recorder: TurnRecorder,
        facts: LineFacts,
        client: Client,
    ) -> None:
        self.lease = lease
        """What turns from here on carry."""
        self.count = 0
        self._tenant_id = tenant_id
        self._call_id = call_id
        self._recorder = recorder
        self._facts = facts
        self._client = client
        self._seq = 0
        self._texts: dict[str, Turn] = {}
        self._unsafe: list[_Unsafe] = []
        self._all_safe = asyncio.Event()
        self._all_safe.set()

    @property
    def upcoming(self) -> int:
        """The seq that the next turn will have, for what is shown of it before it is finished."""
        return self._seq + 1

    def take_up(self, history: list[Turn]) -> None:
        """Go on counting where an earlier lease ended."""
        self.count = len(history)
        self._seq = max((turn.seq for turn in history), default=0)
        self._texts = {turn.text_id: turn for turn in history if turn.text_id is not None}

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def give_back(self, seq: int) -> None:
        """This number's turn never was; it is used again unless another came after it."""
        if seq == self._seq:
            self._seq -= 1

    def add(self, turn: Turn) -> None:
        self.count += 1
        if turn.text_id is not None:
            self._texts[turn.text_id] = turn
        self._client.words(turn)
        unsafe = _Unsafe(turn)
        self._unsafe.append(unsafe)
        self._all_safe.clear()
        self._recorder.record(self._tenant_id, self._call_id, turn, lambda: self._safe(unsafe))
        self._facts.progressed(
            self._call_id,
            LineProgress(lease=self.lease, turns=self.count, language=turn.language, intent=turn.intent),
        )

    def said(
        self,
        heard: Heard,
        speaker: Speaker,
        text_id: str | None = None,
        *,
        intent: str | None = None,
        by: Party | None = None,
    ) -> Turn:
        """Add what the caller, or a person, has said."""
        utterance = heard.utterance
        turn = Turn(
            seq=self.next_seq(),
            speaker=speaker,
            text=utterance.text,
            language=utterance.language,
            started_ms=utterance.started_ms,
            ended_ms=utterance.ended_ms,
            intent=intent,
            lease=self.lease,
            stages_ms=heard.stages_ms,
            text_id=text_id,
            by_supervisor=by is not None and by.supervises,
            said_by=None if by is None else by.party_id,
            level_db=utterance.level_db,
            guesses=heard.guesses,
        )
        self.add(turn)
        return turn

    def is_repeated(self, text_id: str | None) -> bool:
        """Whether this text came before, perhaps on a line that broke; then its client is told again that it came."""
        turn = self._texts.get(text_id) if text_id is not None else None
        if turn is None:
            return False
        if not any(unsafe.turn is turn for unsafe in self._unsafe):
            self._client.turn(turn)
        return True

    def when_safe(self, then: Callable[[], None]) -> None:
        """After the client was told of the last turn so far."""
        if self._unsafe:
            self._unsafe[-1].then.append(then)
        else:
            then()

    async def settled(self, within_s: float) -> bool:
        """Wait until every turn is safe; False when the time was over first."""
        try:
            async with asyncio.timeout(within_s):
                await self._all_safe.wait()
        except TimeoutError:
            return False
        return True

    def _safe(self, unsafe: _Unsafe) -> None:
        self._unsafe.remove(unsafe)
        self._client.turn(unsafe.turn)
        for then in unsafe.then:
            then()
        if not self._unsafe:
            self._all_safe.set()
