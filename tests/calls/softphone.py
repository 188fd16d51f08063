"""The softphone as a caller uses it, with an ear beside the page."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

TAP = (Path(__file__).parent / "tap.js").read_text(encoding="utf-8")
SCREENSHOTS = Path(__file__).parent.parent.parent / "build" / "screenshots"

ANSWER_MS = 25_000
"""The embedded model on two cores that also run the browser; how fast it is, the bench measures."""
OPEN_MS = 15_000
QUIET = 0.003
"""-50 dB: under any speech, over the noise floor of Opus."""
LOUD = 0.01


class Softphone:
    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        page.add_init_script(TAP)

    def speak_from(self, wavs: dict[str, Path]) -> None:
        """Before `call`: replaces the microphone by these files, each played when `say` names it."""
        encoded = {name: base64.b64encode(path.read_bytes()).decode() for name, path in wavs.items()}
        self.page.add_init_script(f"window.__tap.speakFrom({json.dumps(encoded)})")

    def open(self, slug: str = "demo-shop") -> None:
        self.page.goto(f"{self._address}/call/{slug}")
        expect(self.page.locator(".orb-start")).to_be_visible()

    def call(self, slug: str = "demo-shop") -> None:
        self.open(slug)
        self.page.locator(".orb-start").click()
        self.wait_live()

    def wait_live(self) -> None:
        expect(self.page.locator(".call-phase-live")).to_be_visible(timeout=OPEN_MS)

    def say(self, name: str) -> None:
        self.page.evaluate("name => window.__tap.say(name)", name)

    def type(self, text: str) -> None:
        self.page.locator(".composer textarea").fill(text)
        self.page.keyboard.press("Enter")

    def hang_up(self) -> None:
        self.page.locator(".control-danger").click()
        expect(self.page.locator(".end-card")).to_be_visible(timeout=OPEN_MS)

    def final_lines(self, speaker: str) -> Locator:
        return self.page.locator(f'.line-{speaker}[data-final="true"] .line-words')

    # ------------------------------------------------------------ what the ear beside the page took down

    def messages(self, kind: str) -> list[dict[str, Any]]:
        return self.page.evaluate("kind => window.__tap.messages.filter((one) => one.type === kind)", kind)

    def wait_message(self, condition: str, timeout_ms: int = ANSWER_MS) -> dict[str, Any]:
        """The first message for which the JavaScript expression over `m` holds."""
        try:
            return self.page.wait_for_function(
                f"() => window.__tap.messages.find((m) => {condition})", timeout=timeout_ms
            ).json_value()
        except Error:
            heard = self.page.evaluate("window.__tap.messages.filter((m) => m.type !== 'pong').slice(-12)")
            said = "\n".join(json.dumps(message, ensure_ascii=False) for message in heard)
            raise AssertionError(f"no message with {condition}; the last ones were:\n{said}") from None

    def wait_sound(self, timeout_ms: int = ANSWER_MS) -> None:
        """Until speech arrives that is later than now."""
        self.page.wait_for_function(
            "([from, loud]) => window.__tap.sound.some((frame) => frame.at > from && frame.rms > loud)",
            arg=[self.page.evaluate("performance.now()"), LOUD],
            timeout=timeout_ms,
        )

    def loudness(self, from_ms: float, to_ms: float) -> list[float]:
        """The rms of each frame of sound received in that stretch of the page's clock."""
        return self.page.evaluate(
            "([from, to]) => window.__tap.sound.filter((f) => f.at >= from && f.at < to).map((f) => f.rms)",
            [from_ms, to_ms],
        )

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
