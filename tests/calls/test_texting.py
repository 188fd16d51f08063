"""A caller has the address texted: once, to the number that was read back, and its way is followed to the page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page, expect

from connectors.twilio import signature
from domain.messaging import Channel
from tests.calls.product import Product
from tests.calls.softphone import ANSWER_MS, Softphone
from tests.calls.team import access
from tests.calls.test_staff import STORED_MS, sign_in
from tests.connectors.fakes.twilio import ACCOUNT, MESSAGES, SENDERS

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers]

ROOT = Path(__file__).resolve().parents[2]
ADMIN = "admin@demo-shop.local"
TOKEN = "auth-token"


@pytest.fixture
def twilio(product: Product) -> Iterator[str]:
    """The address of the shop's Twilio."""
    argv = [sys.executable, "-m", "tests.connectors.fakes.twilio"]
    running = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    url = running.stdout.readline().strip()
    asked = {
        "kind": "twilio",
        "site": url,
        "sign_in": "key",
        "settings": {"account": ACCOUNT, "sms_sender": SENDERS[Channel.SMS]},
        "secrets": {"key": TOKEN},
    }
    with access(product, ADMIN) as admin:
        made = admin.post("/v1/connections", json=asked)
        assert made.status_code == 201, made.text
        yield url
        assert admin.delete("/v1/connections/twilio").status_code == 204
    running.terminate()
    running.wait()
    running.stdout.close()


def delivered(product: Product, message_id: str) -> None:
    """As Twilio tells it."""
    form = {"MessageSid": message_id, "MessageStatus": "delivered"}
    url = f"{product.address}/v1/hooks/twilio/demo-shop/twilio"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(TOKEN, url, list(form.items())),
    }
    answer = httpx.post(url, content=urlencode(form), headers=headers, trust_env=False)
    assert answer.status_code == 204, answer.text


def test_the_address_is_texted_once_to_the_number_that_was_read_back(
    product: Product, twilio: str, softphone: Softphone, new_page: Callable[..., Page]
) -> None:
    softphone.speak_from({})
    softphone.call()
    call_id = softphone.messages("ready")[0]["call_id"]
    for said, answer in (
        ("Text me the address, please", re.compile(r"^\s*Gladly\. To which mobile number")),
        ("050 123 4567", "I have the number 0501234567"),
        ("yes", "I have sent it to you as a text message"),
        ("Text me the address, please", "I have texted you that already"),
        ("no", "once is enough"),
    ):
        softphone.type(said)
        expect(softphone.final_lines("agent").last).to_contain_text(answer, timeout=ANSWER_MS)
    softphone.hang_up()
    sent = httpx.get(f"{twilio}{MESSAGES}.json", auth=(ACCOUNT, TOKEN), trust_env=False).json()["messages"]
    assert [(one["to"], "Sheikh Zayed Road" in one["body"]) for one in sent] == [("+971501234567", True)]

    delivered(product, sent[0]["sid"])
    staff = new_page()
    sign_in(staff, product)
    staff.goto(f"{product.address}/calls/{call_id}")
    expect(staff.locator(".told .delivery")).to_have_text("✓✓ delivered", timeout=STORED_MS)
    staff.screenshot(path=ROOT / "build" / "screenshots" / "text-sent-en.png", full_page=True)
    shown = subprocess.run(
        [sys.executable, "-m", "workers.cli", "show", call_id],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[delivered]" in shown.stdout
