"""The desk as an advisor uses it, with an ear beside the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.calls.product import Product
from tests.calls.softphone import SCREENSHOTS, TAP

HERE_MS = 15_000
"""The socket, the store and a page on a busy machine."""
RINGS_MS = 60_000
"""From the caller's wish to the ring: what the agent says to it comes first."""


class Desk:
    def __init__(self, page: Page, product: Product, email: str) -> None:
        self.page = page
        self.email = email
        self._product = product
        page.add_init_script(TAP)

    def speak_from(self, wavs: dict[str, Path]) -> None:
        """Before `open`: replaces the microphone by these files, each played when `say` names it."""
        encoded = {name: base64.b64encode(path.read_bytes()).decode() for name, path in wavs.items()}
        self.page.add_init_script(f"window.__tap.speakFrom({json.dumps(encoded)})")

    def open(self) -> None:
        """Sign in, and go to the desk."""
        slug = self.email.partition("@")[2].removesuffix(".local")
        self.page.goto(f"{self._product.address}/login?next=/desk")
        form = self.page.locator("form.form")
        form.locator("input").nth(0).fill(slug)
        form.locator("input").nth(1).fill(self.email)
        form.locator("input").nth(2).fill(self._product.passwords[self.email])
        form.locator("button").click()
        self.wait_state("away")

    def look_elsewhere(self) -> None:
        """As a browser does whose window is behind another."""
        self.page.evaluate("document.hasFocus = () => false")

    def choose(self, state: str) -> None:
        self.page.locator(f".presence-choice-{state}").click()

    def ready(self) -> None:
        self.choose("ready")
        self.wait_state("ready")

    def stand_down(self) -> None:
        """Away from now on, or after the call at hand."""
        self.page.goto(f"{self._product.address}/desk")
        self.choose("away")
        expect(self.page.locator(".presence-choice-away input")).to_be_checked()
        expect(self.page.locator(".presence-switch")).to_be_enabled(timeout=HERE_MS)

    def wait_state(self, state: str) -> None:
        """What the desk says of its advisor: ready, ringing, busy, wrap_up, away."""
        expect(self.page.locator(f".presence-{state}")).to_be_visible(timeout=HERE_MS)

    @property
    def offer(self) -> Locator:
        return self.page.locator(".offer")

    def wait_ring(self) -> None:
        expect(self.offer).to_be_visible(timeout=RINGS_MS)

    def accept(self) -> None:
        """By the key, as people do."""
        self.page.keyboard.press("Enter")
        self.wait_talk()

    def wait_talk(self) -> None:
        expect(self.page.locator(".line-bar .call-phase-live")).to_be_visible(timeout=HERE_MS)

    def say(self, name: str) -> None:
        self.page.evaluate("name => window.__tap.say(name)", name)

    def lines(self, speaker: str) -> Locator:
        return self.page.locator(f'.talk .line-{speaker}[data-final="true"] .line-words')

    def leave(self, way: str, note: str = "") -> None:
        """`way` is the key: g gives back, q passes on, f finishes."""
        self.page.keyboard.press(way)
        dialog = self.page.get_by_role("dialog")
        if note:
            dialog.locator("textarea").fill(note)
        dialog.locator("button[type=submit]").click()

    def wrap_up(self, disposition: str, notes: str = "") -> None:
        self.wait_state("wrap_up")
        form = self.page.locator(".wrap-up")
        form.locator(f"input[value={disposition}]").check(force=True)
        if notes:
            form.locator("textarea").fill(notes)
        form.locator("button[type=submit]").click()
        expect(form).to_be_hidden(timeout=HERE_MS)

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def sing(page: Page, hz: float | None) -> None:
    """Into this page's microphone, until None."""
    page.evaluate("hz => window.__tap.sing(hz)", hz)


def wait_tone(page: Page, hz: float, others: Iterable[float], timeout_ms: int = HERE_MS) -> None:
    """Until this page's last second of sound is that tone, and none of the others."""
    wanted: dict[str, Any] = {"tones": [hz, *others]}
    page.wait_for_function(
        """({tones}) => {
            const [wanted, ...others] = window.__tap.shares(tones);
            return wanted > 0.5 && others.every((share) => share < 0.02);
        }""",
        arg=wanted,
        timeout=timeout_ms,
        polling=300,
    )
