"""The same rounds by phone: a leg that its exchange brings again, or a plain SIP call, which is lost with its worker.

A phone is told nothing: what was confirmed is what stood in the transcript when the fault struck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain import sentences
from domain.speech import Language
from realtime.phone.legs import call_id_of
from tests.chaos.faults import Fault
from tests.chaos.phone.course import SPOKE_MS, Call, Said, promised, record, within
from tests.chaos.phone.legs import GIVES_UP_S, Exchanged, Leg, Trunk
from tests.chaos.rounds import REMNANT_MS, Bench, PhaseName, Round

LOST_S = 110.0
"""As long as a lost call is kept for its caller, and a callback's workflow after it."""
ANY = ""
"""A word of every ticket: one call at a time asks for one, and not every word of it is understood by phone."""
SIP_PHASES = (PhaseName.CALLER_SPEAKING, PhaseName.AGENT_SPEAKING, PhaseName.TOOL_RUNNING)
"""A plain call is struck while it talks with the agent."""


def reached(fault: Fault, phases: Sequence[PhaseName]) -> list[PhaseName]:
    """Those of the phases in which the fault's callers are struck; all of them where that leaves none."""
    return [phase for phase in phases if fault.by in ("web", "audiosocket") or phase in SIP_PHASES] or list(SIP_PHASES)


async def play(bench: Bench, fault: Fault, phase: PhaseName, *, say_again: bool, appliance: str) -> Round:
    told = Round(fault=fault.name, phase=phase, said_again=say_again)
    before = bench.vendor.effects(ANY)
    try:
        with TemporaryDirectory() as folder:
            said = Said(bench, Path(folder), appliance)
            if fault.by == "audiosocket":
                await _by_exchange(bench, told, fault, said)
            else:
                await bench.platform.dials_lost_callers(fault.by == "dialled")
                await _by_trunk(bench, told, fault, said)
    except Exception as error:
        # A round that breaks off is a call that was lost, and says why; the others still count.
        told.alive, told.outcome = False, f"broke: {str(error) or type(error).__name__}"
    await bench.platform.settled()
    if phase is PhaseName.TOOL_RUNNING:
        made = await _effects(bench, before)
        told.actions_doubled, told.actions_lost = max(0, made - 1), int(made == 0)
    return told


async def _by_exchange(bench: Bench, told: Round, fault: Fault, said: Said) -> None:
    leg = Exchanged(bench.platform.product.audiosocket_port)
    call = Call(bench, call_id_of(bench.platform.tenant_id, str(leg.uuid)), said)
    try:
        await leg.open()
        await call.greeted()
        asked = await call.reach(leg, told.phase)
        await asyncio.sleep(bench.dice.uniform(0.05, 1.5))
        before, legs = await call.turns(), leg.legs
        struck_s = _now_s()
        await fault.strike(bench.platform, call.call_id)
        told.cut = await leg.brought_again(legs, GIVES_UP_S)
        told.voice_again_s = await _voice_again(leg, struck_s)
        await call.carry_on(leg, told, asked)
        told.alive = await call.still_answers(leg)
        told.second_voice_ms = leg.second_voice_ms if leg.second_voice_ms > REMNANT_MS else 0
    finally:
        await leg.close()
    _count(told, before, await bench.platform.ended_transcript(call.call_id))


async def _by_trunk(bench: Bench, told: Round, fault: Fault, said: Said) -> None:
    """Nobody brings the leg again: the caller is dialled, or promised a callback."""
    trunk = Trunk(bench.platform.product.sip_port)
    async with trunk.phone:
        await trunk.spoken(SPOKE_MS, GIVES_UP_S)
        call = Call(bench, await bench.platform.newest_call(), said)
        await call.greeted()
        asked = await call.reach(trunk, told.phase)
        await asyncio.sleep(bench.dice.uniform(0.05, 1.5))
        before = await call.turns()
        if bench.handset is not None:
            bench.handset.forget()
        struck_s = _now_s()
        await fault.strike(bench.platform, call.call_id)
        told.cut = True
        if fault.by == "dialled":
            await _rung(bench, call, told, asked, struck_s)
        await trunk.close()
    stored = await within(LOST_S, call.ended)
    _count(told, before, stored)
    if fault.by == "sip":
        told.alive = bool(await within(LOST_S, lambda: promised(bench, call.call_id)))
    elif not any(_says_cut_off(turn) for turn in stored["turns"]):
        told.alive = False
        told.missing.append("that we were cut off")


def _says_cut_off(turn: dict[str, Any]) -> bool:
    """Or began to, until the caller spoke."""
    cut_off, said = sentences.CUT_OFF[Language.EN], str(turn["text"])
    return turn["speaker"] == "agent" and (said.startswith(cut_off) or cut_off.startswith(said))


async def _rung(bench: Bench, call: Call, told: Round, asked: int, struck_s: float) -> None:
    """The caller's phone rings, and whoever picks up is where they were."""
    handset = bench.handset
    assert handset is not None
    assert await handset.rung(GIVES_UP_S), "nobody called back"
    told.rang_s = round(_now_s() - struck_s, 2)
    told.voice_again_s = await _voice_again(handset, struck_s)
    await call.carry_on(handset, told, asked)
    told.alive = await call.still_answers(handset)
    handset.hang_up()


async def _voice_again(leg: Leg, struck_s: float) -> float | None:
    heard = await leg.spoken(SPOKE_MS, GIVES_UP_S)
    return round(_now_s() - struck_s - SPOKE_MS / 1000, 2) if heard else None


def _count(told: Round, before: Sequence[dict[str, Any]], ended: dict[str, Any]) -> None:
    """What stood in the transcript when the fault struck stands there still."""
    stored = ended["turns"]
    kept = {(turn["seq"], turn["speaker"], turn["text"]) for turn in stored}
    told.missing = [
        f"{turn['speaker']}'s turn" for turn in before if (turn["seq"], turn["speaker"], turn["text"]) not in kept
    ]
    told.turns_lost = len(told.missing)
    record(told, ended)


async def _effects(bench: Bench, before: int) -> int:
    """What the vendor did, once it had the time to do what is still under way: an action outlives its call."""

    async def done() -> bool:
        return bench.vendor.effects(ANY) != before

    await within(60, done)
    await asyncio.sleep(2)
    return bench.vendor.effects(ANY) - before


def _now_s() -> float:
    return asyncio.get_running_loop().time()
