"""A call over an offline line, put together as the product does, with what it left behind."""

import asyncio

from domain.call import Outcome
from domain.speech import Speaker, Turn, TurnKind
from realtime.conversation import Conversation
from realtime.people import People
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import KeptAudit, KeptTurns, PlainBrain


class Call:
    def __init__(self, line: OfflineLine, brain: PlainBrain, kept: KeptTurns) -> None:
        self.line = line
        self.brain = brain
        self.kept = kept
        self.audit = KeptAudit()
        self.conversation: Conversation
        self.people: People
        self.task: asyncio.Task[Outcome]

    async def outcome(self) -> Outcome:
        async with asyncio.timeout(60):
            return await self.task

    def of(self, speaker: Speaker) -> list[Turn]:
        return [turn for turn in self.kept.turns if turn.speaker is speaker]


async def greeted(call: Call) -> None:
    await call.line.told("turn", kind=TurnKind.GREETING)
