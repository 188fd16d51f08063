"""A promised callback that the agent dials at the desk's button: whoever answers rings there, and is talked with."""

from __future__ import annotations

import asyncio
import math
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.calls import trunk
from tests.calls.desk import HERE_MS, RINGS_MS, Desk, sing, wait_tone
from tests.calls.product import Product
from tests.calls.test_pages import assert_accessible
from tests.calls.trunk_shop import NUMBER, open_always, open_as, promise
from tests.conftest import run_apart
from tests.realtime.phone.handset import Handset

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.servers,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not trunk.installed(), reason="Debian's kamailio and baresip-core are not on this machine"),
]

PRIYA = "priya@demo-shop.local"
CALLED_HZ, ADVISOR_HZ = 450.0, 650.0
SINGS_S = 60
PICKS_UP_S = 90


@pytest.fixture
def open_shop(product: Product) -> Iterator[None]:
    before = run_apart(open_always(product))
    yield
    run_apart(open_as(product, before))


def sung(path: Path) -> Path:
    n = np.arange(16_000 * SINGS_S)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((9_000 * np.sin(2 * math.pi * CALLED_HZ * n / 16_000)).astype("<i2").tobytes())
    return path


@contextmanager
def picked_up(handset: Handset, hello: Path, then: Path) -> Iterator[None]:
    """On a thread of its own, for the browser has this one: whoever is called says hello, and then that."""

    async def answer() -> None:
        await handset.wait()
        try:
            assert await handset.rung(PICKS_UP_S)
            await handset.say(hello)
            await asyncio.sleep(2)  # who picks up is found out from the silence after it
            await handset.say(then)
        finally:
            await handset.close()

    with ThreadPoolExecutor(1) as thread:
        answering = thread.submit(asyncio.run, answer())
        yield
        answering.result(PICKS_UP_S + SINGS_S)


def test_whoever_the_agent_dials_rings_at_the_desk_that_asked(
    product: Product, new_page: Callable[..., Page], handset: Handset, tmp_path: Path, open_shop: None
) -> None:
    run_apart(promise(product))
    hello = product.say_into(tmp_path / "hello.wav", 0.2, "Hello?", 0.2)
    desk = Desk(new_page(), product, PRIYA)
    desk.open()
    desk.ready()
    page = desk.page
    callback = page.locator(".callback").filter(has_text=NUMBER)
    page.get_by_role("button", name="I'll call").first.click(timeout=HERE_MS)
    expect(callback).to_be_visible(timeout=HERE_MS)
    desk.shot("desk-callback-en")
    with picked_up(handset, hello, sung(tmp_path / "sung.wav")):
        callback.get_by_role("button", name="Let the agent call").click()
        expect(callback.get_by_role("status")).to_have_text("The agent is calling…", timeout=HERE_MS)
        desk.shot("desk-dials-en")
        page.get_by_role("button", name="العربية").click()
        desk.shot("desk-dials-ar")
        page.get_by_role("button", name="English").click()
        expect(desk.offer).to_be_visible(timeout=RINGS_MS)
        assert_accessible(page)
        desk.shot("desk-dialled-rings-en")
        desk.accept()
        wait_tone(page, CALLED_HZ, [ADVISOR_HZ])
        sing(page, ADVISOR_HZ)
        desk.shot("desk-dialled-talk-en")
        desk.leave("f")
        desk.wrap_up("resolved")
    desk.stand_down()
