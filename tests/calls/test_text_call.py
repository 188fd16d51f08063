"""Calls by keyboard: the microphone refused, Arabic, the keypad, and no free line."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.calls.conftest import ARGS, CHROMIUM, SLOTS
from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, Softphone

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

ARABIC = re.compile("[\u0600-\u06ff]{2,}")


def test_a_call_without_a_microphone_works_by_text(product: Product, playwright: Playwright) -> None:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, "--deny-permission-prompts"])
    try:
        softphone = Softphone(browser.new_context(locale="en-GB").new_page(), product.address)
        softphone.open()
        softphone.page.locator(".orb-start").click()
        expect(softphone.page.get_by_role("alert")).to_contain_text("microphone is blocked")
        softphone.shot("microphone-refused-en")
        softphone.page.get_by_role("button", name="Call without a microphone").click()
        softphone.wait_live()
        softphone.type("Is there parking?")

        expect(softphone.final_lines("caller")).to_have_text("Is there parking?")
        softphone.wait_message("m.type === 'speaking' && m.kind === 'answer'")
        softphone.wait_sound()
        softphone.wait_message("m.type === 'answered'")
        expect(softphone.final_lines("agent").last).to_contain_text(re.compile("parking", re.I))
        softphone.hang_up()
    finally:
        browser.close()


def test_the_arabic_page_is_right_to_left_and_answered_in_arabic(
    product: Product, new_page: Callable[..., Page]
) -> None:
    softphone = Softphone(new_page(locale="ar-AE"), product.address)
    softphone.speak_from({})
    softphone.call()
    html = softphone.page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("lang", "ar")
    expect(softphone.page.get_by_role("heading", level=1)).to_have_text("نور للأجهزة المنزلية")
    softphone.type("هل يوجد موقف سيارات؟")

    asked = softphone.wait_message("m.type === 'transcript' && m.speaker === 'caller' && m.final")
    softphone.wait_message(f"m.type === 'answered' && m.seq === {asked['seq']}")
    answer = softphone.final_lines("agent").last
    expect(answer).to_have_text(ARABIC, timeout=ANSWER_MS)
    expect(answer).to_contain_text("موقف")
    expect(answer).to_have_css("direction", "rtl")
    softphone.shot("call-ar")
    softphone.hang_up()


def test_the_keypad_sends_digits_and_shows_them(softphone: Softphone) -> None:
    softphone.speak_from({})
    softphone.call()
    softphone.page.keyboard.press("k")
    softphone.page.get_by_role("button", name="4", exact=True).click()
    softphone.page.keyboard.press("5")
    softphone.page.keyboard.press("#")
    expect(softphone.page.locator(".keypad-pressed")).to_have_text("45#")
    softphone.page.keyboard.press("Escape")
    softphone.page.keyboard.press("m")
    expect(softphone.page.get_by_role("button", name="Unmute")).to_be_visible()
    softphone.wait_message("m.type === 'transcript' && m.speaker === 'caller' && m.text.includes('45')")
    softphone.page.keyboard.press("Escape")
    softphone.page.get_by_role("dialog").get_by_role("button", name="Hang up").click()
    expect(softphone.page.locator(".end-card")).to_be_visible()


def test_a_caller_for_whom_no_line_is_free_is_told_and_tries_again(
    product: Product, new_page: Callable[..., Page]
) -> None:
    callers = [Softphone(new_page(), product.address) for _ in range(SLOTS + 1)]
    for softphone in callers:
        softphone.speak_from({})
    for softphone in callers[:-1]:
        softphone.call()
    late = callers[-1]
    late.open()
    late.page.locator(".orb-start").click()

    expect(late.page.get_by_role("heading", level=1)).to_have_text("All lines are busy", timeout=15_000)
    expect(late.page.locator(".countdown")).to_contain_text("Trying again in")
    late.shot("busy-en")
    for softphone in callers[:-1]:
        softphone.hang_up()
    late.page.get_by_role("button", name="Try now").click()
    late.wait_live()
    late.hang_up()
