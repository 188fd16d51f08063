"""A supervisor on the board: sees calls, listens, whispers, barges in, takes over and ends; others can't."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.calls.board import HERE_MS, Board, wait_heard
from tests.calls.desk import Desk, sing
from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, Softphone
from tests.calls.team import OWN_PASSWORD, access, invite
from tests.calls.test_pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(300)]

KHALID = "khalid@demo-shop.local"
AISHA = "aisha@demo-shop.local"
CLINIC_ADMIN = "admin@demo-clinic.local"
CALLER_HZ, ADVISOR_HZ, SUPERVISOR_HZ = 450.0, 650.0, 1100.0
BRIDGED = "m.type === 'phase' && m.phase === 'bridged'"
HELD = "m.type === 'phase' && m.phase === 'held'"


@pytest.fixture
def board(product: Product, new_page: Callable[..., Page]) -> Board:
    opened = Board(new_page(), product, KHALID)
    opened.open()
    return opened


@pytest.fixture
def caller(softphone: Softphone) -> Softphone:
    softphone.speak_from({})
    softphone.call()
    return softphone


def call_id_of(caller: Softphone) -> str:
    return caller.messages("ready")[0]["call_id"]


def test_a_supervisor_hears_caller_and_agent_and_nobody_hears_the_supervisor(board: Board, caller: Softphone) -> None:
    board.watch(call_id_of(caller))
    expect(board.page.locator(".ear")).to_contain_text("Nobody hears you")
    board.listen()
    expect(board.page.locator(".ear-hears")).to_contain_text("your microphone is closed")
    sing(board.page, SUPERVISOR_HZ)
    sing(caller.page, CALLER_HZ)
    wait_heard(board.page, [CALLER_HZ], [SUPERVISOR_HZ])
    sing(caller.page, None)
    wait_heard(board.page, [], [CALLER_HZ])
    before = board.page.evaluate("performance.now()")
    caller.type("Is there parking?")
    caller.wait_message("m.type === 'answered'")
    heard = "from => window.__tap.sound.some((frame) => frame.at > from && frame.rms > 0.01)"
    board.page.wait_for_function(heard, arg=before, timeout=ANSWER_MS)
    wait_heard(caller.page, [], [SUPERVISOR_HZ])
    expect(board.lines("agent").last).to_contain_text("parking", timeout=ANSWER_MS)
    expect(board.row(call_id_of(caller))).to_contain_text("English")
    assert_accessible(board.page)
    board.shot("board-listening-en")
    board.page.keyboard.press("l")
    expect(board.page.locator(".ear")).to_contain_text("Listen in", timeout=HERE_MS)


def test_a_word_to_the_agent_is_not_the_callers(board: Board, caller: Softphone) -> None:
    board.watch(call_id_of(caller))
    board.page.keyboard.press("g")
    box = board.page.locator(".guidance textarea")
    expect(box).to_be_focused()
    box.fill("Offer free delivery today.")
    box.press("Enter")
    expect(board.page.locator(".guidance-said")).to_have_text("Offer free delivery today.", timeout=HERE_MS)
    expect(box).to_have_value("")
    caller.type("Is there parking?")
    caller.wait_message("m.type === 'answered'")
    assert "Offer free delivery today." not in str(caller.messages("transcript"))


def test_a_whisper_is_the_advisors_alone_and_a_barge_is_everybodys(
    product: Product, board: Board, caller: Softphone, new_page: Callable[..., Page]
) -> None:
    desk = Desk(new_page(), product, AISHA)
    desk.speak_from({})
    desk.open()
    desk.ready()
    call_id = call_id_of(caller)
    board.watch(call_id)
    board.page.keyboard.press("h")
    board.confirm()
    caller.wait_message(HELD)
    desk.wait_ring()
    desk.accept()
    caller.wait_message(BRIDGED)
    expect(board.page.locator(".watch-known")).to_contain_text("Aisha", timeout=HERE_MS)
    board.listen()
    expect(desk.page.locator(".line-bar")).to_contain_text("A supervisor listens", timeout=HERE_MS)
    sing(caller.page, CALLER_HZ)
    sing(desk.page, ADVISOR_HZ)
    wait_heard(board.page, [CALLER_HZ, ADVISOR_HZ], [SUPERVISOR_HZ])

    board.mode("w", 1)
    expect(board.page.locator(".ear-hears")).to_contain_text("Only Aisha")
    sing(board.page, SUPERVISOR_HZ)
    wait_heard(desk.page, [SUPERVISOR_HZ, CALLER_HZ], [ADVISOR_HZ])
    wait_heard(caller.page, [ADVISOR_HZ], [SUPERVISOR_HZ, CALLER_HZ])
    expect(desk.page.locator(".line-bar")).to_contain_text("Khalid Al Suwaidi whispers to you")
    board.shot("board-whisper-en")

    board.mode("b", 2)
    wait_heard(caller.page, [ADVISOR_HZ, SUPERVISOR_HZ], [CALLER_HZ])
    wait_heard(desk.page, [CALLER_HZ, SUPERVISOR_HZ], [ADVISOR_HZ])
    expect(desk.page.locator(".line-bar")).to_contain_text("Khalid Al Suwaidi talks with you both")
    desk.shot("desk-supervised-en")
    assert_accessible(board.page)
    board.shot("board-barge-en")

    board.mode("s", 0)
    wait_heard(caller.page, [ADVISOR_HZ], [SUPERVISOR_HZ])
    wait_heard(desk.page, [CALLER_HZ], [SUPERVISOR_HZ])
    for page in (caller.page, desk.page, board.page):
        sing(page, None)

    board.page.keyboard.press("e")
    board.confirm()
    expect(caller.page.locator(".end-card")).to_be_visible(timeout=HERE_MS)
    expect(board.page.locator(".watch")).to_contain_text("This call has ended", timeout=HERE_MS)
    desk.wrap_up("resolved", "All settled.")
    desk.stand_down()
    board.page.get_by_role("link", name="Open its page").click()
    told = board.page.locator(".told")
    expect(told).to_contain_text("Sent by a supervisor", timeout=HERE_MS)
    expect(told).to_contain_text("Aisha")
    expect(told).to_contain_text("All settled.", timeout=HERE_MS)
    board.shot("call-handed-off-en")


def test_a_call_that_is_taken_over_rings_at_the_supervisors_own_desk(
    product: Product, board: Board, caller: Softphone
) -> None:
    board.watch(call_id_of(caller))
    board.listen()
    board.page.keyboard.press("t")
    board.confirm()
    expect(board.page.locator(".offer")).to_be_visible(timeout=2 * HERE_MS)
    desk = Desk(board.page, product, KHALID)
    desk.accept()
    caller.wait_message(BRIDGED)
    sing(board.page, SUPERVISOR_HZ)
    wait_heard(caller.page, [SUPERVISOR_HZ], [])
    sing(board.page, None)
    desk.leave("f")
    expect(caller.page.locator(".end-card")).to_be_visible(timeout=HERE_MS)
    desk.wrap_up("resolved")


def test_another_company_and_a_lower_role_see_and_do_nothing(
    product: Product, caller: Softphone, new_page: Callable[..., Page]
) -> None:
    call_id = call_id_of(caller)
    other = Board(new_page(), product, CLINIC_ADMIN)
    other.open()
    expect(other.page.get_by_role("heading", name="Nobody is calling")).to_be_visible(timeout=HERE_MS)
    other.page.goto(f"{product.address}/board/{call_id}")
    expect(other.page.locator(".watch")).to_contain_text("not on the board", timeout=HERE_MS)

    viewer = invite(product, "demo-shop", "viewer", "Vera Hale")
    with access(product, CLINIC_ADMIN) as foreign, access(product, viewer, OWN_PASSWORD) as low:
        for act, body in (("guide", {"text": "x"}), ("end", None), ("take-over", None), ("handoff", {})):
            path = f"/v1/board/calls/{call_id}/{act}"
            assert told(foreign.post(path, json=body)) == (404, "not_found")
            assert told(low.post(path, json=body)) == (403, "forbidden")
        assert told(low.get("/v1/board")) == (403, "forbidden")
        assert foreign.get("/v1/board").json()["calls"] == []
    page = new_page()
    page.goto(f"{product.address}/login?next=/board")
    form = page.locator("form.form")
    for place, text in enumerate(("demo-shop", viewer, OWN_PASSWORD)):
        form.locator("input").nth(place).fill(text)
    form.locator("button").click()
    expect(page.get_by_role("alert")).to_contain_text("It is for supervisors", timeout=HERE_MS)
    assert page.locator(".nav-link").count() == 1
    expect(caller.page.locator(".call-phase-live")).to_be_visible()


@pytest.mark.parametrize(("locale", "width"), [("ar-AE", 1280), ("ar-AE", 390), ("en-GB", 390)])
def test_the_board_on_every_screen(
    product: Product, caller: Softphone, new_page: Callable[..., Page], locale: str, width: int
) -> None:
    page = new_page(
        locale=locale,
        color_scheme="dark" if width == 390 else "light",
        reduced_motion="reduce",
        viewport={"width": width, "height": 850},
    )
    seen = Board(page, product, KHALID)
    seen.open()
    tag = f"{locale[:2]}-{width}"
    expect(seen.row(call_id_of(caller))).to_be_visible(timeout=HERE_MS)
    assert_accessible(page)
    seen.shot(f"board-{tag}")
    seen.watch(call_id_of(caller))
    page.locator(".ear .button-primary").click()
    expect(page.locator(".ear .call-phase-live")).to_be_visible(timeout=HERE_MS)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    seen.shot(f"board-watch-{tag}")


LIST = "number;name;item\n+971501234567;Sara;oven\nnobody;Omar;hob\n+971501111111;Noor;\n+971502222222;هند;غسالة\n"


def test_a_campaign_is_looked_through_and_run(product: Product, new_page: Callable[..., Page]) -> None:
    """No trunk is there: nobody is called."""
    page = new_page()
    seen = Board(page, product, KHALID)
    seen.open()
    page.get_by_role("link", name="Campaigns").click()
    expect(page.get_by_role("heading", name="There is no campaign yet")).to_be_visible(timeout=HERE_MS)
    assert_accessible(page)
    seen.shot("campaigns-none-en")
    page.get_by_role("button", name="New campaign").click()
    page.get_by_label("Name", exact=True).fill("Deliveries")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    page.get_by_label("List of people").set_input_files(files=[file])  # pyright: ignore[reportArgumentType]
    opening = page.get_by_role("group", name="What is said first")
    opening.get_by_label("English").fill("Your {itm} comes tomorrow.")
    opening.get_by_label("Arabic").fill("يصل {item} غداً.")
    page.get_by_role("button", name="Look through the list").click()
    expect(page.get_by_role("alert")).to_contain_text("may only name columns of the list", timeout=HERE_MS)
    opening.get_by_label("English").fill("Your {item} comes tomorrow.")
    assert_accessible(page)
    seen.shot("campaigns-new-en")
    page.get_by_role("button", name="Look through the list").click()
    expect(page.get_by_role("heading", name="Rows that were refused: 2")).to_be_visible(timeout=HERE_MS)
    expect(page.locator(".campaign-refused")).to_contain_text("Line 3")
    expect(page.locator(".campaign-rows tbody tr")).to_have_count(2)
    seen.shot("campaigns-ready-en")
    state = page.locator(".part-top .badge")
    for act, becomes in (("Start calling", "Running"), ("Pause", "Paused"), ("Go on", "Running")):
        page.get_by_role("button", name=act).click()
        expect(state).to_have_text(becomes, timeout=HERE_MS)
    assert_accessible(page)
    narrow = new_page(locale="ar-AE", color_scheme="dark", viewport={"width": 390, "height": 850})
    arabic = Board(narrow, product, KHALID)
    arabic.open()
    narrow.goto(page.url)
    expect(narrow.locator(".campaign-running")).to_have_text("جارية", timeout=HERE_MS)
    assert_accessible(narrow)
    assert narrow.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    arabic.shot("campaigns-running-ar-390")
    page.get_by_role("button", name="Stop for good").click()
    expect(state).to_have_text("Stopped", timeout=HERE_MS)
    with page.expect_download() as report:
        page.get_by_role("button", name="Report (CSV)").click()
    assert report.value.suggested_filename == "Deliveries.csv"
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").locator("button").first.click()
    expect(page.get_by_role("heading", name="There is no campaign yet")).to_be_visible(timeout=HERE_MS)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
