"""What a caller by phone says and waits for in a round; a phone is told nothing, so the transcript is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing, master_key
from tests.chaos.phone.legs import ANI, GIVES_UP_S, Exchanged, Leg
from tests.chaos.rounds import ANSWER_S, LAST_TRIES, Bench, PhaseName, Round

LONG_QUESTION = "What are your opening hours?"
LAST_QUESTION = "Where is your shop?"
NEVER_MIND = "Never mind, I don't need a person any more."
ASKED_PERSON = "0"
LONGEST_ANSWERS = 15
"""Looks at the line, each of up to 1.5 s, after which what is still heard is music."""
SPOKE_MS = 200
"""So much loud sound is a voice, and no click."""


class Said:
    """What is said in a round, in the product's own voice."""

    def __init__(self, bench: Bench, folder: Path, appliance: str) -> None:
        self._say_into, self._folder = bench.platform.product.say_into, folder
        self.request = f"Please open a ticket, my {appliance} is leaking."
        self.spoken = bench.spoken_text

    async def clip(self, text: str) -> Path:
        path = self._folder / f"{abs(hash(text))}.wav"
        if not path.exists():
            await asyncio.to_thread(self._say_into, path, 0.2, text, 0.3)
        return path


@dataclass(frozen=True, slots=True)
class Call:
    """One round's call, as its caller takes part in it by a leg."""

    bench: Bench
    call_id: str
    said: Said

    async def greeted(self) -> None:
        assert await within(GIVES_UP_S, self.turns), "nobody greeted"

    async def reach(self, leg: Leg, phase: PhaseName) -> int:
        """Bring the call into the phase; how many turns of the caller stood before what was said for it."""
        asked, desk = await self._callers(), self.bench.desk
        match phase:
            case PhaseName.CALLER_SPEAKING:
                await leg.begin(await self.said.clip(self.said.spoken))
            case PhaseName.AGENT_SPEAKING:
                await leg.say(await self.said.clip(LONG_QUESTION))
                assert await leg.spoken(SPOKE_MS, ANSWER_S), "the agent did not answer"
            case PhaseName.TOOL_RUNNING:
                await leg.say(await self.said.clip(self.said.request))
                assert await within(ANSWER_S, lambda: self._more(asked)), "the request was not understood"
            case PhaseName.HELD | PhaseName.BRIDGED:
                assert isinstance(leg, Exchanged)
                await (desk.ready() if phase is PhaseName.BRIDGED else desk.away())
                await leg.press(ASKED_PERSON)
                if phase is PhaseName.BRIDGED:
                    await desk.bridged(self.call_id)
                await within(ANSWER_S, lambda: self._in_state(phase.value))
        return asked

    async def carry_on(self, leg: Leg, told: Round, asked: int) -> None:
        """What a person says after a cut: what was not understood again, and sometimes what was understood too."""
        match told.phase:
            case PhaseName.CALLER_SPEAKING | PhaseName.TOOL_RUNNING | PhaseName.AGENT_SPEAKING:
                text = {PhaseName.CALLER_SPEAKING: self.said.spoken, PhaseName.TOOL_RUNNING: self.said.request}
                if not await within(8, lambda: self._more(asked)) or told.said_again:
                    await self._asked(leg, await self.said.clip(text.get(told.phase, LONG_QUESTION)))
                if told.phase is PhaseName.TOOL_RUNNING:
                    await asyncio.sleep(1)
            case PhaseName.HELD:
                await self._asked(leg, await self.said.clip(NEVER_MIND))
            case PhaseName.BRIDGED:
                await self.bench.desk.give_back(self.call_id)
                await within(ANSWER_S, lambda: self._in_state("talking"))
                await self.bench.desk.away()

    async def still_answers(self, leg: Leg) -> bool:
        clip = await self.said.clip(LAST_QUESTION)
        for _ in range(LAST_TRIES):
            if await self._asked(leg, clip):
                return True
        return False

    async def turns(self) -> list[dict[str, Any]]:
        return list((await self.bench.platform.transcript(self.call_id))["turns"])

    async def ended(self) -> dict[str, Any] | None:
        told = await self.bench.platform.transcript(self.call_id)
        return told if told["call"]["ended_at"] is not None else None

    async def _asked(self, leg: Leg, clip: Path) -> bool:
        """Say it once the agent is silent, or over the music of a hold; whether it was answered."""
        for _ in range(LONGEST_ANSWERS):
            if not await leg.spoken(SPOKE_MS, 1.5):
                break
        last = max((turn["seq"] for turn in await self.turns()), default=0)
        await leg.say(clip)

        async def answered() -> bool:
            kinds = ("answer", "clarify", "prompt")
            return any(turn["seq"] > last and turn["kind"] in kinds for turn in await self.turns())

        return bool(await within(ANSWER_S, answered))

    async def _callers(self) -> int:
        return sum(turn["speaker"] == "caller" for turn in await self.turns())

    async def _more(self, asked: int) -> bool:
        return await self._callers() > asked

    async def _in_state(self, state: str) -> bool:
        return (await self.bench.platform.transcript(self.call_id))["call"]["state"] == state


async def within(seconds: float, look: Callable[[], Awaitable[Any]]) -> Any:
    """What `look` finds, as soon as it finds something; None when it doesn't in time, or the gateway is away."""
    until_s = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until_s:
        try:
            if found := await look():
                return found
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.25)
    return None


async def promised(bench: Bench, call_id: str) -> bool:
    """Whether a person is asked to call this caller's number back."""
    platform = bench.platform
    callbacks = PostgresCallbacks(
        platform.database, PostgresKeyRing(platform.database, master_key(platform.settings.keys_dir))
    )
    rows = await callbacks.open_callbacks(platform.tenant_id)
    return any(row.call_id == call_id and row.contact == ANI for row in rows)


def record(told: Round, ended: dict[str, Any]) -> None:
    """How the call ended, and its course as it was stored."""
    told.outcome = str(ended["call"]["outcome"])
    told.course = [
        f"{turn['lease']} {turn['seq']} {turn['speaker']} {turn['kind']} {turn['text']}" for turn in ended["turns"]
    ]
