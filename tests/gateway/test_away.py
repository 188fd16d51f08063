"""What callers and people are told while Postgres or Temporal is away."""

import pytest
from pydantic import SecretStr

from domain.call import Outcome
from tests.conftest import free_port
from tests.gateway.house import PASSWORD, SHOP, open_gateway
from tests.gateway.offers import OFFER

pytestmark = pytest.mark.servers


@pytest.fixture
def gateway(backstage, settings, pages_dir):
    """Opens a gateway whose settings were changed."""
    opened = []

    def open_with(**changes):
        opening = open_gateway(
            backstage, settings.model_copy(update={"gateway_port": free_port(), **changes}), pages_dir
        )
        opened.append((opening, backstage.run(opening.__aenter__())))
        return opened[-1][1]

    yield open_with
    for opening, house in opened:
        house.close_clients()
        backstage.run(opening.__aexit__(None, None, None))


def told(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert "127.0.0.1" not in answer.text
    assert "Error" not in answer.text
    return answer.status_code, answer.json()["code"]


def test_without_temporal_the_call_is_refused_and_does_not_stay_open(house, gateway):
    alone = gateway(temporal_address=f"127.0.0.1:{free_port()}")
    assert alone.client().get("/readyz").json()["detail"] == "Not ready: Temporal can't be reached."
    token = alone.deps.tokens.call(house.site_keys[SHOP], alone.url)
    answer = alone.client(Authorization=f"Bearer {token}").post(
        "/v1/calls", json={"offer": {"type": "offer", "sdp": OFFER}}
    )
    assert told(answer) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert house.run(house.deps.accounts.live_calls(SHOP, house.site_keys[SHOP].site_key_id)) == 0
    assert house.run(house.deps.store.recent(SHOP, 1))[0].outcome is Outcome.LOST


def test_without_postgres_everything_says_so_and_the_pages_are_served(house, gateway):
    url = f"postgresql+asyncpg://hatif_app:x@127.0.0.1:{free_port()}/hatif"
    alone = gateway(database_url=SecretStr(url))
    assert alone.client().get("/readyz").json()["detail"] == "Not ready: Postgres can't be reached."
    assert alone.client().get("/healthz").status_code == 200
    assert alone.client().get("/login").status_code == 200
    login = {"tenant": "shop", "email": "admin@shop.example", "password": PASSWORD}
    assert told(alone.client().post("/v1/auth/login", json=login)) == (503, "unavailable")
    asked = alone.client(Origin=alone.url).post("/v1/call-tokens", json={"site_key": "site-shop-0001"})
    assert told(asked) == (503, "unavailable")
    token = alone.deps.tokens.call(house.site_keys[SHOP], alone.url)
    answer = alone.client(Authorization=f"Bearer {token}").post(
        "/v1/calls", json={"offer": {"type": "offer", "sdp": OFFER}}
    )
    assert told(answer) == (503, "unavailable")
