"""So many calls at once for so long, each of which asks again and again, and what that was like."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, dataclass

from tests.bench.load.callers import LoadCaller, Question
from tests.bench.load.process import answering
from tests.bench.load.waits import WAITS_S

RAMP_S = 0.2
"""Between two callers who dial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    kind: str
    calls: int
    seconds: float
    failed: int
    turns: int
    turns_unanswered: int
    turn_ms_p50: int | None
    turn_ms_p95: int | None
    gaps: int
    """Over 60 ms between two packets of ours."""
    longest_gap_ms: int
    cpu_of_a_core: float
    cpu_of_a_core_per_call: float
    cpu_s_per_call_minute: float
    memory_mib: float
    memory_per_call_mib: float
    load_average: float

    def json(self) -> dict[str, object]:
        return asdict(self)

    @property
    def failed_share(self) -> float:
        """Of calls and turns, whichever is worse."""
        return max(self.failed / self.calls, self.turns_unanswered / max(1, self.turns + self.turns_unanswered))


def percentile(waits: Sequence[int], part: float) -> int | None:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else None


async def one_load(
    kind: str,
    calls: int,
    seconds: float,
    question: Question,
    core: int | None = None,
    watch: Callable[[int], AbstractAsyncContextManager[object]] = lambda _: nullcontext(),
) -> Load:
    """`watch` is given the process's id, and entered once all calls are there."""
    async with answering(core) as process:
        before_mib = process.memory_mib()
        callers: list[LoadCaller] = []
        for still_to_come in reversed(range(calls)):
            try:
                # No longer than it takes: a caller who says nothing more is said goodbye to.
                callers.append(await process.call(kind, question, seconds + (still_to_come + 1) * RAMP_S))
            except (OSError, TimeoutError) as error:
                print(f"a call did not connect: {error!r}", file=sys.stderr)
            await asyncio.sleep(RAMP_S)
        async with watch(process.known.pid):
            began_s, used_s = time.monotonic(), process.cpu_s()
            await asyncio.gather(*(caller.ask(began_s + seconds - WAITS_S) for caller in callers))
            took_s = time.monotonic() - began_s
            spent = (process.cpu_s() - used_s) / took_s
            memory_mib = process.memory_mib()
        ended = await asyncio.gather(*(caller.hang_up() for caller in callers), return_exceptions=True)
    broken = [one for one in ended if isinstance(one, BaseException)]
    for reason, times in Counter(f"{type(one).__name__}: {str(one)[:600]}" for one in broken).items():
        print(f"{times} calls did not go as they should: {reason}", file=sys.stderr)
    waits = [ms for caller in callers for ms in caller.waits.answered_ms]
    gaps = [gap for caller in callers for gap in caller.waits.gaps_ms]
    return Load(
        kind=kind,
        calls=calls,
        seconds=round(took_s),
        failed=calls - len(callers) + len(broken),
        turns=len(waits),
        turns_unanswered=sum(caller.waits.unanswered for caller in callers),
        turn_ms_p50=round(statistics.median(waits)) if waits else None,
        turn_ms_p95=percentile(waits, 0.95),
        gaps=len(gaps),
        longest_gap_ms=max(gaps, default=0),
        cpu_of_a_core=round(spent, 3),
        cpu_of_a_core_per_call=round(spent / calls, 3),
        cpu_s_per_call_minute=round(spent * 60 / calls, 2),
        memory_mib=round(memory_mib, 1),
        memory_per_call_mib=round((memory_mib - before_mib) / calls, 1),
        load_average=round(os.getloadavg()[0], 1),
    )
