"""A running product, and real Chromium beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.calls import trunk
from tests.calls.product import Product, running_product
from tests.calls.softphone import Softphone
from tests.connectors.fakes.tls import Authority, authority
from tests.realtime.phone.handset import Handset

SLOTS = 2
"""One in each of the two media workers: a third caller meets a busy line."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
ARGS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
    "--use-fake-device-for-media-stream",
)
GRANTED = "--use-fake-ui-for-media-stream"


@pytest.fixture(scope="package")
def vendor_tls(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the stand-ins of vendors."""
    return authority(tmp_path_factory.mktemp("vendors"))


@pytest.fixture(scope="package")
def handset(tmp_path_factory: pytest.TempPathFactory) -> Handset:
    """The phone at the end of the demo clinic's trunk; it is there while a test has it `wait`."""
    return Handset(tmp_path_factory.mktemp("handset"))


@pytest.fixture(scope="package")
def product(vendor_tls: Authority, handset: Handset) -> Iterator[Product]:
    # Stand-ins of vendors, and of a company's own addresses, are on this machine.
    inside = {
        "HATIF_PRIVATE_VENDOR_HOSTS": "127.0.0.1",
        "HATIF_PRIVATE_VENDOR_CA": str(vendor_tls.ca_file),
        "HATIF_PRIVATE_HOOK_HOSTS": "127.0.0.1",
    }
    with ExitStack() as running:
        # The clinic calls people; nothing that a test does at the shop rings anybody.
        if trunk.installed():
            inside |= running.enter_context(trunk.trunk_to(handset.port, handset.folder, "demo-clinic"))
        yield running.enter_context(running_product(slots=1, extra=inside))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Not for the whole session: while it lives, its event loop counts as running, and no asynchronous test can."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that grants the microphone."""
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, GRANTED])
    yield launched
    launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages of separate visitors; whatever call they still hold ends with them."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        wanted: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        context = browser.new_context(**wanted)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        for page in context.pages:
            page.close(run_before_unload=False)
        context.close()


@pytest.fixture
def softphone(product: Product, new_page: Callable[..., Page]) -> Softphone:
    return Softphone(new_page(), product.address)


@pytest.fixture(scope="package")
def question(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return product.say_into(tmp_path_factory.mktemp("voice") / "question.wav", 0.2, "How much does delivery cost?", 0.3)


@pytest.fixture(scope="package")
def interruption(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return product.say_into(
        tmp_path_factory.mktemp("voice") / "interruption.wav", "Excuse me, is there parking for my car?", 0.3
    )
