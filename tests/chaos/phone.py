"""The same rounds by phone: a leg that its exchange brings again, or a plain SIP call that is lost with its worker.

A phone is told nothing: what was confirmed is what stood in the transcript when the fault struck.
"""

from __future__ import annotations

import asyncio
import uuid
import wave
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import httpx
import numpy as np

from realtime.phone.legs import call_id_of
from realtime.rates import PHONE_TIMES, Down
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing, master_key
from tests.chaos.faults import Fault
from tests.chaos.rounds import ANSWER_S, LAST_TRIES, REMNANT_MS, Bench, PhaseName, Round
from tests.realtime.phone.exchange import PACKET, Exchange
from workers.caller.audio_file import read_clip
from workers.caller.phone.address import SipAddress
from workers.caller.phone.phone import Phone

LONG_QUESTION = "What are your opening hours?"
LAST_QUESTION = "Where is your shop?"
NEVER_MIND = "Never mind, I don't need a person any more."
ASKED_PERSON = "0"
BRINGS_AGAIN_S = 0.5
"""The dialplan's wait."""
GIVES_UP_S = 45.0
LOST_S = 110.0
"""As long as a lost call is kept for its caller, and a callback's workflow after it."""
ANI = "+971501234567"
PACKET_MS = 20
LONGEST_ANSWERS = 15
"""Looks at the line, each of up to 1.5 s, after which what is still heard is music."""
ANY = ""
"""A word of every ticket: one call at a time asks for one, and not every word of it is understood by phone."""
SPOKE_MS = 200
"""So much loud sound is a voice, and no click."""
SIP_PHASES = (PhaseName.CALLER_SPEAKING, PhaseName.AGENT_SPEAKING, PhaseName.TOOL_RUNNING)
"""A call that is lost anyway is struck while it talks with the agent."""


def reached(fault: Fault, phases: Sequence[PhaseName]) -> list[PhaseName]:
    """Those of the phases in which the fault's callers are struck; all of them where that leaves none."""
    return [phase for phase in phases if fault.by != "sip" or phase in SIP_PHASES] or list(SIP_PHASES)


class Leg(Protocol):
    """One end of a phone call."""

    async def begin(self, clip: Path) -> None:
        """Start to say it."""
        ...

    async def say(self, clip: Path) -> None:
        """To its last sample."""
        ...

    async def spoken(self, ms: int, within_s: float) -> bool:
        """Wait for so much sound from now on; False when it does not come."""
        ...


class Exchanged:
    """A leg of an exchange that does as our dialplan: whatever ends it without a hang-up, it is dialled again."""

    def __init__(self, port: int) -> None:
        self.uuid = uuid.uuid4()
        self.second_voice_ms = 0
        self._port = port
        self._legs: list[Exchange] = []
        self._bringing: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def open(self) -> None:
        self._bringing = asyncio.create_task(self._bring())
        await self._leg()

    async def close(self) -> None:
        if self._bringing is not None:
            self._bringing.cancel()
            await asyncio.gather(self._bringing, return_exceptions=True)
        if self._legs and not self._legs[-1].closed.is_set():
            await self._legs[-1].hang_up()
        for leg in self._legs[:-1]:
            await leg.close()

    async def begin(self, clip: Path) -> None:
        (await self._leg()).say(for_the_phone(clip))

    async def say(self, clip: Path) -> None:
        await self.begin(clip)
        await asyncio.sleep(len(for_the_phone(clip)) / PACKET * PACKET_MS / 1000)

    async def press(self, key: str) -> None:
        (await self._leg()).press(key)

    async def spoken(self, ms: int, within_s: float) -> bool:
        until_s = asyncio.get_running_loop().time() + within_s
        places = {leg: len(leg.heard) for leg in self._legs}
        while asyncio.get_running_loop().time() < until_s:
            leg = self._legs[-1]
            if leg.loud_ms(places.get(leg, 0)) >= ms:
                self.second_voice_ms = sum(old.loud_ms(places[old]) for old in places if old is not leg)
                return True
            await asyncio.sleep(PACKET_MS / 1000)
        return False

    async def brought_again(self, legs: int, within_s: float) -> bool:
        """Wait until there have been more legs than so many, and the last one is open."""
        try:
            async with asyncio.timeout(within_s):
                while len(self._legs) <= legs:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @property
    def legs(self) -> int:
        return len(self._legs)

    async def _leg(self) -> Exchange:
        async with asyncio.timeout(GIVES_UP_S):
            while not self._legs or self._legs[-1].closed.is_set():
                self._changed.clear()
                await self._changed.wait()
        return self._legs[-1]

    async def _bring(self) -> None:
        while not self._legs or not self._legs[-1].was_hung_up:
            try:
                leg = await Exchange.dial(self._port, self.uuid)
            except OSError:
                await asyncio.sleep(BRINGS_AGAIN_S)
                continue
            self._legs.append(leg)
            self._changed.set()
            await leg.closed.wait()
            await asyncio.sleep(BRINGS_AGAIN_S)


