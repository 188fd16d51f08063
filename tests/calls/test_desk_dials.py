"""A promised callback that the agent dials at the desk's button: whoever answers rings there, and is talked with."""

from __future__ import annotations

import asyncio
import math
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.calls import trunk
from tests.calls.desk import HERE_MS, RINGS_MS, Desk, sing, wait_tone
from tests.calls.product import Product
from tests.calls.test_pages import assert_accessible
from tests.calls.trunk_clinic import NUMBER, WANTED, open_always, open_as, promise
from tests.conftest import run_apart
from tests.realtime.phone.handset import Handset
from tests.realtime.phone.test_sip import pitch_hz

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.servers,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not trunk.installed(), reason="Debian's kamailio and baresip-core are not on this machine"),
]

GRACE = "grace@demo-clinic.local"
CALLED_HZ, ADVISOR_HZ = 450.0, 650.0
SINGS_S = 120
PICKS_UP_S = 90
LOOK_MS = 300


@pytest.fixture
def open_clinic(product: Product) -> Iterator[None]:
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

    over = Event()

    async def answer() -> None:
        await handset.wait()
        try:
            assert await handset.rung(PICKS_UP_S)
            await handset.say(hello)
            await asyncio.sleep(2)  # who picks up is found out from the silence after it
            await handset.begin(then)
            await asyncio.to_thread(over.wait, SINGS_S)
        finally:
            await handset.close()

    with ThreadPoolExecutor(1) as thread:
        answering = thread.submit(asyncio.run, answer())
        try:
            yield
        finally:
            over.set()
        answering.result(PICKS_UP_S)


def wait_heard(page: Page, handset: Handset, hz: float) -> None:
    """Until what the phone has heard last is that tone."""
    for _ in range(HERE_MS // LOOK_MS):
        if abs(pitch_hz(handset.latest(1_000), 8_000) - hz) < 15:
            return
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError("the phone does not hear the advisor")


def test_whoever_the_agent_dials_rings_at_the_desk_that_asked(
    product: Product, new_page: Callable[..., Page], handset: Handset, tmp_path: Path, open_clinic: None
) -> None:
    run_apart(promise(product))
    hello = product.say_into(tmp_path / "hello.wav", 0.2, "Hello?", 0.2)
    desk = Desk(new_page(), product, GRACE)
    desk.speak_from({})
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
        expect(desk.offer).to_contain_text(WANTED, timeout=RINGS_MS)
        assert_accessible(page)
        desk.shot("desk-dialled-rings-en")
        desk.accept()
        wait_tone(page, CALLED_HZ, [ADVISOR_HZ])
        sing(page, ADVISOR_HZ)
        wait_heard(page, handset, ADVISOR_HZ)
        desk.shot("desk-dialled-talk-en")
        desk.leave("f")
        desk.wrap_up("resolved")
    callback.get_by_role("button", name="Reached", exact=True).click(timeout=HERE_MS)
    expect(callback).to_be_hidden(timeout=HERE_MS)
    desk.stand_down()
