"""Calls that the whole product places by a trunk: Debian's kamailio, and Debian's baresip picks up."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.speech import SAMPLE_RATE_HZ, Language
from engines.model_files import verified
from engines.whisper import WhisperRecogniser
from realtime.rates import PHONE_TIMES, Up
from tests.calls import trunk
from tests.calls.product import Product
from tests.calls.team import access
from tests.calls.test_phone_call import shown, until
from tests.calls.trunk_clinic import NUMBER, open_always, open_as
from tests.realtime.phone.handset import Handset
from workers.settings import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.servers,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not trunk.installed(), reason="Debian's kamailio and baresip-core are not on this machine"),
]

WINDOW_S = 8


@pytest.fixture
def staff(product: Product) -> Iterator[httpx.Client]:
    with access(product, "admin@demo-clinic.local") as signed_in:
        yield signed_in


@pytest.fixture
async def open_clinic(product: Product) -> AsyncIterator[None]:
    before = await open_always(product)
    yield
    await open_as(product, before)


async def dialled(product: Product, number: str) -> dict[str, Any]:
    """What `hatif dial` says in the end."""
    argv = ("-m", "workers.cli", "dial", number, "--tenant", "demo-clinic", "--json")
    dial = await asyncio.create_subprocess_exec(
        sys.executable, *argv, env=product.environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await dial.communicate()
    return json.loads(said)


async def test_whoever_is_called_hears_who_it_is_and_is_answered(
    product: Product, staff: httpx.Client, handset: Handset, tmp_path: Path, open_clinic: None
) -> None:
    hello = await asyncio.to_thread(product.say_into, tmp_path / "hello.wav", 0.2, "Hello?", 0.2)
    asks = ("How much is a consultation?", 0.3)
    question = await asyncio.to_thread(product.say_into, tmp_path / "question.wav", 0.2, *asks)
    await handset.wait()
    try:
        dialling = asyncio.create_task(dialled(product, NUMBER))
        assert await handset.rung(90)
        await handset.say(hello)
        told = await dialling
        assert told["result"] == "answered", told

        async def answered(kind: str) -> bool:
            return any(turn["kind"] == kind for turn in (await shown(staff, told["call_id"]))["turns"])

        await until(lambda: answered("greeting"))
        await handset.say(question)
        await until(lambda: answered("answer"))
        handset.hang_up()

        async def ended() -> str | None:
            return (await shown(staff, told["call_id"]))["call"]["outcome"]

        assert await until(ended) == "caller_hung_up"
    finally:
        await handset.close()
    recogniser = WhisperRecogniser(verified("whisper-base", Settings().models_dir))
    sound, window = Up(PHONE_TIMES).feed(handset.heard()), WINDOW_S * 2 * SAMPLE_RATE_HZ
    heard = [
        (await recogniser.transcribe(sound[at : at + window], language=Language.EN)).text.lower()
        for at in range(0, len(sound), window)
    ]
    assert "assistant" in heard[0] or "clinic" in heard[0], heard
    assert any(number in " ".join(heard) for number in ("200", "300")), heard
