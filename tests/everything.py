"""`python -m tests.everything`: every test, in lots that two runs of pytest take side by side.

What failed beside the load of everything else is then run alone, three times: it is named as unsteady where it holds
each time, in `build/tests/unsteady.txt` too, and fails the whole otherwise. More than a few failures are no matter of
load. Logs and what pytest remembers lie in `build/tests`, one file and one folder for each lot; a log ends with what
was slow.
"""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SIDE_BY_SIDE = 2
AT_MOST_UNSTEADY = 3
ALONE_TIMES = 3
TESTS_FAILED = 1
"""pytest's exit status when tests ran and some failed; higher ones mean that they could not run."""
BUILD = Path("build") / "tests"
SLOW = ("--durations=0", "--durations-min=2")
"""Into each lot's log: what took two seconds and more."""
LONGEST_FIRST = {
    "calls": ("tests/calls", "tests/workers/test_up_tree.py"),
    "workflows": ("tests/workflows",),
    "realtime": ("tests/realtime",),
    "gateway": ("tests/gateway",),
    "engines": ("tests/engines",),
    "workers": ("tests/workers",),
}


def lots() -> Iterator[tuple[str, list[str]]]:
    """Each lot's name and what pytest is given; the last one is all that no other has."""
    taken = [path for paths in LONGEST_FIRST.values() for path in paths]
    for name, paths in LONGEST_FIRST.items():
        inside = [path for path in taken if path not in paths and path.startswith(tuple(f"{own}/" for own in paths))]
        yield name, [*paths, *(f"--ignore={path}" for path in inside)]
    yield "the-rest", ["tests", *(f"--ignore={path}" for path in taken)]


async def run_lot(name: str, arguments: list[str], places: asyncio.Semaphore) -> int:
    """pytest's exit status; its output is shown when it ends, whole where it did not end well."""
    async with places:
        print(f"{name}: begun", flush=True)
        began = time.monotonic()
        log = BUILD / f"{name}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pytest",
                "-o",
                f"cache_dir={BUILD / name}",
                *SLOW,
                *arguments,
                stdout=out,
                stderr=out,
            )
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
        told = log.read_text(errors="replace").rstrip()
        minutes = (time.monotonic() - began) / 60
        shown = told if status else told.rpartition("\n")[2]
        print(f"{name}: ended with {status} after {minutes:.1f} min\n{shown}", flush=True)
        return status


def failed_in(name: str) -> list[str]:
    """The tests of this lot that failed, by the names that pytest takes."""
    remembered = BUILD / name / "v" / "cache" / "lastfailed"
    return list(json.loads(remembered.read_text())) if remembered.exists() else []


async def holds_alone(tests: list[str]) -> bool:
    for number in range(1, ALONE_TIMES + 1):
        print(f"Again, alone, {number} of {ALONE_TIMES}:", flush=True)
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests)
        if await process.wait():
            return False
    return True


async def everything() -> int:
    """The exit status of the whole."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    named = list(lots())
    began = time.monotonic()
    statuses = await asyncio.gather(*(run_lot(name, arguments, places) for name, arguments in named))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took_min, core_min = (time.monotonic() - began) / 60, (used.ru_utime + used.ru_stime) / 60
    print(f"all: {took_min:.1f} min, in which one core would have worked {core_min:.1f} min", flush=True)
    if worst := max((status for status in statuses if status != TESTS_FAILED), default=0):
        return worst
    failed = [test for name, _ in named for test in failed_in(name)]
    if not failed:
        return max(statuses)
    if len(failed) > AT_MOST_UNSTEADY or not await holds_alone(failed):
        return TESTS_FAILED
    (BUILD / "unsteady.txt").write_text("\n".join(failed) + "\n")
    print("UNSTEADY: failed beside the load, held three times alone. Each is a defect, of the test or the product:")
    print("\n".join(failed))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(everything()))
