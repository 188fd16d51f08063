"""An administrator reads payloads of their own tenant's calls, and nobody reads any others."""

import base64

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads
from temporalio.client import Client

from domain.accounts import Role
from domain.call import workflow_id
from tests.gateway.house import CLINIC, PASSWORD, SHOP
from tests.gateway.offers import OFFER

pytestmark = pytest.mark.servers

PATH = "/v1/codec/decode"


@pytest.fixture
def sealed(house):
    """The call's id, and the start's payload as Temporal keeps it."""
    client = house.as_caller(SHOP)
    call_id = client.post("/v1/calls", json={"offer": {"type": "offer", "sdp": OFFER}}).json()["call_id"]

    async def kept() -> Payloads:
        temporal = await Client.connect(house.settings.temporal_address)
        history = await temporal.get_workflow_handle(workflow_id(call_id)).fetch_history()
        return history.events[0].workflow_execution_started_event_attributes.input

    client.delete(f"/v1/calls/{call_id}")
    house.until_ended(call_id)
    return call_id, MessageToDict(house.run(kept()))


def test_what_temporal_keeps_is_sealed_and_an_administrator_reads_it(house, sealed):
    call_id, kept = sealed
    assert call_id.encode() not in base64.b64decode(kept["payloads"][0]["data"])
    answer = house.as_person(Role.ADMIN, SHOP).post(PATH, json=kept)
    assert answer.status_code == 200
    data = base64.b64decode(answer.json()["payloads"][0]["data"]).decode()
    assert call_id in data
    assert SHOP in data


def test_another_tenants_administrator_does_not(house, sealed):
    answer = house.as_person(Role.ADMIN, CLINIC).post(PATH, json=sealed[1])
    assert (answer.status_code, answer.json()["code"]) == (422, "not_decodable")


def test_an_erased_call_stays_erased(house, sealed):
    call_id, kept = sealed
    house.run(house.deps.keys.erase_key(SHOP, call_id))
    answer = house.as_person(Role.ADMIN, SHOP).post(PATH, json=kept)
    assert call_id not in answer.text
    assert b"erased" in base64.b64decode(answer.json()["payloads"][0]["data"])


@pytest.mark.parametrize(
    "body",
    [
        {"payloads": 1},
        {"payloads": [{"metadata": "x"}]},
        {"payloads": [{"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="}, "data": "x"}]},
        {"payloads": [{"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="}, "data": "AAAA"}]},
        {"nothing": []},
    ],
)
def test_nonsense_is_422(house, body):
    answer = house.as_person(Role.ADMIN).post(PATH, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_decodable")


def test_the_temporal_ui_reads_by_the_cookie_of_a_signed_in_administrator(house, sealed):
    browser = house.client()
    browser.post("/v1/auth/login", json={"tenant": "shop", "email": "admin@shop.example", "password": PASSWORD})
    origin = f"http://127.0.0.1:{house.settings.temporal_ui_port}"
    answer = browser.post(PATH, json=sealed[1], headers={"Origin": origin, "X-Namespace": "default"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    # The cookie opens the codec and nothing else.
    assert browser.get("/v1/me").status_code == 401
    elsewhere = browser.post(PATH, json=sealed[1], headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in elsewhere.headers


def test_reading_is_audited(house, sealed, monkeypatch):
    lines: list[tuple[str, ...]] = []

    async def record(*line: object) -> None:
        lines.append(tuple(str(part) for part in line))

    monkeypatch.setattr(house.deps.audit, "record", record)
    house.as_person(Role.ADMIN, SHOP).post(PATH, json=sealed[1])
    assert lines == [(SHOP, "t-shop-admin", "payloads_read", sealed[0], "{}")]
