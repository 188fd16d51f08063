"""A phone call by AudioSocket against the whole product, through the death of the media worker that holds it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import uuid
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from domain import sentences
from domain.speech import Language
from realtime.audiosocket.server import call_id_of
from realtime.rates import PHONE_TIMES, Down
from tests.calls.product import Product
from tests.realtime.phone.exchange import Exchange
from workers.provision import tenant_id_of

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(240)]

DELIVERY_COSTS = "dirham"


def for_the_phone(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return Down(PHONE_TIMES).feed(sound[: len(sound) // 2 * 2].reshape(-1, 1))


async def shown(product: Product, call_id: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", "workers.cli", "show", call_id, "--json"]
    done = await asyncio.to_thread(
        subprocess.run, argv, env=product.environment, capture_output=True, text=True, timeout=60, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"turns": [], "call": {"outcome": None}}


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(90):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.2)


def holder(product: Product, exchange: Exchange) -> psutil.Process:
    """The media worker at the other end of a leg."""
    for process in psutil.Process(product.pid).children(recursive=True):
        if any(c.raddr and c.raddr.port == exchange.own_port for c in process.net_connections("tcp")):
            return process
    raise AssertionError("nobody has this leg")


async def test_a_phone_call_outlives_its_media_worker(product: Product, question: Path) -> None:
    leg = uuid.uuid4()
    call_id = call_id_of(tenant_id_of("demo-shop"), leg)
    asked = for_the_phone(question)

    async def answers(lease: int) -> list[dict[str, Any]]:
        return [
            turn
            for turn in (await shown(product, call_id))["turns"]
            if turn["lease"] >= lease and turn["kind"] == "answer" and DELIVERY_COSTS in turn["text"]
        ]

    exchange = await Exchange.dial(product.audiosocket_port, leg)
    await exchange.speech(1_000)
    exchange.say(asked)
    await until(lambda: answers(1))
    holder(product, exchange).send_signal(signal.SIGKILL)
    async with asyncio.timeout(20):
        await exchange.closed.wait()
    assert not exchange.was_hung_up
    await exchange.close()
    before = (await shown(product, call_id))["turns"]

    # As the dialplan does, once a second.
    again = await Exchange.dial(product.audiosocket_port, leg)
    await again.speech(1_000)
    again.say(asked)
    await until(lambda: answers(before[-1]["lease"] + 1))
    after = (await shown(product, call_id))["turns"]
    assert after[: len(before)] == before
    first = next(turn for turn in after if turn["lease"] > before[-1]["lease"])
    assert first["speaker"] == "agent"
    assert sentences.CUT_OFF[Language.EN] in first["text"]
    await again.hang_up()

    async def ended() -> str | None:
        return (await shown(product, call_id))["call"]["outcome"]

    assert await until(ended) == "caller_hung_up"
    late = await Exchange.dial(product.audiosocket_port, leg)
    async with asyncio.timeout(20):
        await late.closed.wait()
    assert late.was_hung_up
    await late.close()
