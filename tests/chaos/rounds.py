"""One round: a call is brought into a phase, a fault strikes at a random instant, and the caller carries on.

Afterwards everything is counted from outside: turns against the caller's script, actions at the vendor.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from tests.chaos.caller import REMNANT_MS, ScriptedCaller, seconds
from tests.chaos.faults import Fault
from tests.chaos.platform import TENANT, Platform
from tests.realtime.phone.handset import Handset
from workers.caller.audio_file import Pcm

VOICE_S = 50.0
"""As long as the platform keeps the call for its caller."""
MOST_TRIES = 12
"""Calls placed until one comes to a certain worker of three."""
LAST_QUESTION = "Where is your shop?"
FIRST_QUESTION = "Is there parking?"
LONG_QUESTION = "What are your opening hours?"
LAST_TRIES = 4
MOMENT_S = 3.0
"""How long a caller waits who was asked to try again in a moment."""
ANSWER_S = 25.0
"""How long a caller waits for an answer before going on."""
NEVER_MIND = "Never mind, I don't need a person any more."
WANT_PERSON = "I want to speak to a person."


class PhaseName(StrEnum):
    CALLER_SPEAKING = "caller_speaking"
    AGENT_SPEAKING = "agent_speaking"
    TOOL_RUNNING = "tool_running"
    HELD = "held"
    BRIDGED = "bridged"


class Vendor(Protocol):
    """The CRM at the far end: what it really did, by a word of the request."""

    def effects(self, word: str) -> int: ...


class Desk(Protocol):
    """An advisor at the desk."""

    async def ready(self) -> None: ...

    async def away(self) -> None: ...

    async def bridged(self, call_id: str) -> None:
        """Accept the offer of this call and be heard."""
        ...

    async def give_back(self, call_id: str) -> None: ...


@dataclass(kw_only=True)
class Round:
    """What one round came to. Seconds from the fault; `voice_again_s` is None for a caller who never heard us again."""

    fault: str
    phase: PhaseName
    said_again: bool
    voice_again_s: float | None = None
    rang_s: float | None = None
    """When the caller's phone rang, where we dial."""
    cut: bool = False
    turns_lost: int = 0
    actions_doubled: int = 0
    actions_lost: int = 0
    alive: bool = False
    second_voice_ms: int = 0
    outcome: str = ""
    missing: list[str] = field(default_factory=list)
    """Kinds of what is missing, for whoever looks into it."""
    course: list[str] = field(default_factory=list)
    """The call as the caller saw it, for whoever looks into it."""


@dataclass(kw_only=True)
class Bench:
    """What every round needs."""

    platform: Platform
    vendor: Vendor
    desk: Desk
    spoken: Pcm
    """48 kHz: a question of some seconds, asked aloud."""
    spoken_text: str
    dice: random.Random
    handset: Handset | None = None
    """The caller's phone that is rung, where a round needs one."""


async def play(bench: Bench, fault: Fault, phase: PhaseName, *, say_again: bool, appliance: str) -> Round:
    """Play one round; `appliance` names what is broken, so that its ticket is told apart at the vendor."""
    told = Round(fault=fault.name, phase=phase, said_again=say_again)
    request = f"Please open a ticket, my {appliance} is leaking."
    before = bench.vendor.effects(appliance)
    caller = await _placed(bench, fault)
    try:
        await caller.greeted()
        await caller.ask(FIRST_QUESTION)
        since = await _reach(bench, caller, phase, request)
        await asyncio.sleep(bench.dice.uniform(0.05, 1.5))
        call_id = caller.report.call_id or ""
        struck_at = caller.now
        striking = asyncio.create_task(fault.strike(bench.platform, call_id))
        told.voice_again_s = await _voice_again(caller, struck_at)
        await striking
        await caller.link_open(VOICE_S)
        await _carry_on(bench, caller, phase, request, since, say_again=say_again)
        told.alive = await _still_answers(caller)
        told.cut = any(noticed >= struck_at for noticed, _ in caller.cuts)
        told.outcome = await caller.hang_up()
        told.second_voice_ms = caller.second_voice_ms if caller.second_voice_ms > REMNANT_MS else 0
    except Exception as error:
        # A round that breaks off is a call that was lost, and says why; the others still count.
        told.alive, told.outcome = False, f"broke: {str(error) or type(error).__name__}"
    finally:
        told.course = _course(caller)
        await caller.__aexit__(None, None, None)
    try:
        await bench.platform.settled()
        if caller.report.call_id is not None:
            await _count(bench, told, caller, caller.report.call_id)
    except TimeoutError as late:
        told.alive, told.outcome = False, f"broke: {late}"
    if phase is PhaseName.TOOL_RUNNING:
        made = await _effects(bench, appliance, before)
        told.actions_doubled, told.actions_lost = max(0, made - 1), int(made == 0)
    return told


async def _placed(bench: Bench, fault: Fault) -> ScriptedCaller:
    """A call that is under way; where the fault strikes one certain worker, a call of that worker's."""
    for _ in range(MOST_TRIES):
        caller = await ScriptedCaller(bench.platform.product.address, TENANT).__aenter__()
        apart = bench.platform.apart if fault.apart else None
        if apart is None or await bench.platform.holder(caller.report.call_id or "") == apart.pid:
            return caller
        await caller.__aexit__(None, None, None)
    raise AssertionError("no call came to the worker behind the link")


