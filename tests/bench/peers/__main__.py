"""Hatif beside pipecat-ai and livekit-agents, in one go: `python -m tests.bench.peers` (docs/performance.md).

The same recorded conversation on the same machine, with the same recogniser, voice and language model. Results go to
build/bench.json; a row that is measured again takes the place of the older one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx

from tests.bench.peers import conversation
from tests.bench.peers.environments import ROOT, NotInstalled, python_of
from tests.bench.peers.lines import HatifLine, PeerLine
from tests.bench.peers.measuring import CallRecord, Figures, measure
from tests.bench.peers.report import Row, kept, row_of, table
from tests.bench.peers.targets import EMBEDDED, LEADS, MOCK, Target, hatif, model_server, peer
from workers.caller.recording import to_samples

PROFILES = {
    "hatif": ("default", LEADS),
    "pipecat": ("default", "tuned", "short-window"),
    "livekit": ("default", "tuned", "short-window"),
}
BUILD = ROOT / "build"
FOLDER = BUILD / "bench"
SAID = FOLDER / "said"
PICTURE = ROOT / "docs" / "images" / "peers.png"


def rows(options: argparse.Namespace) -> list[Row]:
    """The embedded model does not lead: it is worse than what it would lead."""
    return [
        Row(target=target, profile=profile, model=model)
        for model in options.models
        for target in options.targets
        for profile in PROFILES[target]
        if (not options.profiles or profile in options.profiles) and (model, profile) != (EMBEDDED, LEADS)
    ]


async def call(target: Target, row: Row, llm_url: str | None, options: argparse.Namespace) -> dict[str, Any]:
    """One or several calls, and what they came to."""
    turns = conversation.CONVERSATION[: options.turns]
    said = await conversation.recorded(SAID, turns)
    figures = Figures()
    cpu_s, seconds, slipped_ms, more_mb = 0.0, 0.0, 0, None
    for number in range(options.calls):
        async with target.open() as line:
            await conversation.greeted(line)
            since_s, since = target.cpu_s(), line.now
            marks = await conversation.converse(line, turns, said)
            cpu_s, seconds = cpu_s + target.cpu_s() - since_s, seconds + (line.now - since) / 16_000
            asked = await _asked(llm_url, line) if row.model == MOCK and llm_url else None
            length = line.now
            if number == options.calls - 1:
                more_mb = await _second_call(target)
        slipped_ms += line.slipped_ms
        line.recording.write(FOLDER / f"{row.name.replace(' ', '-')}-{number + 1}.wav")
        sent, received = line.recording.sent.samples(0, length), line.recording.received.samples(0, length)
        measure(
            CallRecord(sent=sent, received=received, marks=marks, told=line.told(), model_asked=asked),
            figures,
        )
    if slipped_ms:
        print(f"  too busy a machine: it held up the caller's own sound by {slipped_ms} ms", flush=True)
    print(f"  {figures}", flush=True)
    return row_of(
        row,
        figures,
        cpu_s_per_call_min=round(cpu_s / seconds * 60, 1),
        rss_mb_per_call=more_mb,
        caller_slipped_ms=slipped_ms,
    )


async def _asked(llm_url: str, line: HatifLine | PeerLine) -> list[int]:
    """When the model was asked, on the recording's clock, which is this machine's."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return [to_samples((at_s - line.origin_s) * 1000) for at_s in (await http.get(f"{llm_url}/asked")).json()]


async def _second_call(target: Target) -> float | None:
    """What a call beside the first one adds to the memory."""
    before = target.rss_mb()
    try:
        async with target.open() as line:
            await conversation.greeted(line)
            return round(max(0.0, target.rss_mb() - before), 1)
    except Exception as error:
        print(f"  the second call did not come about: {type(error).__name__}", flush=True)
        return None


def measured(row: Row, options: argparse.Namespace) -> dict[str, Any]:
    def on(open_target: Callable[[str | None], AbstractContextManager[Target]], llm_url: str | None) -> dict[str, Any]:
        with open_target(llm_url) as target:
            return asyncio.run(call(target, row, llm_url, options))

    try:
        if row.target == "hatif" and row.model == EMBEDDED:
            return on(lambda url: hatif(row, url), None)
        if row.target != "hatif":
            python_of(row.target)
        with model_server(row.model, FOLDER) as url:
            return on(
                (lambda url: hatif(row, url)) if row.target == "hatif" else lambda url: peer(row, url, FOLDER), url
            )
    except NotInstalled as error:
        reason = f"{row.target} is not here: {error}"
    except conversation.CallEnded:
        reason = "the call ended before the conversation did"
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:200]
    print(f"  {reason}", flush=True)
    return row_of(row, None, reason=reason)


def draw() -> None:
    try:
        argv = [str(python_of("plot")), str(Path(__file__).with_name("picture.py")), str(BUILD / "bench.json")]
        subprocess.run([*argv, str(PICTURE)], check=True)
        print(f"Drawn: {PICTURE.relative_to(ROOT)}")
    except (NotInstalled, subprocess.CalledProcessError) as error:
        print(f"No picture: {error}")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", nargs="+", choices=list(PROFILES), default=list(PROFILES))
    parser.add_argument("--models", nargs="+", choices=[MOCK, EMBEDDED], default=[MOCK, EMBEDDED])
    parser.add_argument("--profiles", nargs="+", choices=sorted({one for some in PROFILES.values() for one in some}))
    parser.add_argument("--turns", type=int, default=len(conversation.CONVERSATION), help="only so many first ones")
    parser.add_argument("--calls", type=int, default=1, help="conversations in a row")
    parser.add_argument("--draw", action="store_true", help="also draw docs/images/peers.png")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    SAID.mkdir(parents=True, exist_ok=True)
    for row in rows(options):
        print(f"{row.name} …  (load average {os.getloadavg()[0]:.1f})", flush=True)
        every = kept(BUILD / "bench.json", [measured(row, options)])
    print(table(every))
    if options.draw:
        draw()
    return 0


if __name__ == "__main__":
    sys.exit(main())
