"""Phone calls on this machine: `python -m tests.bench.phone voice` and `python -m tests.bench.phone load --calls 50`.

`voice` starts the product with its embedded models, calls it by SIP and asks spoken English questions: what a caller
waits at 8 kHz, from the recording (docs/performance.md).

`load` answers calls in one process of its own, by the product's SIP endpoint, ear and mouth with the real voice
detector; the recogniser, the model and the voice are stand-ins that take no time. sipp calls it, first once and then
with all the calls, each of which asks again and again; sound goes to and from this process by RTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.calls import SPOKEN
from tests.bench.load.callers import Question
from tests.bench.load.round import one_load, percentile
from tests.calls.product import running_product
from workers.caller.audio_file import read_clip
from workers.caller.phone.address import SipAddress
from workers.caller.phone.phone import Phone


async def voice_to_voice(port: int, clips: Sequence[Path]) -> list[int]:
    waits: list[int] = []
    async with Phone(SipAddress(user="demo", host="127.0.0.1", port=port)) as phone:
        await phone.greeted()
        for clip in clips:
            turn = await phone.speak(read_clip(clip))
            if turn.with_openers_ms is not None:
                waits.append(turn.with_openers_ms)
    return waits


def measure_voice(rounds: int) -> dict[str, object]:
    waits: list[int] = []
    with TemporaryDirectory() as folder, running_product(slots=2, extra={"HATIF_KEPT_SPEECH_MB": "0"}) as product:
        clips = [product.say_into(Path(folder) / f"{n}.wav", 0.2, text, 0.2) for n, text in enumerate(SPOKEN)]
        for _ in range(rounds):
            waits += asyncio.run(voice_to_voice(product.sip_port, clips))
    waits.sort()
    return {
        "asked": rounds * len(SPOKEN),
        "answered": len(waits),
        "with_openers_ms": waits,
        "p50": round(statistics.median(waits)) if waits else None,
        "p95": percentile(waits, 0.95),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["voice", "load"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--speech", type=Path, help="a short question of a real voice, for `load`")
    options = parser.parse_args(argv)
    match options.what:
        case "voice":
            print(json.dumps(measure_voice(options.rounds), indent=2))
        case _:
            question = Question(options.speech)
            for calls in (1, options.calls):
                load = asyncio.run(one_load("sip", calls, options.seconds, question))
                print(json.dumps(load.json(), indent=2), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
