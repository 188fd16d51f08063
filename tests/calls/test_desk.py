"""A caller is handed to an advisor at the desk, and comes back: two browsers, real sound, one transcript."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.calls.desk import HERE_MS, Desk, sing, wait_tone
from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, Softphone
from tests.calls.test_pages import assert_accessible
from tests.calls.test_staff import STORED_MS

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(300)]

ADMIN = "admin@demo-shop.local"
AISHA = "aisha@demo-shop.local"
OMAR = "omar@demo-shop.local"
KHALID = "khalid@demo-shop.local"
PRIYA = "priya@demo-shop.local"
CALLER_HZ = 450.0
ADVISOR_HZ = 650.0
HELD = "m.type === 'phase' && m.phase === 'held'"
BRIDGED = "m.type === 'phase' && m.phase === 'bridged'"
BACK = "m.type === 'phase' && m.phase === 'converse'"
WISH_AR = "أبغى أكلم موظف"


@pytest.fixture
def new_desk(product: Product, new_page: Callable[..., Page]) -> Iterator[Callable[..., Desk]]:
    """Opens desks; whoever sat there is away afterwards, so that no later caller rings at nobody."""
    desks: list[Desk] = []

    def make(email: str, wavs: dict[str, Path] | None = None, **options: Any) -> Desk:
        desk = Desk(new_page(**options), product, email)
        desk.speak_from(wavs or {})
        desk.open()
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.stand_down()


@pytest.fixture(scope="module")
def wish(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice") / "wish.wav"
    return product.say_into(path, 0.2, "I want to speak to a person, please.", 0.3)


@pytest.fixture(scope="module")
def welcome(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice") / "welcome.wav"
    return product.say_into(path, 0.2, "Your order will arrive on Thursday.", 0.3)


def access(product: Product, email: str) -> httpx.Client:
    """Signed in by hand, for what no page of ours would ask."""
    slug = email.partition("@")[2].removesuffix(".local")
    asked = {"tenant": slug, "email": email, "password": product.passwords[email]}
    with httpx.Client(base_url=product.address, trust_env=False) as door:
        signed = door.post("/v1/auth/login", json=asked, headers={"Origin": product.address}).json()
    headers = {"Authorization": f"Bearer {signed['access_token']}"}
    return httpx.Client(base_url=product.address, trust_env=False, headers=headers)


@contextmanager
def recorded(product: Product) -> Generator[None]:
    """Calls that begin meanwhile are asked whether they may be recorded."""
    with access(product, ADMIN) as admin:
        assert admin.put("/v1/team/profile", json={"recording": True}).status_code == 200
        try:
            yield
        finally:
            assert admin.put("/v1/team/profile", json={"recording": False}).status_code == 200


def test_a_gulf_arabic_caller_is_handed_over_and_back(
    product: Product, new_page: Callable[..., Page], new_desk: Callable[..., Desk], welcome: Path
) -> None:
    desk = new_desk(AISHA, {"welcome": welcome}, locale="ar-AE")
    desk.shot("desk-away-ar")
    desk.ready()
    desk.shot("desk-ready-ar")
    caller = Softphone(new_page(locale="ar-AE"), product.address)
    caller.speak_from({})
    caller.call()
    call_id = caller.messages("ready")[0]["call_id"]
    caller.type(WISH_AR)
    caller.wait_message(HELD)
    desk.wait_ring()
    expect(desk.page.locator(".brief-sentence")).to_have_text(WISH_AR)
    expect(desk.page.locator(".brief-next li").first).to_be_visible()
    desk.shot("desk-ringing-ar")
    caller.shot("caller-held-ar")
    with access(product, AISHA) as aisha:
        handoff_id = aisha.get("/v1/desk").json()["offer"]["handoff_id"]
    desk.accept()
    bridged = caller.wait_message(BRIDGED)

    with access(product, OMAR) as omar:
        second = omar.post(f"/v1/desk/handoffs/{handoff_id}/accept", json={})
    assert (second.status_code, second.json()["code"]) == (409, "offer_gone")

    sing(caller.page, CALLER_HZ)
    wait_tone(desk.page, CALLER_HZ, [ADVISOR_HZ])
    sing(caller.page, None)
    sing(desk.page, ADVISOR_HZ)
    wait_tone(caller.page, ADVISOR_HZ, [CALLER_HZ])
    sing(desk.page, None)

    desk.say("welcome")
    expect(desk.lines("advisor")).to_contain_text(re.compile("thursday", re.I), timeout=ANSWER_MS)
    expect(caller.final_lines("advisor")).to_contain_text(re.compile("thursday", re.I), timeout=ANSWER_MS)
    desk.page.locator(".talk-notes textarea").fill("الطلب 4572 يصل الخميس")
    desk.shot("desk-talk-ar")
    caller.shot("caller-bridged-ar")
    desk.page.locator("#talk-title").focus()
    desk.leave("g", "قل له إن الطلب يصل يوم الخميس.")
    back = caller.wait_message(f"m.at > {bridged['at']} && {BACK}")
    desk.wait_state("wrap_up")
    expect(desk.page.locator(".wrap-up textarea")).to_have_value("الطلب 4572 يصل الخميس")
    desk.shot("desk-wrap-up-ar")
    caller.wait_message(f"m.at > {back['at']} && m.type === 'turn' && m.speaker === 'agent'")
    caller.shot("caller-given-back-ar")
    caller.type("كم سعر التوصيل؟")
    caller.wait_message(f"m.at > {back['at']} && m.type === 'answered'")
    expect(caller.final_lines("agent").last).to_contain_text("35")
    caller.hang_up()
    desk.wrap_up("resolved")
    desk.wait_state("ready")
    desk.page.goto(f"{product.address}/calls/{call_id}")
    page = desk.page
    expect(page.locator(".turn-advisor .turn-words")).to_contain_text(re.compile("thursday", re.I), timeout=STORED_MS)
    who = page.locator(".turn").evaluate_all("turns => turns.map((t) => t.className.replace('turn turn-', ''))")
    said = page.locator(".turn-words").all_inner_texts()
    wished, welcomed = said.index(WISH_AR), who.index("advisor")
    assert wished < welcomed < said.index("كم سعر التوصيل؟")
    assert who[-1] == "agent"
    desk.shot("call-merged-ar")


def test_an_english_voice_asks_and_the_advisor_finishes(
    product: Product, softphone: Softphone, new_desk: Callable[..., Desk], wish: Path
) -> None:
    desk = new_desk(PRIYA)
    desk.shot("desk-away-en")
    desk.ready()
    desk.shot("desk-ready-en")
    assert_accessible(desk.page)
    softphone.speak_from({"wish": wish})
    softphone.call()
    softphone.wait_message("m.type === 'answered' || (m.type === 'turn' && m.speaker === 'agent')")
    softphone.say("wish")
    softphone.wait_message(HELD)
    desk.wait_ring()
    expect(desk.page.locator(".brief-sentence")).to_contain_text(re.compile("person", re.I))
    assert_accessible(desk.page)
    desk.shot("desk-ringing-en")
    desk.accept()
    sing(softphone.page, CALLER_HZ)
    sing(desk.page, ADVISOR_HZ)
    wait_tone(desk.page, CALLER_HZ, [ADVISOR_HZ])
    wait_tone(softphone.page, ADVISOR_HZ, [CALLER_HZ])

    desk.page.keyboard.press("m")
    expect(desk.page.locator(".line-bar .badge-warm")).to_be_visible()
    quiet = "hz => window.__tap.shares([hz])[0] < 0.02"
    softphone.page.wait_for_function(quiet, arg=ADVISOR_HZ, timeout=HERE_MS)
    desk.page.keyboard.press("m")
    sing(desk.page, None)
    sing(softphone.page, None)
    assert_accessible(desk.page)
    desk.shot("desk-talk-en")
    desk.page.keyboard.press("f")
    assert_accessible(desk.page)
    desk.shot("desk-finish-en")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_be_hidden()
    desk.leave("f")
    expect(softphone.page.locator(".end-card")).to_be_visible(timeout=HERE_MS)
    desk.wait_state("wrap_up")
    assert_accessible(desk.page)
    desk.shot("desk-wrap-up-en")
    desk.choose("away")
    desk.wrap_up("callback_needed", "She wants to hear from us tomorrow.")
    desk.wait_state("away")
    row = desk.page.locator(".history-row").first
    expect(row).to_contain_text("Finished", timeout=HERE_MS)
    expect(row).to_contain_text("Needs a callback")


def test_presence_survives_a_reload_and_another_tab_takes_over(product: Product, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(OMAR)
    desk.ready()
    desk.page.reload()
    desk.wait_state("ready")

    second = desk.page.context.new_page()
    second.goto(f"{product.address}/desk")
    expect(second.locator(".presence-ready")).to_be_visible(timeout=HERE_MS)
    expect(desk.page.get_by_role("heading", name="The desk is open in another tab")).to_be_visible(timeout=HERE_MS)
    desk.shot("desk-elsewhere-en")
    assert_accessible(desk.page)
    desk.page.get_by_role("button", name="Use the desk here").click()
    desk.wait_state("ready")
    expect(second.get_by_role("heading", name="The desk is open in another tab")).to_be_visible(timeout=HERE_MS)
    second.close()
    desk.wait_state("ready")


def test_a_call_rings_aloud_is_declined_and_passed_on(
    product: Product, softphone: Softphone, new_desk: Callable[..., Desk]
) -> None:
    aisha, omar = new_desk(AISHA), new_desk(OMAR)
    aisha.page.context.grant_permissions(["notifications"], origin=product.address)
    aisha.look_elsewhere()
    aisha.ready()
    softphone.speak_from({})
    softphone.call()
    softphone.type(WISH_AR)
    aisha.wait_ring()
    aisha.page.wait_for_function("window.__tap.struck.length > 0 && window.__tap.notices.length > 0", timeout=HERE_MS)
    (notice,) = aisha.page.evaluate("window.__tap.notices")
    assert notice == "A customer wants to talk to you"
    expect(aisha.page).to_have_title(re.compile("A customer wants to talk to you"))
    omar.ready()
    aisha.page.keyboard.press("Escape")
    expect(aisha.offer).to_be_hidden(timeout=HERE_MS)
    omar.wait_ring()
    omar.accept()
    # Whoever declined a call is asked again once they are ready anew.
    aisha.choose("away")
    aisha.wait_state("away")
    aisha.ready()
    omar.leave("q", "She wants to hear about the invoice.")
    aisha.wait_ring()
    expect(aisha.offer).to_contain_text("She wants to hear about the invoice.")
    aisha.accept()
    omar.wrap_up("unresolved")
    softphone.hang_up()
    aisha.wrap_up("no_request")


def test_a_reload_in_a_call_joins_it_again(
    product: Product, softphone: Softphone, new_desk: Callable[..., Desk]
) -> None:
    desk = new_desk(AISHA)
    desk.ready()
    softphone.speak_from({})
    with recorded(product):
        softphone.call()
    softphone.wait_message("m.type === 'turn' && m.intent === 'recording'")
    softphone.type("yes")
    stop = softphone.page.get_by_role("button", name="Stop recording")
    expect(stop).to_be_visible(timeout=ANSWER_MS)
    expect(softphone.page.locator(".call-recording")).to_contain_text("This call is being recorded.")
    softphone.shot("caller-recorded-en")
    softphone.type(WISH_AR)
    desk.wait_ring()
    desk.accept()
    desk.page.keyboard.press("n")
    expect(desk.page.locator(".talk-notes textarea")).to_be_focused()
    desk.page.keyboard.type("half a note")
    desk.page.reload()
    desk.wait_talk()
    expect(desk.page.locator(".line-bar")).to_contain_text("This call is being recorded", timeout=HERE_MS)
    stop.click()
    expect(stop).to_be_hidden(timeout=HERE_MS)
    expect(desk.page.locator(".line-bar")).not_to_contain_text("recorded", timeout=HERE_MS)
    expect(desk.page.locator(".talk-notes textarea")).to_have_value("half a note")
    expect(desk.lines("caller").last).to_have_text(WISH_AR)
    sing(softphone.page, CALLER_HZ)
    wait_tone(desk.page, CALLER_HZ, [ADVISOR_HZ])
    call_id = softphone.messages("ready")[0]["call_id"]
    softphone.hang_up()
    desk.wrap_up("cut_off")
    with access(product, KHALID) as khalid:
        consents = khalid.get(f"/v1/calls/{call_id}/consent").json()["consents"]
    assert [fact["state"] for fact in consents] == ["asked", "granted", "stopped"]


def test_nobody_ready_means_a_promised_callback(product: Product, softphone: Softphone) -> None:
    softphone.speak_from({})
    softphone.call()
    call_id = softphone.messages("ready")[0]["call_id"]
    asked = softphone.page.evaluate("performance.now()")
    softphone.type("I want to speak to a person")
    told = softphone.wait_message(f"m.at > {asked} && {HELD} && (m.choose || m.number)")
    if told.get("choose"):
        softphone.shot("caller-nobody-en")
        softphone.page.get_by_role("button", name="Call me back").click()
        told = softphone.wait_message(f"m.at > {told['at']} && {HELD} && m.number")
    # A page has no number: it is asked for and read back, and only then is anything promised.
    for said in ("050 123 4567", "yes"):
        prompt = f"m.type === 'turn' && m.kind === 'prompt' && !m.interrupted && m.at > {told['at']}"
        told = softphone.wait_message(prompt)
        softphone.type(said)
    softphone.wait_message(f"m.at > {told['at']} && {BACK}")
    with access(product, KHALID) as khalid:
        promised = {row["call_id"]: row["state"] for row in khalid.get("/v1/callbacks").json()["callbacks"]}
    assert promised[call_id] in ("promised", "due")
    softphone.hang_up()


def test_a_phone_sees_the_desk_without_sideways_scrolling(product: Product, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(AISHA, viewport={"width": 360, "height": 740}, locale="ar-AE", color_scheme="dark")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert desk.page.evaluate(overflow) <= 0
    assert_accessible(desk.page)
    desk.shot("desk-phone-ar")
