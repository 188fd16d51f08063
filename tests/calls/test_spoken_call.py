"""Calls by voice: words on the page, sound in the ear, interruption, a line that is cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, Route, expect

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


def test_a_cut_line_comes_back_by_itself(softphone: Softphone) -> None:
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
    softphone.hang_up()
