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
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

from tests.bench.answering import serve
from tests.bench.calls import SPOKEN
from tests.calls.product import running_product
from tests.conftest import free_port
from tests.realtime.phone.rtp import PACKET, TABLES, RtpCaller
from tests.realtime.phone.sipp import Scenario
from workers.caller.audio_file import read_clip
from workers.caller.phone.address import SipAddress
from workers.caller.phone.phone import Phone

LOUD = 500
"""Silence by G.711 stays below 10, the stand-in's tone is above 4,000."""
GAP_MS = 60
PAUSE_S = 4.0
"""Between a caller's answer and the next question."""
WAITS_S = 15.0
STARTS_S = 60.0
RAMP_S = 0.2
"""Between two callers who dial."""


class Asker(RtpCaller):
    """Asks the same again and again, and notes how long it waited and where its sound had gaps."""

    def __init__(self, law: str, hz: int) -> None:
        super().__init__(law, hz)
        self.waits_ms: list[int] = []
        self.gaps_ms: list[int] = []
        self.unanswered = 0
        self._came_s: float | None = None
        self._loud = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now_s = time.monotonic()
        if self._came_s is not None and (now_s - self._came_s) * 1000 > GAP_MS:
            self.gaps_ms.append(round((now_s - self._came_s) * 1000))
        self._came_s = now_s
        super().datagram_received(data, addr)
        self.forget()
        if np.abs(TABLES[self.law][np.frombuffer(data[12:], np.uint8)].astype(int)).mean() > LOUD:
            self._loud.set()

    async def ask(self, question: np.ndarray, until_s: float) -> None:
        """`question` ends with its last loud sample."""
        while time.monotonic() < until_s:
            self.says(question)
            await asyncio.sleep(len(question) / 8_000)
            self._loud.clear()
            asked_s = time.monotonic()
            try:
                await asyncio.wait_for(self._loud.wait(), WAITS_S)
                self.waits_ms.append(round((time.monotonic() - asked_s) * 1000))
            except TimeoutError:
                self.unanswered += 1
            await asyncio.sleep(PAUSE_S)


async def one_load(calls: int, seconds: float, question: np.ndarray) -> dict[str, object]:
    port = free_port()
    answering = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.phone", "answer", "--port", str(port), stdout=asyncio.subprocess.PIPE
    )
    assert answering.stdout is not None
    with TemporaryDirectory() as folder:
        try:
            async with asyncio.timeout(STARTS_S):
                while b"ready" not in await answering.stdout.readline():
                    pass
            process = psutil.Process(answering.pid)
            before = process.memory_info().rss
            askers = [await Asker.open("PCMU", 0) for _ in range(calls)]
            calling: list[asyncio.Task[None]] = []
            for asker in askers:
                scenario = Scenario(law="PCMU", media_port=asker.port).established()
                scenario = scenario.pause(round(seconds * 1000)).bye().answered()
                calling.append(asyncio.create_task(scenario.play(port, Path(folder), within_s=seconds + 60)))
                await asyncio.sleep(RAMP_S)
            began_s, used = time.monotonic(), sum(process.cpu_times()[:2])
            await asyncio.gather(*(asker.ask(question, began_s + seconds - WAITS_S) for asker in askers))
            spent = (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began_s)
            memory = process.memory_info().rss - before
            ended = await asyncio.gather(*calling, return_exceptions=True)
            for asker in askers:
                await asker.close()
        finally:
            answering.terminate()
            await answering.wait()
    waits = sorted(wait for asker in askers for wait in asker.waits_ms)
    return {
        "calls": calls,
        "failed": sum(isinstance(one, BaseException) for one in ended),
        "turns": len(waits),
        "turns_unanswered": sum(asker.unanswered for asker in askers),
        "turn_ms_p50": round(statistics.median(waits)) if waits else None,
        "turn_ms_p95": waits[min(len(waits) - 1, len(waits) * 95 // 100)] if waits else None,
        "gaps": sum(len(asker.gaps_ms) for asker in askers),
        "longest_gap_ms": max((gap for asker in askers for gap in asker.gaps_ms), default=0),
        "cpu_of_a_core_per_call": round(spent / calls, 3),
        "memory_per_call_mib": round(memory / calls / 2**20, 1),
        "load_average": round(os.getloadavg()[0], 1),
    }


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
        "p95": waits[min(len(waits) - 1, len(waits) * 95 // 100)] if waits else None,
        "load_average": round(os.getloadavg()[0], 1),
    }


def question_of(path: Path) -> np.ndarray:
    """8 kHz, up to the last loud sample, in whole packets."""
    sound = read_clip(path)[::6].astype("<i2")
    last = int(np.flatnonzero(np.abs(sound.astype(int)) > LOUD)[-1]) + 1
    return np.pad(sound[:last], (-last % PACKET, 0))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["voice", "load", "answer"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--speech", type=Path, help="a short question of a real voice, for `load`")
    parser.add_argument("--port", type=int, default=5060)
    options = parser.parse_args(argv)
    match options.what:
        case "answer":
            asyncio.run(serve(options.port))
        case "voice":
            print(json.dumps(measure_voice(options.rounds), indent=2))
        case _:
            question = question_of(options.speech)
            for calls in (1, options.calls):
                print(json.dumps(asyncio.run(one_load(calls, options.seconds, question)), indent=2), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
