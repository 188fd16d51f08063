"""The pages themselves: accessible, two-directional, and clear when something is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.calls.product import Product
from tests.calls.softphone import Softphone

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

AXE = Path(__file__).parent.parent.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"

SETTLED = """Promise.all(
  document.getAnimations()
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map((one) => one.finished.catch(() => {})),
)"""
"""What fades in is pale while it does: its colours are judged once it is there."""


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA that axe can find."""
    page.evaluate(SETTLED)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then((r) => r.violations)")
    problems = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert problems == []


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ar-AE", "dark")])
def test_every_page_is_accessible(product: Product, new_page: Callable[..., Page], locale: str, scheme: str) -> None:
    page = new_page(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    softphone = Softphone(page, product.address)
    softphone.speak_from({})
    page.goto(product.address)
    page.locator(".start-options button").first.click()
    assert_accessible(page)
    softphone.call()
    softphone.type("?" if locale == "en-GB" else "؟")
    page.keyboard.press("Tab")
    assert_accessible(page)
    softphone.hang_up()
    page.locator(".star input").nth(2).check(force=True)
    assert_accessible(page)
    for path in ("/login", "/nowhere"):
        page.goto(product.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)


def test_the_chosen_language_stays(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(product.address)
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.reload()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("button", name="English")).to_be_visible()


def test_a_phone_sees_no_sideways_scrolling(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, locale="ar-AE")
    softphone = Softphone(page, product.address)
    softphone.speak_from({})
    softphone.call()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    expect(page.locator(".control-danger")).to_be_in_viewport()
    softphone.hang_up()
    assert page.evaluate(overflow) <= 0


def test_a_server_that_is_away_is_said_and_tried_again(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.route("**/v1/sites", lambda route: route.abort())
    page.goto(product.address)
    expect(page.get_by_role("alert")).to_contain_text("Hatif does not answer")
    page.unroute("**/v1/sites")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator(".orb-start")).to_be_visible()


def test_an_unknown_address_and_an_unknown_company_are_told_plainly(
    product: Product, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.goto(f"{product.address}/nowhere/at/all")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody lives at this number")
    page.goto(f"{product.address}/call/nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nobody at this address.")
    page.get_by_role("link", name="See who is here").click()
    expect(page.locator(".orb-start")).to_be_visible()
