"""Probes and numbers."""

import pytest

from tests.gateway.offers import OFFER

pytestmark = pytest.mark.servers


def test_alive_and_ready(house):
    assert house.client().get("/healthz").json() == {"status": "ok"}
    answer = house.client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_not_ready_names_what_is_missing(house, monkeypatch):
    async def away() -> None:
        raise OSError("10.1.2.3 refused")

    monkeypatch.setitem(house.deps.checks, "Temporal", away)
    answer = house.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Not ready: Temporal can't be reached."
    assert answer.json()["code"] == "unavailable"
    assert "10.1.2.3" not in answer.text
    assert house.client().get("/healthz").status_code == 200


def test_numbers_count_routes_and_not_addresses(house):
    client = house.as_caller()
    call_id = client.post("/v1/calls", json={"offer": {"type": "offer", "sdp": OFFER}}).json()["call_id"]
    client.delete(f"/v1/calls/{call_id}")
    house.client().get("/some/page/nobody/wrote")
    house.client().request("PROPFIND", "/v1/sites")
    numbers = house.client().get("/metrics")
    assert numbers.headers["content-type"].startswith("text/plain")
    assert 'hatif_gateway_hop_seconds_count{hop="durable"} 1.0' in numbers.text
    assert 'hatif_gateway_hop_seconds_count{hop="gateway"} 1.0' in numbers.text
    assert 'method="DELETE",route="/v1/calls/{call_id}",status="204"' in numbers.text
    assert 'method="OTHER"' in numbers.text
    assert call_id not in numbers.text
    assert "nobody" not in numbers.text
    assert "PROPFIND" not in numbers.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded"])
def test_numbers_are_not_for_those_behind_a_proxy(house, name):
    assert house.client(**{name: "127.0.0.1"}).get("/metrics").status_code == 404