class Trunk:
    """A SIP call of a plain trunk."""

    def __init__(self, port: int) -> None:
        self.phone = Phone(SipAddress(user="demo", host="127.0.0.1", port=port), caller=ANI)
        self._saying: asyncio.Task[None] | None = None

    async def begin(self, clip: Path) -> None:
        self._saying = asyncio.create_task(self.say(clip))

    async def close(self) -> None:
        if self._saying is not None:
            await asyncio.gather(self._saying, return_exceptions=True)

    async def say(self, clip: Path) -> None:
        await self.phone.say(read_clip(clip))

    async def spoken(self, ms: int, within_s: float) -> bool:
        until_s, since = asyncio.get_running_loop().time() + within_s, self.phone.now
        while asyncio.get_running_loop().time() < until_s:
            if self.phone.recording.received.loud_until > since + ms * 16:
                return True
            await asyncio.sleep(PACKET_MS / 1000)
        return False


async def play(bench: Bench, fault: Fault, phase: PhaseName, *, say_again: bool, appliance: str) -> Round:
    told = Round(fault=fault.name, phase=phase, said_again=say_again)
    before = bench.vendor.effects(ANY)
    with TemporaryDirectory() as folder:
        said = Said(bench, Path(folder), appliance)
        if fault.by == "sip":
            await _by_trunk(bench, told, fault, said)
        else:
            await _by_exchange(bench, told, fault, said)
    await bench.platform.settled()
    if phase is PhaseName.TOOL_RUNNING:
        made = await _effects(bench, before)
        told.actions_doubled, told.actions_lost = max(0, made - 1), int(made == 0)
    return told


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


async def _by_exchange(bench: Bench, told: Round, fault: Fault, said: Said) -> None:
    leg = Exchanged(bench.platform.product.audiosocket_port)
    call_id = call_id_of(bench.platform.tenant_id, str(leg.uuid))
    try:
        await leg.open()
        await _greeted(bench, call_id)
        asked = await _reach(bench, leg, call_id, told.phase, said)
        await asyncio.sleep(bench.dice.uniform(0.05, 1.5))
        before, legs = await _turns(bench, call_id), leg.legs
        struck_s = asyncio.get_running_loop().time()
        await fault.strike(bench.platform, call_id)
        told.cut = await leg.brought_again(legs, GIVES_UP_S)
        if await leg.spoken(SPOKE_MS, GIVES_UP_S):
            told.voice_again_s = round(asyncio.get_running_loop().time() - struck_s - SPOKE_MS / 1000, 2)
        await _carry_on(bench, leg, call_id, told, said, asked)
        told.alive = await _still_answers(bench, leg, call_id, said)
        told.second_voice_ms = leg.second_voice_ms if leg.second_voice_ms > REMNANT_MS else 0
        await leg.close()
        stored = await bench.platform.ended_transcript(call_id)
        told.outcome = str(stored["call"]["outcome"])
        _count(told, before, stored["turns"])
        told.course = [f"{turn['seq']} {turn['speaker']} {turn['kind']} {turn['text']}" for turn in stored["turns"]]
    except Exception as error:
        told.alive, told.outcome = False, f"broke: {str(error) or type(error).__name__}"
    finally:
        await leg.close()


async def _by_trunk(bench: Bench, told: Round, fault: Fault, said: Said) -> None:
    """Nobody brings the leg again: the caller is promised a callback, and nothing that was said is lost."""
    trunk = Trunk(bench.platform.product.sip_port)
    try:
        async with trunk.phone:
            await trunk.spoken(SPOKE_MS, GIVES_UP_S)
            call_id = await bench.platform.newest_call()
            await _greeted(bench, call_id)
            await _reach(bench, trunk, call_id, told.phase, said)
            await asyncio.sleep(bench.dice.uniform(0.05, 1.5))
            before = await _turns(bench, call_id)
            await fault.strike(bench.platform, call_id)
            told.cut = True
            await trunk.close()
        stored = await _within(LOST_S, lambda: _ended(bench, call_id))
        told.outcome = str(stored["call"]["outcome"])
        _count(told, before, stored["turns"])
        told.course = [f"{turn['seq']} {turn['speaker']} {turn['kind']} {turn['text']}" for turn in stored["turns"]]
        told.alive = bool(await _within(LOST_S, lambda: _promised(bench, call_id)))
    except Exception as error:
        told.alive, told.outcome = False, f"broke: {str(error) or type(error).__name__}"


async def _promised(bench: Bench, call_id: str) -> bool:
    """Whether a person is asked to call this caller's number back."""
    platform = bench.platform
    callbacks = PostgresCallbacks(
        platform.database, PostgresKeyRing(platform.database, master_key(platform.settings.keys_dir))
    )
    rows = await callbacks.open_callbacks(platform.tenant_id)
    return any(row.call_id == call_id and row.contact == ANI for row in rows)


