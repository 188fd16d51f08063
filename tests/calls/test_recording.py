"""A recorded call, heard again on its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from domain.media.recording import ConsentChanged, ConsentState, RecordingLeg
from domain.speech import FRAME_MS, Language
from realtime.recorder import CallRecorder
from storage.keys import PostgresKeyRing, master_key
from storage.recordings.rows import PostgresRecordings
from storage.recordings.writer import RecordingWriter
from storage.session import Database
from tests.calls.product import Product
from tests.calls.softphone import SCREENSHOTS, Softphone
from tests.calls.test_staff import STORED_MS, sign_in
from tests.conftest import run_apart
from tests.storage.recordings.voices import frame
from workers.embedded_postgres import app_url
from workers.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

SECONDS = 20
PLAYED = """(audio, until) => new Promise((done, failed) => {
    audio.addEventListener("timeupdate", () => { if (audio.currentTime > until) done(); });
    setTimeout(() => failed(new Error(`still at ${audio.currentTime}`)), 10000);
})"""


async def record(product: Product, slug: str, call_id: str) -> None:
    """As a media worker does, with the keys of the running product."""
    settings = Settings(
        data_dir=Path(product.environment["HATIF_DATA_DIR"]),
        postgres_port=int(product.environment["HATIF_POSTGRES_PORT"]),
        database_url=None,
    )
    database = Database(app_url(settings))
    rows = PostgresRecordings(database)
    async with database.transaction() as connection:
        tenant_id = str(await connection.scalar(text("SELECT hatif.tenant_of_slug(:slug)"), {"slug": slug}))
    for number, state in enumerate((ConsentState.ASKED, ConsentState.GRANTED), start=1):
        fact = ConsentChanged(
            number=number, state=state, seq=number, at_ms=number * 2000, lease=1, language=Language.AR
        )
        await rows.record_consent(tenant_id, call_id, fact)
    writer = RecordingWriter(rows, PostgresKeyRing(database, master_key(settings.keys_dir)), settings.recordings_folder)
    writer.start()
    recorder = CallRecorder(writer, tenant_id=tenant_id, call_id=call_id, lease=1, now_ms=lambda: 0)
    assert await recorder.start()
    for number in range(SECONDS * 1000 // FRAME_MS):
        for leg in (RecordingLeg.CALLER, RecordingLeg.AGENT):
            recorder.take(leg, frame(leg, number), number * FRAME_MS)
    recorder.stop()
    await writer.close()
    await database.close()


def test_a_supervisor_listens_and_skips_and_reads_what_the_caller_agreed_to(
    product: Product, softphone: Softphone, new_page: Callable[..., Page]
) -> None:
    softphone.speak_from({})
    softphone.call()
    call_id = softphone.messages("ready")[0]["call_id"]
    softphone.hang_up()
    run_apart(record(product, "demo-shop", call_id))
    page = new_page()
    sign_in(page, product)
    page.goto(f"{product.address}/calls/{call_id}")
    card = page.get_by_role("region", name="Recording")
    expect(card.locator(".consents li")).to_have_text(
        ["0:02The customer was askedArabic", "0:04The customer agreed"], timeout=STORED_MS
    )
    page.screenshot(path=SCREENSHOTS / "recording-en.png", full_page=True)
    card.get_by_role("button", name="Listen").click()
    player = card.locator("audio")
    expect(player).to_have_js_property("paused", False)
    player.evaluate(PLAYED, 0.2)
    assert player.evaluate("audio => audio.duration") == pytest.approx(SECONDS, abs=0.1)
    player.evaluate("audio => { audio.currentTime = 15 }")
    player.evaluate(PLAYED, 15.2)
    assert player.evaluate("audio => audio.error") is None


def test_a_call_that_was_not_recorded_says_so(
    product: Product, softphone: Softphone, new_page: Callable[..., Page]
) -> None:
    softphone.speak_from({})
    softphone.call()
    call_id = softphone.messages("ready")[0]["call_id"]
    softphone.hang_up()
    page = new_page()
    sign_in(page, product)
    page.goto(f"{product.address}/calls/{call_id}")
    expect(page.get_by_role("region", name="Recording")).to_contain_text(
        "This call was not recorded.", timeout=STORED_MS
    )
    page.get_by_role("button", name="العربية").click()
    expect(page.get_by_role("region", name="التسجيل")).to_contain_text("لم تُسجَّل هذه المكالمة.", timeout=STORED_MS)
