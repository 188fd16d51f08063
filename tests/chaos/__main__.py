"""`python -m tests.chaos`: every fault against the running product with real calls in progress, counted from outside.

    --rounds N      of each fault (media-kill: twice as many)
    --minutes M     stop after so long, the rounds spread over all faults
    --fault NAME    only this one; may be repeated
    --phase NAME    only in this phase; may be repeated
    --seed S        the dice
    --write         put the figures into docs/reliability.md

    --result FILE   instead of build/chaos.json

Exit status 1 when anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.errors import EngineError
from tests.calls import trunk
from tests.chaos import network, report
from tests.chaos.advisor import Advisor
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.phone import rounds as by_phone
from tests.chaos.platform import Platform, machine, running_platform
from tests.chaos.rounds import Bench, PhaseName, Round, play
from tests.chaos.vendor import running_vendor
from tests.realtime.phone.handset import Handset
from workers.caller.audio_file import read_clip

SPOKEN = "How much does it cost to deliver a washing machine to my house in Sharjah?"
APPLIANCES = ("fridge", "oven", "dishwasher", "freezer", "kettle", "cooker", "heater", "dryer", "blender", "toaster")
"""What is broken, one after the other: its ticket is told apart at the vendor by this word."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
RESULT = Path("build") / "chaos.json"
VOICE_TRIES = 8
LONGEST_ROUND_S = 240
DOUBLE = frozenset({"media-kill"})
"""Faults with twice the rounds."""


def plan(faults: Sequence[Fault], phases: Sequence[PhaseName], rounds: int) -> Iterator[tuple[Fault, PhaseName, bool]]:
    """Round by round over all faults, so that a run that is cut short has some of each; the phases take turns."""
    turns = {
        fault.name: itertools.cycle(itertools.product((False, True), by_phone.reached(fault, phases)))
        for fault in faults
    }
    most = rounds * 2 if any(fault.name in DOUBLE for fault in faults) else rounds
    for number in range(most):
        for fault in faults:
            if number < rounds * (2 if fault.name in DOUBLE else 1):
                again, phase = next(turns[fault.name])
                yield fault, phase, again


async def run(options: argparse.Namespace) -> dict[str, list[Round]]:
    faults = [FAULTS[name] for name in options.fault or FAULTS if _possible(FAULTS[name])]
    phases = [PhaseName(name) for name in options.phase or PhaseName]
    appliances = itertools.cycle(APPLIANCES)
    told: dict[str, list[Round]] = defaultdict(list)
    with TemporaryDirectory() as folder:
        dialled = any(fault.by == "dialled" for fault in faults)
        async with (
            _phone(Path(folder), dialled) as (handset, environment),
            running_platform(extra=environment) as platform,
            running_vendor(platform) as vendor,
            Advisor(platform) as desk,
        ):
            await platform.open_always()
            clip = await _said_into(Path(folder) / "spoken.wav", platform)
            bench = Bench(
                platform=platform,
                vendor=vendor,
                desk=desk,
                spoken=read_clip(clip),
                spoken_text=SPOKEN,
                dice=random.Random(options.seed),
                handset=handset,
            )
            # The worker behind a link is there for those faults only: the others strike what `hatif up` starts.
            for apart in (True, False):
                some = [fault for fault in faults if fault.apart is apart]
                minutes = options.minutes * len(some) / len(faults)
                until_s = time.monotonic() + minutes * 60 if minutes else None
                async with network.worker_apart(platform) if some and apart else contextlib.nullcontext():
                    for fault, phase, again in plan(some, phases, options.rounds):
                        if until_s is not None and time.monotonic() > until_s:
                            break
                        one = await _played(bench, fault, phase, again, next(appliances))
                        told[fault.name].append(one)
                        print(_line(sum(map(len, told.values())), one), flush=True)
                        if options.trace or not one.alive:
                            print(json.dumps(asdict(one), ensure_ascii=False), flush=True)
    return told


def _possible(fault: Fault) -> bool:
    if fault.by == "dialled" and not trunk.installed():
        print(f"Debian's kamailio and baresip are not on this machine: {fault.name} is left out.", file=sys.stderr)
        return False
    return not fault.apart or network.is_apart()


@contextlib.asynccontextmanager
async def _phone(folder: Path, wanted: bool) -> AsyncIterator[tuple[Handset | None, dict[str, str]]]:
    """The phone of callers who are dialled, and what the product is told of the trunk to it."""
    if not wanted:
        yield None, {}
        return
    handset = Handset(folder)
    with trunk.trunk_to(handset.port, folder) as environment:
        await handset.wait()
        try:
            yield handset, environment
        finally:
            await handset.close()


async def _said_into(path: Path, platform: Platform) -> Path:
    """The product's own voice asks the question; on a machine that has just started everything, not at once."""
    for _ in range(VOICE_TRIES - 1):
        with contextlib.suppress(EngineError):
            return platform.product.say_into(path, 0.2, SPOKEN, 0.3)
        await asyncio.sleep(2)
    return platform.product.say_into(path, 0.2, SPOKEN, 0.3)


async def _played(bench: Bench, fault: Fault, phase: PhaseName, again: bool, appliance: str) -> Round:
    try:
        async with asyncio.timeout(LONGEST_ROUND_S):
            if fault.by != "web":
                return await by_phone.play(bench, fault, phase, say_again=again, appliance=appliance)
            return await play(bench, fault, phase, say_again=again, appliance=appliance)
    except Exception as error:
        # A round that breaks off is a call that was lost, and says why; the others still count.
        print(f"    {type(error).__name__}: {error}", file=sys.stderr)
        await bench.platform.settled()
        return Round(
            fault=fault.name, phase=phase, said_again=again, outcome=f"broke: {str(error) or type(error).__name__}"
        )


def _line(number: int, one: Round) -> str:
    rang = "" if one.rang_s is None else f"rang {one.rang_s:5.2f} s, "
    voice = "never" if one.voice_again_s is None else f"{one.voice_again_s:5.2f} s"
    lost = f"turns lost {one.turns_lost}, doubled {one.actions_doubled}, actions lost {one.actions_lost}"
    state = "alive" if one.alive else "CALL LOST"
    two = f", TWO VOICES {one.second_voice_ms} ms" if one.second_voice_ms else ""
    return f"{number:4} {one.fault:22} {one.phase:16} {rang}voice again {voice}  {lost}  {state}{two}  {one.outcome}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--fault", action="append", choices=[*FAULTS])
    parser.add_argument("--phase", action="append", choices=[*PhaseName])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trace", action="store_true", help="print each round as JSON as well")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/reliability.md")
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args(argv)
    network.go_apart("tests.chaos")
    network.prepare()
    told = asyncio.run(run(options))
    rows = [report.row(name, rounds) for name, rounds in told.items()]
    options.result.parent.mkdir(exist_ok=True)
    options.result.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    print(f"\n{report.table(rows)}\n\n{machine()}; {options.result}")
    if options.write:
        PAGE.write_text(report.into(PAGE.read_text(), rows, machine(), options.seed))
    return 0 if all(row.clean for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
