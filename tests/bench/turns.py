"""Turn-taking on real audio: `python -m tests.bench.turns [--all] [--only NAME] [--without-sound] [--json]`.

Each scenario is played to a real ear: voice activity, smart-turn and recogniser, on the clock of the audio. Prints what
each scenario came to, and figures for those that no threshold was chosen on; `--all` counts every one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from domain.turn_taking.floor import Backchannel, BargeIn, Contested, Decision, Reclaimed, TurnEnded, Yielded
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.smart_turn import SmartTurn
from engines.whisper import WhisperRecogniser
from tests.bench.turn_taking.hearing import ends, heard
from tests.bench.turn_taking.scenarios import SCENARIOS
from tests.bench.turn_taking.studio import NotHere, Studio, Take, studio
from workers.settings import Settings

SOON_MS = 1_700
"""A turn's end that is decided later is missed: the longest wait is 1.5 s."""
EARLY_MS = 100
"""The detector hears the last sound out a little before our mark."""
AT_MS = 300
"""Of silence: published figures for false cut-offs are at about this wait."""
PATIENT_MS = 60_000
FELL_SILENT_MS = 700
"""An agent that is silent for so long after a murmur was interrupted by it, as in the bench beside other frameworks."""


@dataclass(slots=True)
class Result:
    """What a scenario came to."""

    name: str
    kind: str
    false_cut_offs: int = 0
    quick_cut_offs: int = 0
    """Of the false ones, those within AT_MS and the VAD's own 100 ms."""
    pauses: int = 0
    missed_ends: int = 0
    ends: int = 0
    false_barge_ins: int = 0
    missed_barge_ins: int = 0
    over_agent: int = 0
    ducked: int = 0
    spoke_again: int = 0
    """Times that the agent took up again over somebody who wanted to interrupt it."""
    waits_ms: list[int] = field(default_factory=list[int])
    yields_ms: list[int] = field(default_factory=list[int])
    """Until the agent was silent for good."""
    silences_ms: list[int] = field(default_factory=list[int])
    """Of the agent, after what was no interruption."""

    @property
    def good(self) -> bool:
        return not (self.false_cut_offs or self.missed_ends or self.false_barge_ins or self.missed_barge_ins)


def judged(take: Take, noted: list[tuple[int, Decision]]) -> Result:
    scenario = take.scenario
    result = Result(scenario.name, scenario.kind, pauses=take.pauses)
    if scenario.over_agent:
        barge_ins = [at for at, decision in noted if isinstance(decision, BargeIn)]
        result.over_agent = 1
        result.ducked = int(any(isinstance(decision, Contested) for _, decision in noted))
        result.false_barge_ins = int(bool(barge_ins) and not scenario.interrupts)
        result.missed_barge_ins = int(scenario.interrupts and not barge_ins)
        silences = silences_of(noted)
        if not scenario.interrupts:
            result.silences_ms = [until_ms - from_ms for from_ms, until_ms in silences]
        elif take.turns_ms:
            result.spoke_again = sum(isinstance(decision, Reclaimed) for _, decision in noted)
            result.yields_ms = [silences[-1][0] - take.turns_ms[0][0]] if silences else []
        return result
    decided = ends(noted)
    result.ends = len(take.turns_ms)
    for index, (started_ms, ended_ms) in enumerate(take.turns_ms):
        after = take.turns_ms[index + 1][0] if index + 1 < len(take.turns_ms) else sys.maxsize
        early = [at for at in decided if started_ms < at < ended_ms - EARLY_MS]
        result.false_cut_offs += len(early)
        result.quick_cut_offs += sum(_silence_before(at, noted) <= AT_MS + EARLY_MS for at in early)
        ending = [at for at in decided if ended_ms - EARLY_MS <= at < min(after, ended_ms + SOON_MS)]
        result.missed_ends += not ending
        result.waits_ms += [at - ended_ms for at in ending[:1]]
    return result


def silences_of(noted: list[tuple[int, Decision]]) -> list[tuple[int, int]]:
    """From when until when a sound over the agent kept it silent, up to the last decision at most."""
    found: list[tuple[int, int]] = []
    since_ms: int | None = None
    for at_ms, decision in noted:
        match decision:
            case Yielded() | BargeIn() if since_ms is None:
                since_ms = at_ms
            case Reclaimed() | Backchannel() if since_ms is not None:
                found.append((since_ms, at_ms))
                since_ms = None
            case _:
                pass
    return found if since_ms is None else [*found, (since_ms, noted[-1][0])]


