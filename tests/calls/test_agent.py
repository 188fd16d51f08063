"""What an administrator gives the agent: documents that are really read and found, accounts that are really asked."""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
import threading
import wave
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from domain.acting.visits import windows_on
from domain.calendar.words import gregorian_day
from domain.speech import Language
from domain.tenant_file.profile import parse_tenant
from tests.calls.product import Product
from tests.calls.team import OWN_PASSWORD, access, invite
from tests.calls.test_knowledge_call import call
from tests.calls.test_pages import assert_accessible
from tests.calls.test_team import ADMIN, CLINIC_ADMIN, HERE_MS, shot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
READ_MS = 60_000
"""Until a page of text was embedded, on a machine that is busy with other tests."""
PARKING = "# Parking\n\nVisitors park for free in the yard behind the warehouse.\n"
MOVED = "# Parking\n\nVisitors park in the tower across the street and pay two dirhams an hour.\n"
HALL = "# قاعة العرض\n\nقاعة العرض في الطابق الأول بجانب المدخل الرئيسي.\n"
NARROW = {"width": 360, "height": 780}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/markdown" }));
  const target = document.querySelector(".drop");
  for (const kind of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def card(page: Page, name: str) -> Locator:
    return page.locator("li.card").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_documents_are_uploaded_read_found_replaced_and_removed(
    product: Product, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    sign_in(page, product, CLINIC_ADMIN, to="/knowledge")
    expect(page.get_by_text("The agent has no documents yet")).to_be_visible(timeout=HERE_MS)
    assert_accessible(page)
    page.locator("input[type=file][multiple]").set_input_files(
        [
            {"name": "parking.md", "mimeType": "text/markdown", "buffer": PARKING.encode()},
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 and no more"},
            {"name": "picture.png", "mimeType": "image/png", "buffer": b"\x89PNG"},
        ]
    )
    expect(page.locator(".sending").get_by_role("alert")).to_have_text("Files of this kind can't be read.")
    page.get_by_role("button", name="Dismiss picture.png").click()
    page.evaluate(DROP, ["hall.md", HALL])
    for name, language in (("parking.md", "English"), ("hall.md", "Arabic")):
        expect(card(page, name).locator(".badge")).to_have_text("Ready", timeout=READ_MS)
        expect(card(page, name)).to_contain_text(language)
        expect(card(page, name)).to_contain_text("Passages: 1")
    expect(card(page, "broken.pdf").locator(".badge")).to_have_text("Can't be used", timeout=READ_MS)
    expect(card(page, "broken.pdf").locator(".field-error")).not_to_be_empty()

    page.get_by_label("A caller's question").fill("Where can visitors park?")
    page.keyboard.press("Enter")
    first = page.locator(".passage").first
    expect(first).to_contain_text("parking.md", timeout=HERE_MS)
    expect(first.locator("mark")).to_contain_text("behind the warehouse")
    expect(first).to_contain_text(re.compile(r"Fits \d+"))
    assert_accessible(page)
    shot(page, "knowledge-en")
    with access(product, ADMIN) as elsewhere:
        found = elsewhere.post("/v1/knowledge/search", json={"question": "Where can visitors park?"})
        assert found.status_code == 200
        assert "parking.md" not in found.text
        assert "yard behind" not in found.text

    card(page, "parking.md").locator("input[type=file]").set_input_files(
        {"name": "other name.md", "mimeType": "text/markdown", "buffer": MOVED.encode()}
    )
    # The new size says that it is the new one which is ready.
    expect(card(page, "parking.md")).to_contain_text(f"{len(MOVED)} byte", timeout=READ_MS)
    expect(card(page, "parking.md").locator(".badge")).to_have_text("Ready", timeout=READ_MS)
    page.get_by_role("button", name="Search").click()
    expect(first).to_contain_text("two dirhams", timeout=HERE_MS)

    arabic = new_page(locale="ar-AE", color_scheme="dark", viewport=NARROW)
    sign_in(arabic, product, CLINIC_ADMIN, to="/knowledge")
    expect(arabic.locator(".document-ready")).to_have_count(2, timeout=HERE_MS)
    assert_accessible(arabic)
    assert arabic.evaluate(OVERFLOW) <= 0
    shot(arabic, "knowledge-ar-narrow")

    for name in ("parking.md", "hall.md", "broken.pdf"):
        card(page, name).get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(card(page, name)).to_have_count(0, timeout=READ_MS)


# ---------------------------------------------------------------- connections


@pytest.fixture
def zendesk() -> Iterator[str]:
    """The address of a stand-in whose only way in is consent, or the key of hatif@shop.example."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.fakes.zendesk"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    yield running.stdout.readline().strip()
    running.terminate()
    running.wait(10)
    running.stdout.close()


def test_an_account_is_connected_at_the_vendor_and_says_who_it_is(
    product: Product, new_page: Callable[..., Page], zendesk: str
) -> None:
    page = new_page()
    sign_in(page, product, ADMIN, to="/connections")
    page.get_by_role("button", name="Zendesk").click()
    page.get_by_label("Your account's address").fill("https://evil.example")
    page.get_by_label("Client id of your OAuth application").fill("hatif")
    page.get_by_label("Client secret").fill("app-secret")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error")).to_have_text("This is no address of this vendor.", timeout=HERE_MS)
    page.get_by_label("Your account's address").fill(zendesk)
    assert_accessible(page)
    shot(page, "connections-form-en")
    page.get_by_role("button", name="Save").click()
    connection = card(page, "Zendesk")
    expect(connection.locator(".badge")).to_have_text("Not connected yet", timeout=HERE_MS)
    assert "app-secret" not in page.content()
    connection.get_by_role("button", name="Test Zendesk").click()
    expect(connection).to_contain_text("Nobody has agreed at Zendesk yet", timeout=HERE_MS)

    connection.get_by_role("button", name="Connect Zendesk").click()
    page.get_by_role("link", name="Deny").click()
    expect(page.locator(".form-note")).to_contain_text("Access was not granted", timeout=HERE_MS)
    connection.get_by_role("button", name="Connect Zendesk").click()
    page.get_by_role("link", name="Allow").click()
    expect(connection).to_contain_text("It works. The account is Hatif <hatif@example.com>", timeout=HERE_MS)
    expect(connection.locator(".badge")).to_have_text("In use")
    assert page.url == f"{product.address}/connections"
    bare, workflows = (
        connection.get_by_role("radio", name="When and how they ended"),
        connection.get_by_role("switch", name="Tell Zendesk on the call's ticket how the call ended"),
    )
    expect(connection).to_contain_text("any other call becomes a ticket of its own")
    expect(connection.get_by_role("radio", name="No", exact=True)).to_be_checked()
    bare.click(force=True)
    expect(bare).to_be_checked(timeout=HERE_MS)
    workflows.click()
    expect(workflows).to_be_checked(timeout=HERE_MS)
    assert_accessible(page)
    shot(page, "connections-en")

    errands_are_done(product, zendesk)

    connection.get_by_role("button", name="Change Zendesk").click()
    page.get_by_label("A key", exact=True).check(force=True)
    page.get_by_label("E-mail address of the key's owner").fill("somebody@shop.example")
    page.get_by_label("Key or token").fill("a-wrong-key")
    page.get_by_role("button", name="Save").click()
    connection.get_by_role("button", name="Test Zendesk").click()
    expect(connection.locator(".field-error")).to_contain_text("Zendesk refuses the key", timeout=HERE_MS)

    arabic = new_page(locale="ar-AE", color_scheme="dark", viewport=NARROW)
    sign_in(arabic, product, ADMIN, to="/connections")
    arabic.get_by_role("button", name="اختبار Zendesk").click()
    expect(arabic.locator(".field-error")).to_contain_text("يرفض Zendesk المفتاح", timeout=HERE_MS)
    assert_accessible(arabic)
    assert arabic.evaluate(OVERFLOW) <= 0
    shot(arabic, "connections-ar-narrow")

    connection.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(connection).to_have_count(0, timeout=HERE_MS)
    with access(product, ADMIN) as admin:
        assert admin.get("/v1/connections").json() == {"connections": []}


def errands_are_done(product: Product, zendesk: str) -> None:
    """A call by text: a ticket, a word more on it, a visit that is taken back, and a promised call."""
    shop = parse_tenant((ROOT / "deploy/tenants/demo-shop.toml").read_text(), "demo-shop.toml", lambda slug: slug)
    now = datetime.now(UTC)
    ahead = (now.date() + timedelta(days=days) for days in range(2, 9))
    day = next(day for day in ahead if len(windows_on(shop, day, now)) > 1)
    asked = (
        "Open a ticket, my fridge is leaking. My number is 050 123 4567.",
        "Add that it also smells of burning.",
        f"Book a technician for {day:%A} morning.",
        "No, cancel that.",
        "Call me back at five.",
    )
    report, turns = call(product, *(part for text in asked for part in ("--text", text)))
    told = [turn["intent"] for turn in turns if turn["speaker"] == "agent" and turn["kind"] == "answer"]
    done = ["ticket_made", "ticket_updated", "visit_booked", "cancelled:book_visit", "callback_scheduled"]
    assert told == done, report
    booked = next(turn["text"] for turn in turns if turn["intent"] == "visit_booked")
    assert gregorian_day(day, Language.EN) in booked
    vendor = httpx.get(f"{zendesk}/api/v2/tickets", auth=("hatif@example.com/token", "api-token")).json()
    made = [(ticket["status"], ticket["due_at"] is not None) for ticket in vendor["tickets"]]
    assert made == [("new", False), ("solved", True)]


# ---------------------------------------------------------------- tools


class Branches(BaseHTTPRequestHandler):
    """Knows when one branch opens, and no other."""

    def do_GET(self) -> None:
        known = self.path.endswith("branch=marina")
        body = json.dumps({"opens": "nine"} if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Nothing."""


@pytest.fixture
def branches() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Branches)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/branches"
    server.shutdown()
    serving.join(10)
    server.server_close()


def test_a_tool_of_the_companys_own_is_added_asked_and_removed(
    product: Product, new_page: Callable[..., Page], branches: str
) -> None:
    page = new_page()
    sign_in(page, product, ADMIN, to="/tools")
    expect(page.get_by_role("heading", name="Look up an order")).to_be_visible(timeout=HERE_MS)
    page.get_by_role("button", name="Add a tool").click()
    page.get_by_label("Web address").fill("http://169.254.169.254/latest")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error").first).to_contain_text("2 to 40 lower-case letters")
    page.get_by_label("Short name").fill("branch_hours")
    for place, (english, arabic) in enumerate(
        (
            ("When a branch opens", "متى يفتح الفرع"),
            ("It opens at {opens}.", "يفتح عند {opens}."),
            ("when does the marina branch open", "متى يفتح فرع المارينا"),
            ("Which branch do you mean?", "أي فرع تقصد؟"),
        )
    ):
        page.get_by_label("English").nth(place).fill(english)
        page.get_by_label("Arabic").nth(place).fill(arabic)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".save-told")).to_contain_text("This address can't be used", timeout=HERE_MS)
    page.get_by_label("Web address").fill(branches)
    assert_accessible(page)
    shot(page, "tools-form-en")
    page.get_by_role("button", name="Save").click()
    tool = card(page, "branch_hours")
    tool.get_by_role("button", name="Test branch_hours").click(timeout=HERE_MS)
    for branch, said in (("marina", "It opens at nine."), ("nowhere", "knows nothing of this")):
        tool.get_by_label("Ask with (JSON)").fill(json.dumps({"branch": branch}))
        tool.get_by_role("button", name="Ask now").click()
        expect(tool).to_contain_text(said, timeout=HERE_MS)
    tool.get_by_role("switch").click()
    expect(tool.locator(".badge")).to_have_text("Switched off", timeout=HERE_MS)
    assert_accessible(page)

    arabic_page = new_page(locale="ar-AE", color_scheme="dark", viewport=NARROW)
    sign_in(arabic_page, product, ADMIN, to="/tools")
    expect(arabic_page.get_by_role("heading", name="فتح تذكرة")).to_be_visible(timeout=HERE_MS)
    assert_accessible(arabic_page)
    assert arabic_page.evaluate(OVERFLOW) <= 0
    shot(arabic_page, "tools-ar-narrow")

    page.get_by_role("button", name="Cancel").click()
    tool.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(tool).to_have_count(0, timeout=HERE_MS)


