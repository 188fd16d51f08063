"""The board as a supervisor uses it, with an ear beside the page."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.sync_api import Locator, Page, expect

from tests.calls.product import Product
from tests.calls.softphone import SCREENSHOTS, TAP

HERE_MS = 15_000
"""The socket, the store and a page on a busy machine."""
CARRIED = 0.1
"""Share of the last second's sound in one tone, above which it was heard among others; a codec leaves under 0.02."""


class Board:
    def __init__(self, page: Page, product: Product, email: str, password: str | None = None) -> None:
        self.page = page
        self._product = product
        self._email = email
        self._password = password or product.passwords[email]
        page.add_init_script(TAP)
        page.add_init_script("window.__tap.speakFrom({})")

    def open(self) -> None:
        """Sign in, and go to the board."""
        self.page.goto(f"{self._product.address}/login?next=/board")
        form = self.page.locator("form.form")
        form.locator("input").nth(0).fill(self._email.partition("@")[2].removesuffix(".local"))
        form.locator("input").nth(1).fill(self._email)
        form.locator("input").nth(2).fill(self._password)
        form.locator("button").click()
        expect(self.page.locator(".board")).to_be_visible(timeout=HERE_MS)

    def row(self, call_id: str) -> Locator:
        return self.page.locator(f'.live-calls tr:has(a[href="/board/{call_id}"])')

    def watch(self, call_id: str) -> None:
        self.row(call_id).get_by_role("link").click(timeout=HERE_MS)
        expect(self.page.locator(".watch")).to_be_visible()

    def listen(self) -> None:
        """By the key, as people do."""
        self.page.keyboard.press("l")
        expect(self.page.locator(".ear .call-phase-live")).to_be_visible(timeout=HERE_MS)

    def mode(self, key: str, place: int) -> None:
        """`key` s, w or b; `place` of the mode among the three."""
        self.page.keyboard.press(key)
        expect(self.page.locator(".ear-modes input").nth(place)).to_be_checked(timeout=HERE_MS)

    def confirm(self) -> None:
        self.page.get_by_role("dialog").locator("button").first.click()

    def lines(self, speaker: str) -> Locator:
        return self.page.locator(f'.watch .line-{speaker}[data-final="true"] .line-words')

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def wait_heard(page: Page, heard: Iterable[float], silent: Iterable[float]) -> None:
    """Until this page's last second of sound carries each of the one tones, and nothing of the others."""
    page.wait_for_function(
        """({heard, silent, carried}) =>
            window.__tap.shares(heard).every((share) => share > carried) &&
            window.__tap.shares(silent).every((share) => share < 0.02)""",
        arg={"heard": list(heard), "silent": list(silent), "carried": CARRIED},
        timeout=HERE_MS,
        polling=300,
    )
