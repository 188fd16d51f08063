"""Phone calls against the whole product: by AudioSocket through the death of a media worker, and by SIP."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from domain import sentences
from domain.speech import SAMPLE_RATE_HZ, Language
from engines.model_files import verified
from engines.whisper import WhisperRecogniser
from realtime.phone.legs import call_id_of
from realtime.rates import PHONE_TIMES, Up
from tests.calls.product import Product
from tests.calls.team import access, told
from tests.realtime.phone.exchange import Exchange
from tests.realtime.phone.handset import for_the_phone
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.streams.service import TwilioCall
from workers.provision import tenant_id_of
from workers.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(240)]

ADMIN = "admin@demo-shop.local"
DELIVERY_COSTS = "dirham"
PROOF_ASKED = "phone number on the order"
ORDER_4572 = "washing machine"


@pytest.fixture
def staff(product: Product) -> Iterator[httpx.Client]:
    with access(product, ADMIN) as signed_in:
        yield signed_in


async def shown(staff: httpx.Client, call_id: str) -> dict[str, Any]:
    return await asyncio.to_thread(told, staff, call_id)


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(90):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.2)


@pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine")
async def test_a_sip_phone_hears_the_answer(product: Product, question: Path, tmp_path: Path) -> None:
    asked = for_the_phone(question)
    phone = SipPhone(tmp_path, bytes(16_000 * 9) + asked + bytes(16_000 * 16))
    await phone.call(f"sip:demo@127.0.0.1:{product.sip_port}")
    await phone.told("terminated")
    await phone.close()
    recogniser = WhisperRecogniser(verified("whisper-base", Settings().models_dir))
    sound = Up(PHONE_TIMES).feed(phone.heard())
    second = 2 * SAMPLE_RATE_HZ
    heard = [
        (await recogniser.transcribe(sound[at : at + 8 * second], language=Language.EN)).text
        for at in range(0, len(sound), 8 * second)
    ]
    assert "noor" in heard[0].lower() or "assistant" in heard[0].lower(), heard
    # 35 dirhams, and nothing from 500 on: it misspells the currency, and a window may cut one of the two.
    assert any(number in " ".join(heard[1:]) for number in ("35", "500")), heard


def holder(product: Product, own_port: int) -> psutil.Process:
    """The media worker at the other end of a leg."""
    for process in psutil.Process(product.pid).children(recursive=True):
        if any(c.raddr and c.raddr.port == own_port for c in process.net_connections("tcp")):
            return process
    raise AssertionError("nobody has this leg")


async def answered(staff: httpx.Client, call_id: str, lease: int, words: str) -> list[dict[str, Any]]:
    """What the agent has said so under this lease, or a later one."""
    turns = (await shown(staff, call_id))["turns"]
    return [turn for turn in turns if turn["lease"] >= lease and words in turn["text"] and turn["kind"]]


async def goes_on(staff: httpx.Client, call_id: str, before: list[dict[str, Any]]) -> int:
    """The next worker has said that the call was cut off, and answered what was asked last; the lease it has."""
    asked = before[-1]
    assert asked["speaker"] == "caller"
    lease = asked["lease"] + 1
    (first,) = await until(lambda: answered(staff, call_id, lease, DELIVERY_COSTS))
    assert sentences.CUT_OFF[Language.EN] in first["text"]
    after = (await shown(staff, call_id))["turns"]
    assert after[: len(before)] == before
    assert first["seq"] == asked["seq"] + 1
    return lease


async def test_a_phone_call_outlives_its_media_worker(product: Product, question: Path, staff: httpx.Client) -> None:
    """Killed in the middle of its answer, on a leg that is then brought again: nothing has to be said twice."""
    leg = uuid.uuid4()
    call_id = call_id_of(tenant_id_of("demo-shop"), str(leg))

    async def greeted() -> bool:
        return bool((await shown(staff, call_id))["turns"])

    exchange = await Exchange.dial(product.audiosocket_port, leg)
    await exchange.speech(1_000)
    await until(greeted)
    exchange.say(for_the_phone(question))
    await exchange.said()
    await exchange.speech(300, after=len(exchange.heard))
    holder(product, exchange.own_port).send_signal(signal.SIGKILL)
    async with asyncio.timeout(20):
        await exchange.closed.wait()
    assert not exchange.was_hung_up
    await exchange.close()
    before = (await shown(staff, call_id))["turns"]

    # As the dialplan does, once a second.
    again = await Exchange.dial(product.audiosocket_port, leg)
    await again.speech(1_000)
    lease = await goes_on(staff, call_id, before)

    # An entry that # ends, and one that a pause ends.
    again.press_all("4572#")
    await until(lambda: answered(staff, call_id, lease, PROOF_ASKED))
    again.press_all("0505550101")
    await until(lambda: answered(staff, call_id, lease, ORDER_4572))
    await again.hang_up()

    async def ended() -> str | None:
        return (await shown(staff, call_id))["call"]["outcome"]

    assert await until(ended) == "caller_hung_up"
    late = await Exchange.dial(product.audiosocket_port, leg)
    async with asyncio.timeout(20):
        await late.closed.wait()
    assert late.was_hung_up
    await late.close()


async def test_a_call_by_twilio_outlives_its_media_worker(
    product: Product, question: Path, staff: httpx.Client
) -> None:
    """Killed in the middle of its answer; the service asks again, as its document says, and brings the next stream."""
    call = TwilioCall(port=product.streams_port)
    call_id = call_id_of(tenant_id_of("demo-shop"), call.name, call.call)
    url, then = await call.told(await call.asks())
    stream = await call.streams(url)
    async with asyncio.timeout(60):
        await stream.loud.wait()
        await stream.marked.wait()

    async def greeted() -> bool:
        return bool((await shown(staff, call_id))["turns"])

    await until(greeted)
    await stream.speaks(for_the_phone(question))
    stream.loud.clear()
    async with asyncio.timeout(60):
        await stream.loud.wait()
    holder(product, stream.own_port).send_signal(signal.SIGKILL)
    await stream.is_over()
    before = (await shown(staff, call_id))["turns"]
    url, then = await call.told(await call.asks(then))
    stream = await call.streams(url)
    await goes_on(staff, call_id, before)
    await stream.hangs_up()

    async def ended() -> str | None:
        return (await shown(staff, call_id))["call"]["outcome"]

    assert await until(ended) == "caller_hung_up"
    assert "<Hangup/>" in (await call.asks(then)).text