# ---------------------------------------------------------------- copied voices


def recording(seconds: float) -> dict[str, Any]:
    """A hum of 100 Hz on both channels at 8 kHz, which the page has to make mono and to resample."""
    period = array("h", (round(8000 * math.sin(math.tau * at / 80)) for at in range(80) for _ in "lr"))
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(period.tobytes() * round(100 * seconds))
    return {"name": f"{seconds:g} s.wav", "mimeType": "audio/wav", "buffer": written.getvalue()}


def test_a_voice_is_copied_by_consent_and_withdrawn(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, product, CLINIC_ADMIN, to="/voices")
    expect(page.get_by_text("No voice has been copied")).to_be_visible(timeout=HERE_MS)
    expect(page.get_by_text("Its licence forbids commercial use")).to_be_visible()
    assert_accessible(page)
    shot(page, "voices-none-en")
    page.get_by_role("button", name="Copy a voice").press("Enter")
    picker = page.locator("input[type=file]")
    for file, fault in (
        ({"name": "notes.wav", "mimeType": "audio/wav", "buffer": b"no sound"}, "no audio file that can be read"),
        (recording(5), "It has less than 6 seconds."),
        (recording(31), "It has more than 30 seconds."),
    ):
        picker.set_input_files(file)
        expect(page.get_by_role("alert").filter(has_text=fault)).to_be_visible(timeout=HERE_MS)
    page.get_by_role("button", name="Keep voice and consent").click()
    expect(page.get_by_text("Without this consent no voice is copied.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Whose voice it is").fill("Sara Ahmed")
    page.get_by_label("Short name").fill("sara")
    picker.set_input_files(recording(7))
    expect(page.get_by_text("7 seconds")).to_be_visible(timeout=HERE_MS)
    page.get_by_label("Sara Ahmed has agreed").check()
    shot(page, "voices-form-en")
    page.get_by_role("button", name="Keep voice and consent").click()
    voice = card(page, "Sara Ahmed")
    expect(voice).to_contain_text("I agree that Sidra Family Clinic", timeout=HERE_MS)
    expect(voice.locator(".badge")).to_have_text("Not in use")
    with access(product, CLINIC_ADMIN) as admin:
        admin.put("/v1/team/profile", json={"voices": {"en": "own.sara", "ar": None}}).raise_for_status()

    arabic = new_page(locale="ar-AE", color_scheme="dark", viewport=NARROW)
    sign_in(arabic, product, CLINIC_ADMIN, to="/voices")
    expect(card(arabic, "Sara Ahmed").locator(".badge")).to_have_text("ينتظر محركًا", timeout=HERE_MS)
    assert_accessible(arabic)
    assert arabic.evaluate(OVERFLOW) <= 0
    shot(arabic, "voices-ar-narrow")

    voice.get_by_role("button", name="Withdraw consent").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_text("No voice has been copied")).to_be_visible(timeout=HERE_MS)
    with access(product, CLINIC_ADMIN) as admin:
        assert admin.get("/v1/team/profile").json()["profile"]["voices"] == {}


def test_whoever_may_not_arrange_this_is_shown_no_way_to_it(product: Product, new_page: Callable[..., Page]) -> None:
    email = invite(product, "demo-shop", "supervisor", "Sami Curious")
    page = new_page()
    sign_in(page, product, email, OWN_PASSWORD, to="/calls")
    expect(page.get_by_role("link", name="Board")).to_be_visible(timeout=HERE_MS)
    expect(page.get_by_role("link", name="Agent")).to_have_count(0)
    for path in ("/knowledge", "/tools", "/connections", "/voices"):
        page.goto(product.address + path)
        expect(page.get_by_role("alert")).to_contain_text("Ask your administrator", timeout=HERE_MS)
