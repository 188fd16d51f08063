"""The answering process as seen from outside: what it uses, and what lives in it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

from tests.bench.load.callers import LoadCaller, PhoneCaller, Question, WebCaller, asked
from tests.conftest import free_port

STARTS_S = 60.0


@dataclass(frozen=True, slots=True)
class Process:
    sip_port: int
    web_port: int
    known: psutil.Process

    def cpu_s(self) -> float:
        return sum(self.known.cpu_times()[:2])

    def memory_mib(self) -> float:
        return self.known.memory_info().rss / 2**20

    def files(self) -> int:
        return self.known.num_fds()

    def threads(self) -> int:
        return self.known.num_threads()

    async def census(self) -> dict[str, int]:
        return await asked(self.web_port, {"census": True})

    async def call(self, kind: str, question: Question, seconds: float) -> LoadCaller:
        if kind == "web":
            return await WebCaller.call(self.web_port, question)
        return await PhoneCaller.call(self.sip_port, question, seconds)


@asynccontextmanager
async def answering(core: int | None = None) -> AsyncIterator[Process]:
    sip_port, web_port = free_port(), free_port()
    pinned = () if core is None else ("--core", str(core))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load.answering", "--sip", str(sip_port), "--web", str(web_port), *pinned,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        async with asyncio.timeout(STARTS_S):
            while b"ready" not in (line := await child.stdout.readline()):
                if not line:
                    raise AssertionError("the answering process ended")
        yield Process(sip_port, web_port, psutil.Process(child.pid))
    finally:
        child.terminate()
        await child.wait()
