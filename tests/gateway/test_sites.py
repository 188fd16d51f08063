"""Call tokens: for known web sites only, and within their cap."""

import pytest

from domain.accounts import SiteKey
from domain.call import Outcome
from tests.gateway.house import CLINIC, CUSTOMER, SHOP

pytestmark = pytest.mark.servers


def ask(house, origin, key="site-shop-0001"):
    headers = {} if origin is None else {"Origin": origin}
    return house.client(**headers).post("/v1/call-tokens", json={"site_key": key})


def test_the_pages_learn_their_site_keys(house):
    shop, clinic = sorted(house.client().get("/v1/sites").json()["sites"], key=lambda site: site["slug"], reverse=True)
    assert shop["slug"] == "shop"
    assert shop["name"] == {"en": "Shop", "ar": "متجر"}
    assert (shop["default_language"], shop["site_key"]) == ("en", "site-shop-0001")
    assert clinic["slug"] == "clinic"


def test_our_own_page_gets_a_token(house):
    answer = ask(house, house.url)
    assert answer.status_code == 201
    told = answer.json()
    assert told["expires_in_s"] == 900
    assert told["tenant"] == {"slug": "shop", "name": {"en": "Shop", "ar": "متجر"}, "default_language": "en"}
    assert told["ice_servers"] == [{"urls": "stun:stun.example"}]
    assert told["languages"] == ["en", "ar"]


def test_localhost_is_our_own_page_too(house):
    assert ask(house, house.url.replace("127.0.0.1", "localhost")).status_code == 201


def test_a_customers_web_site_gets_one_and_may_read_it(house):
    answer = ask(house, CUSTOMER)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == CUSTOMER
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://www.shop.example",
        "https://www.shop.example:8443",
        "https://www.shop.example.evil.example",
        "null",
        "*",
        "https://www.shop.example/",
        "https://www.shop.example, https://evil.example",
    ],
)
def test_another_web_site_gets_none_and_may_not_even_read_why(house, origin):
    answer = ask(house, origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


def test_without_an_origin_there_is_none(house):
    answer = ask(house, None)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_missing")


def test_a_site_key_of_another_tenant_has_its_own_web_sites(house):
    assert ask(house, CUSTOMER, "site-clinic-0001").status_code == 403


def test_an_unknown_site_key(house):
    answer = ask(house, house.url, "site-nobody-0001")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_site_key")


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 200, "a b c d e f g", "site\0shop-0001", "'; DROP TABLE x", 12345678]
)
def test_nonsense_for_a_site_key(house, key):
    assert ask(house, house.url, key).status_code == 422


def test_at_the_cap_there_is_no_token_until_a_call_ends(house):
    house.run(
        house.deps.accounts.save_site_key(
            SiteKey(
                site_key_id="small",
                tenant_id=CLINIC,
                key="site-small-0001",
                allowed_origins=("self",),
                max_concurrent_calls=1,
            )
        )
    )
    house.run(house.deps.store.create_call(CLINIC, "a-call-of-the-small-one", "web", "small"))
    answer = ask(house, house.url, "site-small-0001")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_calls")
    assert int(answer.headers["retry-after"]) > 0
    house.run(house.deps.store.end_call(CLINIC, "a-call-of-the-small-one", Outcome.CALLER_HUNG_UP))
    assert ask(house, house.url, "site-small-0001").status_code == 201
    assert ask(house, house.url).json()["tenant"]["slug"] == SHOP.removeprefix("t-")
