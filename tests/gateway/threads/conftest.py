"""Messaging services of the shop, each a running fake, and people who write to it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from connectors.twilio import signature
from domain.acting.connection import ConnectionRow
from gateway.throttle import LoginThrottle
from storage.connections import PostgresConnections, PostgresSecrets
from tests.connectors.fakes.server import Clock
from tests.connectors.fakes.twilio import ACCOUNT, SENDERS, FakeTwilio
from tests.connectors.fakes.whatsapp import PHONE_NUMBER_ID, FakeWhatsApp
from tests.gateway.desk.conftest import audited, open_desk, refused
from tests.gateway.house import SHOP, House

__all__ = ["audited", "open_desk", "refused"]

AUTH_TOKEN, APP_SECRET, VERIFY_TOKEN = "auth-token", "app-secret", "verify-token"
_numbers = itertools.count(int(time.time()) % 10_000_000 * 10)


@dataclass
class Services:
    house: House
    twilio: FakeTwilio
    whatsapp: FakeWhatsApp

    def twilio_says(self, connection: str = "sms", token: str = AUTH_TOKEN, query: str = "", **form: str) -> Any:
        path = f"/v1/hooks/twilio/shop/{connection}{query}"
        sign = signature(token, f"{self.house.url}{path}", list(form.items()))
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign}
        return self.house.client().post(path, content=urlencode(form), headers=headers)

    def meta_says(self, value: dict[str, Any], secret: str = APP_SECRET, connection: str = "wa") -> httpx.Response:
        told = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
        body = json.dumps(told).encode()
        sign = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": sign}
        return self.house.client().post(f"/v1/hooks/whatsapp/shop/{connection}", content=body, headers=headers)


@dataclass
class Person:
    """Somebody with a telephone."""

    services: Services
    channel: str = "sms"
    number: str = field(default_factory=lambda: f"+9665{next(_numbers):08d}")

    def writes(self, text: str, message_id: str | None = None, **more: str) -> str:
        """Returns the message's id."""
        message_id = message_id or f"SM{uuid.uuid4().hex}"
        if self.channel == "sms":
            sender = {"From": self.number, "To": SENDERS["sms"]}  # type: ignore[index]
            form = {"MessageSid": message_id, "Body": text, **sender, **more}
            answer = self._delivered(lambda: self.services.twilio_says(**form))
            assert answer.status_code == 204, answer.text
            return message_id
        message: dict[str, Any] = {"from": self.number[1:], "id": message_id, "timestamp": str(int(time.time()))}
        message |= {"type": "text", "text": {"body": text}} if text else {"type": "audio", "audio": {"id": "1"}}
        value = {"metadata": {"display_phone_number": "1555"}, "messages": [message]}
        answer = self._delivered(lambda: self.services.meta_says(value))
        assert answer.status_code == 200, answer.text
        return message_id

    def _delivered(self, deliver: Callable[[], httpx.Response]) -> httpx.Response:
        """Again while a busy machine's gateway is late, as services do."""

        def taken() -> httpx.Response | None:
            answer = deliver()
            return None if answer.status_code == 503 else answer

        return self.services.house.until(taken)

    @property
    def read(self) -> list[str]:
        """What has reached them, in order."""
        fake = self.services.twilio if self.channel == "sms" else self.services.whatsapp
        return [body for _, to, body in fake.texts.values() if to == self.number]

    def reads(self, count: int) -> list[str]:
        return self.services.house.until(lambda: self.read if len(self.read) >= count else None)

    def thread(self) -> dict[str, Any]:
        """Their latest, as the history page has it."""
        from domain.accounts import Role

        viewer = self.services.house.as_person(Role.VIEWER)
        call_id = self.services.house.run(self._call_id())
        answer = viewer.get(f"/v1/calls/{call_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _call_id(self) -> str:
        deps = self.services.house.deps
        for row in await deps.store.recent(SHOP, 50):
            thread = await deps.threads.thread(SHOP, row.call_id)
            if thread is not None and thread.address == self.number:
                return row.call_id
        raise AssertionError("they have no thread")


@pytest.fixture(scope="module")
def open_services(open_gateway: House) -> Iterator[Services]:
    house = open_gateway
    twilio, whatsapp = FakeTwilio(Clock(runs=True)), FakeWhatsApp(Clock(runs=True))
    twilio.let_in(ACCOUNT, AUTH_TOKEN)
    whatsapp.credentials.add("Bearer system-user-token")
    serving = [fake.serving() for fake in (twilio, whatsapp)]
    urls = [house.run(each.__aenter__()) for each in serving]

    async def connect() -> None:
        rows = PostgresConnections(house.database)
        secrets = PostgresSecrets(house.database, house.deps.keys, SHOP)  # type: ignore[arg-type]
        sms = {"sign_in": "basic", "user": ACCOUNT, "account": ACCOUNT, "sms_sender": SENDERS["sms"]}  # type: ignore[index]
        await rows.save(ConnectionRow(tenant_id=SHOP, connection_id="sms", system="twilio", url=urls[0], settings=sms))
        wa = {"phone_number_id": PHONE_NUMBER_ID}
        await rows.save(ConnectionRow(tenant_id=SHOP, connection_id="wa", system="whatsapp", url=urls[1], settings=wa))
        kept = {"sms.key": AUTH_TOKEN, "wa.key": "system-user-token"}
        kept |= {"wa.app_secret": APP_SECRET, "wa.verify_token": VERIFY_TOKEN}
        for reference, value in kept.items():
            await secrets.write(reference, value)

    house.run(connect())
    yield Services(house, twilio, whatsapp)
    for each in serving:
        house.run(each.__aexit__(None, None, None))


@pytest.fixture
def services(open_services: Services, house: House, monkeypatch: pytest.MonkeyPatch) -> Services:
    """No test pays for the wrong signatures of another."""
    monkeypatch.setattr(house.deps.hook_throttle, "_windows", LoginThrottle(time.monotonic)._windows)
    return open_services


@pytest.fixture
def person(services: Services) -> Callable[..., Person]:
    return lambda channel="sms": Person(services, channel)
