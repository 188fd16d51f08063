"""What is left of a call for the staff, and the door that it lies behind."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.calls.product import Product
from tests.calls.softphone import SCREENSHOTS, Softphone

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

STORED_MS = 15_000


def administrator(product: Product, slug: str) -> tuple[str, str]:
    """E-mail and first password of the tenant's administrator, from what `hatif up` said once."""
    for who, password in product.passwords.items():
        words = who.split()
        if slug in who:
            return next(word for word in words if "@" in word), password
    raise AssertionError(f"no first password for {slug}")


def sign_in(page: Page, product: Product, slug: str = "demo-shop") -> None:
    email, password = administrator(product, slug)
    page.goto(f"{product.address}/calls")
    page.get_by_label("Company").fill(slug)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()


def test_hanging_up_completes_the_call_and_its_rating_is_kept(
    product: Product, softphone: Softphone, new_page: Callable[..., Page]
) -> None:
    softphone.speak_from({})
    softphone.call()
    call_id = softphone.messages("ready")[0]["call_id"]
    softphone.type("Is there parking?")
    softphone.wait_message("m.type === 'answered'")
    softphone.hang_up()
    expect(softphone.page.locator(".end-outcome")).to_have_text("You hung up.")
    softphone.page.get_by_label("4: Good").check(force=True)
    softphone.page.get_by_role("button", name="Send rating").click()
    expect(softphone.page.get_by_text("Thank you, that helps.")).to_be_visible()
    softphone.shot("end-en")

    staff = new_page()
    sign_in(staff, product)
    staff.goto(f"{product.address}/calls/{call_id}")
    expect(staff.locator(".badge")).to_have_text("Customer hung up", timeout=STORED_MS)
    expect(staff.locator(".turn-caller .turn-words")).to_have_text("Is there parking?")
    expect(staff.locator(".turn-agent .turn-words").last).to_contain_text("parking")
    expect(staff.get_by_role("img", name="4 of 5 stars")).to_be_visible(timeout=STORED_MS)
    expect(staff.locator(".waterfall-bar").first).to_be_visible()
    staff.screenshot(path=SCREENSHOTS / "call-detail-en.png", full_page=True)
    staff.get_by_role("link", name="All calls").click()
    expect(staff.locator(".calls tbody tr").first).to_be_visible()
    staff.screenshot(path=SCREENSHOTS / "calls-en.png")


def test_a_session_survives_a_reload_and_ends_with_sign_out(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, product)
    page.reload()
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})").count("eyJ") == 0
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    page.goto(f"{product.address}/calls")
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()


def test_a_wrong_password_and_another_companys_call_are_told_plainly(
    product: Product, softphone: Softphone, new_page: Callable[..., Page]
) -> None:
    softphone.speak_from({})
    softphone.call("demo-clinic")
    foreign = softphone.messages("ready")[0]["call_id"]
    softphone.hang_up()
    page = new_page()
    page.goto(f"{product.address}/login")
    page.get_by_label("Company").fill("demo-shop")
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Company, e-mail or password is not right.")
    sign_in(page, product)
    page.goto(f"{product.address}/calls/{foreign}")
    expect(page.get_by_role("alert")).to_contain_text("This call is not here")
    assert httpx.get(f"{product.address}/v1/calls/{foreign}", trust_env=False).status_code == 401