async def _reach(bench: Bench, leg: Leg, call_id: str, phase: PhaseName, said: Said) -> int:
    """Bring the call into the phase; how many turns of the caller stood before what was said for it."""
    asked = await _callers(bench, call_id)
    match phase:
        case PhaseName.CALLER_SPEAKING:
            await leg.begin(await said.clip(said.spoken))
        case PhaseName.AGENT_SPEAKING:
            await leg.say(await said.clip(LONG_QUESTION))
            assert await leg.spoken(SPOKE_MS, ANSWER_S), "the agent did not answer"
        case PhaseName.TOOL_RUNNING:
            await leg.say(await said.clip(said.request))
            assert await _within(ANSWER_S, lambda: _more(bench, call_id, asked)), "the request was not understood"
        case PhaseName.HELD | PhaseName.BRIDGED:
            assert isinstance(leg, Exchanged)
            await (bench.desk.ready() if phase is PhaseName.BRIDGED else bench.desk.away())
            await leg.press(ASKED_PERSON)
            if phase is PhaseName.BRIDGED:
                await bench.desk.bridged(call_id)
            await _within(ANSWER_S, lambda: _in_state(bench, call_id, phase.value))
    return asked


async def _carry_on(bench: Bench, leg: Exchanged, call_id: str, told: Round, said: Said, asked: int) -> None:
    """What a person says after a cut: what was not understood again, and sometimes what was understood too."""
    match told.phase:
        case PhaseName.CALLER_SPEAKING | PhaseName.TOOL_RUNNING | PhaseName.AGENT_SPEAKING:
            text = {PhaseName.CALLER_SPEAKING: said.spoken, PhaseName.TOOL_RUNNING: said.request}
            if not await _within(8, lambda: _more(bench, call_id, asked)) or told.said_again:
                await _asked(bench, leg, call_id, await said.clip(text.get(told.phase, LONG_QUESTION)))
            if told.phase is PhaseName.TOOL_RUNNING:
                await asyncio.sleep(1)
        case PhaseName.HELD:
            await _asked(bench, leg, call_id, await said.clip(NEVER_MIND))
        case PhaseName.BRIDGED:
            await bench.desk.give_back(call_id)
            await _within(ANSWER_S, lambda: _in_state(bench, call_id, "talking"))
            await bench.desk.away()


async def _still_answers(bench: Bench, leg: Leg, call_id: str, said: Said) -> bool:
    clip = await said.clip(LAST_QUESTION)
    for _ in range(LAST_TRIES):
        if await _asked(bench, leg, call_id, clip):
            return True
    return False


async def _asked(bench: Bench, leg: Leg, call_id: str, clip: Path) -> bool:
    """Say it once the agent is silent, or over the music of a hold; whether it was answered."""
    for _ in range(LONGEST_ANSWERS):
        if not await leg.spoken(SPOKE_MS, 1.5):
            break
    last = max((turn["seq"] for turn in await _turns(bench, call_id)), default=0)
    await leg.say(clip)

    async def answered() -> bool:
        kinds = ("answer", "clarify", "prompt")
        return any(turn["seq"] > last and turn["kind"] in kinds for turn in await _turns(bench, call_id))

    return bool(await _within(ANSWER_S, answered))


def _count(told: Round, before: Sequence[dict[str, Any]], stored: Sequence[dict[str, Any]]) -> None:
    """What stood in the transcript when the fault struck stands there still."""
    kept = {(turn["seq"], turn["speaker"], turn["text"]) for turn in stored}
    told.missing = [
        f"{turn['speaker']}'s turn" for turn in before if (turn["seq"], turn["speaker"], turn["text"]) not in kept
    ]
    told.turns_lost = len(told.missing)


async def _greeted(bench: Bench, call_id: str) -> None:
    async def greeting() -> bool:
        return bool(await _turns(bench, call_id))

    assert await _within(GIVES_UP_S, greeting), "nobody greeted"


async def _turns(bench: Bench, call_id: str) -> list[dict[str, Any]]:
    return list((await bench.platform.transcript(call_id))["turns"])


async def _callers(bench: Bench, call_id: str) -> int:
    return sum(turn["speaker"] == "caller" for turn in await _turns(bench, call_id))


async def _more(bench: Bench, call_id: str, asked: int) -> bool:
    return await _callers(bench, call_id) > asked


async def _in_state(bench: Bench, call_id: str, state: str) -> bool:
    return (await bench.platform.transcript(call_id))["call"]["state"] == state


async def _ended(bench: Bench, call_id: str) -> dict[str, Any] | None:
    told = await bench.platform.transcript(call_id)
    return told if told["call"]["ended_at"] is not None else None


async def _within(seconds: float, look: Callable[[], Awaitable[Any]]) -> Any:
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


async def _effects(bench: Bench, before: int) -> int:
    """What the vendor did, once it had the time to do what is still under way: an action outlives its call."""

    async def done() -> bool:
        return bench.vendor.effects(ANY) != before

    await _within(60, done)
    await asyncio.sleep(2)
    return bench.vendor.effects(ANY) - before


def for_the_phone(path: Path) -> bytes:
    """A WAV of 16 kHz as a phone carries it."""
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return Down(PHONE_TIMES).feed(sound[: len(sound) // 2 * 2].reshape(-1, 1))