async def _reach(bench: Bench, caller: ScriptedCaller, phase: PhaseName, request: str) -> int:
    """Bring the call into the phase; returns how many events had come when its last word was said."""
    call_id = caller.report.call_id or ""
    since = len(caller.events)
    match phase:
        case PhaseName.CALLER_SPEAKING:
            await caller.quiet()
            caller.start_speaking(bench.spoken, 48_000)
        case PhaseName.AGENT_SPEAKING:
            await caller.say_until_confirmed(LONG_QUESTION)
            await caller.event("speaking", since, 20)
        case PhaseName.TOOL_RUNNING:
            caller.send({"type": "text", "text": request})
        case PhaseName.HELD:
            await bench.desk.away()
            await caller.say_until_confirmed(WANT_PERSON)
            assert await caller.event("phase", since, 30, phase="held"), "the caller was not put on hold"
        case PhaseName.BRIDGED:
            await bench.desk.ready()
            await caller.say_until_confirmed(WANT_PERSON)
            await bench.desk.bridged(call_id)
            assert await caller.event("phase", since, 30, phase="bridged"), "the caller was not bridged"
    return since


async def _voice_again(caller: ScriptedCaller, struck_at: int) -> float | None:
    """Seconds from the fault to the first sound that the caller hears on a line that outlives it.

    A caller whose line is not cut is answered when they have finished: what they still had to say is no wait.
    """
    cut = await caller.cut_after(struck_at, within_s=2.5)
    if cut is None:
        if not caller.silent:
            await caller.spoken_out()
            struck_at = caller.now
        at = await caller.sound_after(struck_at, VOICE_S)
    else:
        await caller.link_open(VOICE_S)
        opened = next((opened for noticed, opened in caller.cuts if noticed == cut), None)
        at = None if opened is None else await caller.sound_after(opened, VOICE_S)
    return None if at is None else seconds(at - struck_at)


async def _carry_on(
    bench: Bench, caller: ScriptedCaller, phase: PhaseName, request: str, since: int, *, say_again: bool
) -> None:
    """What a person says after a cut: what was not understood is said again, and sometimes what was understood too."""
    match phase:
        case PhaseName.CALLER_SPEAKING:
            await caller.spoken_out()
            if not await caller.event("transcript", since, 8, speaker="caller", final=True) or say_again:
                await caller.say_until_confirmed(bench.spoken_text)
        case PhaseName.AGENT_SPEAKING:
            if say_again:
                await caller.say_until_confirmed(LONG_QUESTION)
        case PhaseName.TOOL_RUNNING:
            if caller.confirmed(request, since):
                caller.script.append(request)
                await caller.event("answered", since, ANSWER_S)
            if say_again or not caller.confirmed(request, since):
                await caller.ask(request)
        case PhaseName.HELD:
            if say_again:
                await caller.say_until_confirmed(WANT_PERSON)
            mark = len(caller.events)
            await caller.say_until_confirmed(NEVER_MIND)
            await caller.event("phase", mark, 15, phase="converse")
        case PhaseName.BRIDGED:
            await caller.event("phase", since, 15, phase="bridged")
            mark = len(caller.events)
            await bench.desk.give_back(caller.report.call_id or "")
            await caller.event("phase", mark, 15, phase="converse")
            await bench.desk.away()


async def _still_answers(caller: ScriptedCaller) -> bool:
    """The last question must be answered as any other; an agent who asks to be asked again in a moment is."""
    kinds = ("answer", "clarify")
    for _ in range(LAST_TRIES):
        mark = len(caller.events)
        if not await caller.say_until_confirmed(LAST_QUESTION):
            return False
        await caller.event("speaking", mark, 30)
        await caller.event("answered", mark, 30)
        if any(event.type == "turn" and event.message.get("kind") in kinds for event in caller.events[mark:]):
            return True
        await asyncio.sleep(MOMENT_S)
    return False


async def _count(bench: Bench, told: Round, caller: ScriptedCaller, call_id: str) -> None:
    """Against the stored transcript: the caller's confirmed words, and every sentence of ours that was heard."""
    stored = await bench.platform.ended_transcript(call_id)
    words = [turn["text"] for turn in stored["turns"] if turn["speaker"] == "caller"]
    ours = [turn["text"] for turn in stored["turns"] if turn["speaker"] == "agent"]
    for text in caller.script:
        if text in words:
            words.remove(text)
        else:
            told.missing.append("caller's turn")
    for text in caller.finished_turns("agent"):
        if text in ours:
            ours.remove(text)
        else:
            told.missing.append("agent's turn")
    for text in caller.finished_turns("caller"):
        if not any(turn["text"] == text for turn in stored["turns"]):
            told.missing.append("caller's finished turn")
    told.turns_lost = len(told.missing)


def _course(caller: ScriptedCaller) -> list[str]:
    """The call as its caller saw it, in order."""
    kinds = ("ready", "phase", "turn", "transcript", "move", "ended")
    seen = [
        (event.at, f"{event.type} {dict(event.message)}")
        for event in caller.events
        if event.type in kinds and event.message.get("final", True)
    ]
    seen += [(noticed, "cut") for noticed, _ in caller.cuts]
    return [f"{seconds(at):6.2f} {what}" for at, what in sorted(seen)]


async def _effects(bench: Bench, appliance: str, before: int) -> int:
    """What the vendor did, once it had the time to do what is still under way: an action outlives its call."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + 60
    while True:
        if bench.vendor.effects(appliance) != before or loop.time() > until_s:
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(2)
    return bench.vendor.effects(appliance) - before
