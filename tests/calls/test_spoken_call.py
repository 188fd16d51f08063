"""Calls by voice: words on the page, sound in the ear, interruption, a line that is cut."""

from __future__ import annotations

import re
from pathlib import Path

import jwt
import pytest
from playwright.sync_api import Playwright, Route, expect

from gateway.tokens import CALL_LIFE_S, KEY_FILE, signing_key
from tests.calls.conftest import ARGS, CHROMIUM, GRANTED
from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, LOUD, OPEN_MS, QUIET, Softphone

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

GREETING_S = 9.0
"""Connecting and the greeting take six to eight seconds; a question into its end interrupts it and is answered."""
AFTER_MS = 400
"""Longest that sound which was already on its way is heard after the answer was cut: the jitter buffer's depth."""


def test_a_question_from_a_microphone_is_heard_and_answered(
    product: Product, playwright: Playwright, tmp_path: Path
) -> None:
    voice = product.say_into(tmp_path / "caller.wav", GREETING_S, "How much does delivery cost?", 30.0)
    microphone = f"--use-file-for-fake-audio-capture={voice}%noloop"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, GRANTED, microphone])
    try:
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        softphone = Softphone(context.new_page(), product.address)
        softphone.call()
        expect(softphone.final_lines("caller")).to_contain_text(re.compile("deliver", re.I), timeout=ANSWER_MS)
        began = softphone.wait_message("m.type === 'speaking' && m.kind === 'answer'")
        answered = softphone.wait_message("m.type === 'answered'")

        expect(softphone.final_lines("agent").last).to_contain_text(re.compile("dirham", re.I))
        frames = softphone.loudness(began["at"], answered["at"])
        assert sum(rms > LOUD for rms in frames) > len(frames) / 3 > 30, "the answer was spoken, but not heard"
        softphone.shot("call-en")
        softphone.hang_up()
    finally:
        browser.close()


def test_the_agent_stops_when_the_caller_interrupts(softphone: Softphone, interruption: Path) -> None:
    softphone.speak_from({"interruption": interruption})
    softphone.call()
    greeting = softphone.wait_message("m.type === 'speaking'")
    softphone.wait_sound()
    softphone.say("interruption")

    stopped = softphone.wait_message(f"m.type === 'turn' && m.seq === {greeting['seq']}")
    assert stopped["interrupted"]
    assert stopped["speaker"] == "agent"
    nexts = softphone.wait_message(f"m.type === 'speaking' && m.seq > {greeting['seq']}")
    silence = softphone.loudness(stopped["at"] + AFTER_MS, nexts["at"])
    assert len(silence) > 10
    assert max(silence) < QUIET, "the agent went on speaking after it was interrupted"
    expect(softphone.page.locator(".line-agent .line-note")).to_be_visible()
    expect(softphone.final_lines("caller")).to_contain_text(re.compile("park", re.I), timeout=ANSWER_MS)
    softphone.wait_sound()
    softphone.hang_up()


def test_a_cut_line_comes_back_by_itself_until_its_token_is_over(product: Product, softphone: Softphone) -> None:
    softphone.speak_from({})
    softphone.call()
    first = softphone.messages("ready")[-1]
    # Another line is there within a fraction of a second: held back here until the page was seen without one.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    softphone.page.route("**/reconnect", hold)
    softphone.page.evaluate("window.__tap.cut()")

    expect(softphone.page.locator(".call-phase-reconnecting")).to_be_visible(timeout=OPEN_MS)
    softphone.shot("reconnecting-en")
    for route in held:
        route.continue_()
    softphone.page.unroute("**/reconnect")
    softphone.wait_live()
    again = softphone.messages("ready")[-1]
    assert again["call_id"] == first["call_id"]
    assert again["lease"] > first["lease"]
    assert softphone.page.evaluate("window.__tap.peers") == 2
    softphone.wait_sound()

    def hours_later(route: Route) -> None:
        headers = route.request.headers
        scheme, _, token = headers["authorization"].partition(" ")
        route.continue_(headers={**headers, "authorization": f"{scheme} {aged(product, token)}"})

    softphone.page.route("**/reconnect", hours_later)
    softphone.page.evaluate("window.__tap.cut()")
    expect(softphone.page.get_by_role("heading", level=1)).to_have_text(
        "This call can't be taken up again", timeout=OPEN_MS
    )
    softphone.shot("stale-en")
    softphone.page.get_by_role("button", name="Try again").click()
    softphone.wait_live()
    assert softphone.messages("ready")[-1]["call_id"] != first["call_id"]
    softphone.hang_up()


def aged(product: Product, token: str) -> str:
    """The same call token, given out by the product so long ago that it is good for nothing any more."""
    claims = jwt.decode(token, options={"verify_signature": False})
    key = signing_key((Path(product.environment["HATIF_DATA_DIR"]) / "keys" / KEY_FILE).read_bytes())
    earlier = {name: claims[name] - CALL_LIFE_S - 60 for name in ("iat", "exp")}
    return jwt.encode(claims | earlier, key.private, "RS256", {"kid": key.kid})
