"""How many calls one core holds: `python -m tests.bench.density --speech question.wav [--kinds web sip]`.

One process answers on the first core, with the product's lines, ear and mouth and the real voice detector; recogniser,
model and voice are stand-ins that take no time. Callers have the other cores. First one call, then more at a time,
until a turn waits a quarter longer than with one call (p95), or half a percent of calls or turns fail. By the web: Opus
over WebRTC. By SIP: PCMU.

`--flame FILE` draws instead what Python does in the process while so many calls are there. That takes py-spy, which is
no part of the environment: `pip install py-spy`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.load.callers import Question
from tests.bench.load.round import Load, one_load

MOST_SLOWER = 1.25
MOST_FAILED = 0.005
STEPS = (4, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 50)
CORE = 0
SAMPLES_A_SECOND = 50


def holds(load: Load, one: Load) -> bool:
    assert one.turn_ms_p95 is not None
    return (
        load.failed_share < MOST_FAILED
        and load.turn_ms_p95 is not None
        and load.turn_ms_p95 <= MOST_SLOWER * one.turn_ms_p95
    )


def density(kind: str, steps: Sequence[int], seconds: float, question: Question) -> dict[str, object]:
    one = asyncio.run(one_load(kind, 1, seconds, question, CORE))
    rows, most = [one], 1
    for calls in steps:
        load = asyncio.run(one_load(kind, calls, seconds, question, CORE))
        rows.append(load)
        print(json.dumps(load.json()), file=sys.stderr, flush=True)
        if not holds(load, one):
            break
        most = calls
    last = next(row for row in reversed(rows) if row.calls == most)
    # The first call brings the libraries with it.
    more = (last.memory_mib - one.memory_mib) / (most - 1) if most > 1 else one.memory_per_call_mib
    return {
        "target": "hatif",
        "kind": kind,
        "calls_per_core": most,
        "cpu_s_per_call_min": last.cpu_s_per_call_minute,
        "rss_mb_per_call": round(more * 2**20 / 1e6, 2),
        "turn_ms_p95_of_one_call": one.turn_ms_p95,
        "turn_ms_p95": last.turn_ms_p95,
        "rows": [row.json() for row in rows],
    }


@asynccontextmanager
async def drawn(path: Path, pid: int, seconds: float) -> AsyncIterator[None]:
    """What the process does meanwhile, as a flame graph that names no folder of this machine."""
    drawing = await asyncio.create_subprocess_exec(
        "py-spy", "record", "--pid", str(pid), "--duration", f"{seconds:.0f}", "--rate", str(SAMPLES_A_SECOND),
        "--function", "--gil", "--output", path,
    )  # fmt: skip
    yield
    await drawing.wait()
    # Its title is the command, with the folders of this machine.
    await asyncio.to_thread(lambda: path.write_text(re.sub("py-spy record[^<]*", "the media plane", path.read_text())))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, required=True, help="a short question of a real voice")
    parser.add_argument("--kinds", nargs="+", choices=["web", "sip"], default=["web", "sip"])
    parser.add_argument("--calls", nargs="+", type=int, default=STEPS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--flame", type=Path, help="draw this picture of the first kind and number of calls")
    options = parser.parse_args(argv)
    if options.flame is not None and shutil.which("py-spy") is None:
        parser.error("py-spy is not installed: pip install py-spy")
    question = Question(options.speech)
    if len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, set(cores) - {CORE})
    if options.flame is not None:
        kind, calls = options.kinds[0], options.calls[0]
        load = asyncio.run(
            one_load(
                kind, calls, options.seconds, question, CORE,
                lambda pid: drawn(options.flame, pid, options.seconds - 20),
            )
        )  # fmt: skip
        print(json.dumps(load.json(), indent=2))
        return 0
    found = [density(kind, options.calls, options.seconds, question) for kind in options.kinds]
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
