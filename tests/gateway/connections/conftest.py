"""A gateway whose operator allows vendors on this machine, and the vendors themselves, each on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.accounts import Role
from tests.connectors.fakes.freshdesk import FakeFreshdesk
from tests.connectors.fakes.hubspot import FakeHubSpot
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.server import Clock, Fake
from tests.connectors.fakes.tls import Authority, authority
from tests.connectors.fakes.twilio import ACCOUNT, FakeTwilio
from tests.connectors.fakes.whatsapp import FakeWhatsApp
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.gateway.house import CLINIC, SHOP, House
from workers.settings import Settings

FAKES = {
    "zendesk": FakeZendesk,
    "hubspot": FakeHubSpot,
    "freshdesk": FakeFreshdesk,
    "salesforce": FakeSalesforce,
    "twilio": FakeTwilio,
    "whatsapp": FakeWhatsApp,
}
KEY = "a-key-made-at-the-vendor"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def settings(settings: Settings, tls: Authority) -> Settings:
    return settings.model_copy(update={"private_vendor_hosts": "127.0.0.1", "private_vendor_ca": Path(tls.ca_file)})


@pytest.fixture
def vendor(house: House, tls: Authority) -> Iterator[Callable[[str], tuple[Any, str]]]:
    """Opens one: the fake, and its address."""
    open_ones: list[Any] = []

    def opening(kind: str) -> tuple[Fake, str]:
        fake = FAKES[kind](Clock(runs=True))
        fake.credentials.add(f"Bearer {KEY}")
        fake.let_in({"zendesk": "hatif@shop.example/token", "twilio": ACCOUNT}.get(kind, KEY), _password(kind))
        serving = fake.serving(tls=tls.server() if kind == "salesforce" else None)
        open_ones.append(serving)
        return fake, house.run(serving.__aenter__())

    yield opening
    for serving in open_ones:
        house.run(serving.__aexit__(None, None, None))


def _password(kind: str) -> str:
    return "X" if kind == "freshdesk" else KEY


@pytest.fixture
def admin(house: House) -> Iterator[httpx.Client]:
    """Both companies have no connections afterwards."""
    yield house.as_person(Role.ADMIN)
    for tenant in (SHOP, CLINIC):
        client = house.as_person(Role.ADMIN, tenant)
        for one in client.get("/v1/connections").json()["connections"]:
            assert client.delete(f"/v1/connections/{one['id']}").status_code == 204