def _silence_before(at_ms: int, noted: list[tuple[int, Decision]]) -> int:
    ended = next(decision for at, decision in noted if at == at_ms and isinstance(decision, TurnEnded))
    return at_ms - ended.ended_ms


async def run(makes: Studio, names: Sequence[str], *, sound: bool) -> list[tuple[int, Result]]:
    models = Settings().models_dir
    vad = SileroActivity(verified("silero-vad", models))
    recogniser = WhisperRecogniser(verified("whisper-base", models), deadline_ms=PATIENT_MS)
    turn_end = SmartTurn(verified("smart-turn", models), deadline_ms=PATIENT_MS) if sound else None
    found: list[tuple[int, Result]] = []
    for place, scenario in enumerate(SCENARIOS):
        if names and scenario.name not in names:
            continue
        try:
            take = await makes.take(scenario)
        except NotHere as absent:
            print(f"skipped: {scenario.name}, for {absent} is not on this machine (HATIF_TEST_AUDIO)", file=sys.stderr)
            continue
        result = judged(take, await heard(take, vad, recogniser, turn_end))
        found.append((place, result))
        print(line(result), flush=True)
    return found


def line(result: Result) -> str:
    told = [f"waits {result.waits_ms}"] if result.waits_ms else []
    told += [f"yields {result.yields_ms}"] if result.yields_ms else []
    told += [f"silences {result.silences_ms}"] if result.silences_ms else []
    faults = ("false_cut_offs", "missed_ends", "false_barge_ins", "missed_barge_ins", "spoke_again")
    told += [f"{name.replace('_', ' ')} {count}" for name in faults if (count := getattr(result, name))]
    return f"{'ok ' if result.good else 'BAD'}  {result.kind:<22}{result.name:<36}{'  '.join(told)}"


def figures(results: Sequence[Result]) -> dict[str, object]:
    waits = sorted(wait for result in results for wait in result.waits_ms)
    yields = sorted(wait for result in results for wait in result.yields_ms)
    silences = [ms for result in results for ms in result.silences_ms]
    overs = [result for result in results if result.over_agent]
    return {
        "scenarios": len(results),
        "pauses": sum(r.pauses for r in results),
        "false_cut_offs": sum(r.false_cut_offs for r in results),
        "false_cut_offs_at_300_ms": sum(r.quick_cut_offs for r in results),
        "ends": sum(r.ends for r in results),
        "missed_ends": sum(r.missed_ends for r in results),
        "wait_ms_p50": round(statistics.median(waits)) if waits else None,
        "wait_ms_p95": waits[min(len(waits) - 1, len(waits) * 95 // 100)] if waits else None,
        "over_agent": len(overs),
        "false_barge_ins": sum(r.false_barge_ins for r in results),
        "missed_barge_ins": sum(r.missed_barge_ins for r in results),
        "fell_silent": sum(ms >= FELL_SILENT_MS for ms in silences),
        "silence_ms_p50": round(statistics.median(silences)) if silences else None,
        "silence_ms_most": max(silences, default=None),
        "spoke_again": sum(r.spoke_again for r in results),
        "yield_ms_p50": round(statistics.median(yields)) if yields else None,
        "yield_ms_p95": yields[min(len(yields) - 1, len(yields) * 95 // 100)] if yields else None,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--all", action="store_true", help="count the tuned ones too")
    parser.add_argument("--without-sound", action="store_true", help="decide without smart-turn")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    with studio() as makes:
        found = asyncio.run(run(makes, options.only, sound=not options.without_sound))
    halves = {
        "tuned on": [result for place, result in found if place % 2 == 0],
        "reported": [result for place, result in found if place % 2 == 1],
    }
    if options.all:
        halves = {"all": [result for _, result in found]}
    if options.json:
        told = {name: figures(part) for name, part in halves.items()}
        print(json.dumps(told | {"each": [asdict(result) for _, result in found]}, indent=2))
    else:
        for name, part in halves.items():
            print(name, *(f"{key} {value}" for key, value in figures(part).items()), sep="  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
