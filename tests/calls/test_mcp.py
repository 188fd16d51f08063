"""An MCP server from end to end: registered on the page, its tools approved, a caller gets them, and one that changes
is switched off."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, Softphone
from tests.calls.team import access
from tests.calls.test_agent import NARROW, OVERFLOW, card
from tests.calls.test_pages import assert_accessible
from tests.calls.test_team import ADMIN, HERE_MS, shot, sign_in
from tests.connectors.mcp_server import Shop, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(300)]

WORDS = (
    ("Loyalty points", "نقاط الولاء"),
    ("Your card has {points} points.", "في بطاقتك {points} نقطة."),
    ("how many loyalty points are on my card", "كم نقطة ولاء في بطاقتي"),
    ("What is the number of your card?", "ما هو رقم بطاقتك؟"),
)
TABLE: dict[str, Any] = {
    "remote": "book_table",
    "about": {"en": "Book a table", "ar": "حجز طاولة"},
    "answer": {"en": "Your table is booked, number {reference}.", "ar": "تم حجز الطاولة، الرقم {reference}."},
    "examples": {"en": ["I want to book a table"], "ar": ["أريد حجز طاولة"]},
    "asks": {
        "branch": {"en": "At which branch?", "ar": "في أي فرع؟"},
        "people": {"en": "For how many people?", "ar": "لكم شخصاً؟"},
    },
    "writes": True,
    "reference": "number",
}


LIST = "number,phone,status_en,status_ar\n88001,+971501234567,It is packed.,الطلب جاهز.\n"


VOICE_AWAY = "trouble speaking"
TRIES = 5


def offer_table(product: Product) -> None:
    with access(product, ADMIN) as admin:
        listed = admin.post("/v1/tool-servers/corner/test").json()["tools"]
        (digest,) = [tool["digest"] for tool in listed if tool["remote"] == "book_table"]
        saved = admin.put("/v1/tool-servers/corner/tools/mcp_table", json={**TABLE, "approved": digest})
        assert saved.status_code == 200, saved.text


def answered(softphone: Softphone, said: str, answer: str) -> bool:
    """False where the voice broke off: on a machine that runs other suites it misses its time now and then."""
    told = softphone.final_lines("agent").filter(has_text=re.compile(f"{re.escape(answer)}|{re.escape(VOICE_AWAY)}"))
    before = told.count()
    softphone.type(said)
    expect(told.nth(before)).to_be_visible(timeout=ANSWER_MS)
    return answer in (told.nth(before).text_content() or "")


def ask(softphone: Softphone, *turns: tuple[str, str]) -> None:
    """These questions with these answers; from the first one again, as a caller would, when one was not to be heard."""
    for _ in range(TRIES):
        if all(answered(softphone, said, answer) for said, answer in turns):
            return
    raise AssertionError("the voice broke off each time")


def test_a_caller_gets_what_an_administrator_approved(product: Product, new_page: Callable[..., Page]) -> None:
    with serving(Shop()) as shop:
        page = new_page()
        sign_in(page, product, ADMIN, to="/tools")
        page.get_by_role("button", name="Add a server").click(timeout=HERE_MS)
        page.get_by_label("Short name").fill("corner")
        page.get_by_label("Server's address").fill(shop.url)
        page.get_by_role("button", name="Save").click()
        server = card(page, "corner")
        server.get_by_role("button", name="Test and show its tools").click(timeout=HERE_MS)
        expect(server).to_contain_text("corner-shop 3.1", timeout=HERE_MS)
        assert_accessible(page)
        shot(page, "tool-servers-en")
        server.get_by_role("button", name="Offer to callers loyalty_points").click()
        server.get_by_label("Short name").fill("mcp_points")
        for place, (english, arabic) in enumerate(WORDS):
            server.get_by_label("English").nth(place).fill(english)
            server.get_by_label("Arabic").nth(place).fill(arabic)
        assert_accessible(page)
        shot(page, "tool-offer-en")
        server.get_by_role("button", name="Approve and offer").click()
        points = card(page, "mcp_points")
        expect(points).to_contain_text("corner · loyalty_points", timeout=HERE_MS)
        offer_table(product)

        softphone = Softphone(new_page(), product.address)
        softphone.speak_from({})
        softphone.call()
        # The tools are read with the first words; by the time of the second they are there on any machine.
        ask(softphone, ("hello", "How can I help you?"))
        ask(softphone, ("how many loyalty points are on my card, it is 7712", "Your card has 120 points."))
        ask(
            softphone,
            ("I want to book a table for 4", "At which branch?"),
            ("Marina", "Book a table: Marina, 4. Shall I do that now?"),
            ("yes please", "Your table is booked, number B-1."),
        )
        softphone.hang_up()
        assert shop.bookings == [("Marina", 4)]

        shop.describe_otherwise()
        server.get_by_role("button", name="Test and show its tools").click()
        expect(points.get_by_role("alert")).to_contain_text("was switched off", timeout=HERE_MS)
        arabic = new_page(locale="ar-AE", color_scheme="dark", viewport=NARROW)
        sign_in(arabic, product, ADMIN, to="/tools")
        expect(card(arabic, "mcp_points").get_by_role("alert")).to_contain_text("فأُوقفت", timeout=HERE_MS)
        card(arabic, "corner").get_by_role("button", name="اختبره").click()
        expect(card(arabic, "corner")).to_contain_text("corner-shop", timeout=HERE_MS)
        assert_accessible(arabic)
        assert arabic.evaluate(OVERFLOW) <= 0
        shot(arabic, "tool-servers-ar-narrow")

        page.get_by_label("Bring in a list (CSV)").set_input_files(
            {"name": "orders.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
        )
        expect(page.get_by_text("Brought in: 1.")).to_be_visible(timeout=HERE_MS)
        expect(page.get_by_text("a telephone number that ends in 567")).to_be_visible(timeout=HERE_MS)
        page.get_by_role("button", name="Remove 88001").click()
        expect(page.get_by_role("button", name="Remove 88001")).to_have_count(0, timeout=HERE_MS)

        server.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(card(page, "corner")).to_have_count(0, timeout=HERE_MS)
        expect(card(page, "mcp_points")).to_have_count(0, timeout=HERE_MS)
