"""Calls that come and go for a long time: `python -m tests.bench.soak --minutes 30 --speech question.wav`.

As many calls as --calls are in progress, by the web and by SIP in turn, each for 20 to 60 seconds. What the answering
process holds is written down every ten seconds: memory with its slope, file descriptors, threads and tasks; and once
more before the first call and after the last one, when nothing of a call may be left. The summary goes to
build/soak.json, with what was counted so far even where the run is cut short.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.bench.load.callers import Question
from tests.bench.load.process import Process, answering
from tests.bench.load.round import RAMP_S

LASTS_S = (20.0, 60.0)
LOOKS_S = 10.0
SETTLES_S = 15.0
"""Until the last call's connections are gone: the stack notices within ten seconds."""
WRITTEN = Path(__file__).resolve().parents[2] / "build" / "soak.json"
FIRST_PART = 0.2
"""Of the time, in which memory may still grow: caches, arenas and pools fill up."""


@dataclass(frozen=True, slots=True)
class Look:
    at_s: float
    memory_mib: float
    files: int
    threads: int
    tasks: int
    objects: int
    calls: int


@dataclass(slots=True)
class Soak:
    process: Process
    question: Question
    minutes: float
    calls_at_once: int
    looks: list[Look] = field(default_factory=list[Look])
    calls: int = 0
    failed: int = 0
    unanswered: int = 0
    _began_s: float = field(default_factory=time.monotonic)

    async def look(self) -> Look:
        lives, process = await self.process.census(), self.process
        seen = Look(
            at_s=round(time.monotonic() - self._began_s, 1),
            memory_mib=round(process.memory_mib(), 2),
            files=process.files(),
            threads=process.threads(),
            **lives,
        )
        self.looks.append(seen)
        return seen

    async def looking(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_S)
            await self.look()
            self.write(finished=False)

    async def one_after_another(self, kinds: Sequence[str], until_s: float) -> None:
        for kind in itertools.cycle(kinds):
            seconds = random.uniform(*LASTS_S)
            if time.monotonic() + seconds > until_s:
                return
            self.calls += 1
            try:
                caller = await self.process.call(kind, self.question, seconds)
                await caller.ask(time.monotonic() + seconds - LASTS_S[0] / 2)
                self.unanswered += caller.waits.unanswered
                await caller.hang_up()
            except (AssertionError, OSError, TimeoutError) as error:
                self.failed += 1
                print(f"a call by {kind} failed: {error!r:.300}", file=sys.stderr)

    def write(self, *, finished: bool) -> dict[str, object]:
        """What was found so far: after each look, so that a run that is cut short leaves its counts."""
        told = self._summary() | {"finished": finished}
        WRITTEN.parent.mkdir(exist_ok=True)
        WRITTEN.write_text(json.dumps(told, indent=2) + "\n")
        return told

    def _summary(self) -> dict[str, object]:
        before, during, last = self.looks[0], self.looks[1:], self.looks[-1]
        return {
            "minutes": self.minutes,
            "calls_at_once": self.calls_at_once,
            "calls": self.calls,
            "failed": self.failed,
            "turns_unanswered": self.unanswered,
            "memory_mib": [look.memory_mib for look in self.looks],
            "memory_mib_an_hour": slope_an_hour(during, "memory_mib"),
            "objects": [before.objects, last.objects],
            "files": [before.files, max(look.files for look in self.looks), last.files],
            "threads": [before.threads, max(look.threads for look in self.looks), last.threads],
            "tasks": [before.tasks, max(look.tasks for look in self.looks), last.tasks],
            "calls_left": last.calls,
            "load_average": round(os.getloadavg()[0], 1),
        }


def slope_an_hour(looks: Sequence[Look], what: str) -> float | None:
    """By least squares, after the first part."""
    later = [look for look in looks if look.at_s > FIRST_PART * looks[-1].at_s and look.calls]
    if len(later) < 3:
        return None
    values = [getattr(look, what) for look in later]
    return round(float(np.polyfit([look.at_s for look in later], values, 1)[0]) * 3600, 2)


async def soak(minutes: float, calls: int, question: Question) -> dict[str, object]:
    async with answering() as process:
        made = Soak(process, question, minutes, calls)
        await made.look()
        looking = asyncio.create_task(made.looking())
        callers: list[asyncio.Task[None]] = []
        until_s = time.monotonic() + minutes * 60
        for number in range(calls):
            kinds = ("web", "sip") if number % 2 else ("sip", "web")
            callers.append(asyncio.create_task(made.one_after_another(kinds, until_s)))
            await asyncio.sleep(RAMP_S)
        await asyncio.gather(*callers)
        looking.cancel()
        await asyncio.sleep(SETTLES_S)
        await made.look()
    return made.write(finished=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--speech", type=Path, required=True, help="a short question of a real voice")
    options = parser.parse_args(argv)
    found = asyncio.run(soak(options.minutes, options.calls, Question(options.speech)))
    print(json.dumps(found, indent=2))
    return 1 if found["failed"] or found["calls_left"] else 0


if __name__ == "__main__":
    sys.exit(main())
