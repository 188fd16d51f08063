"""Connections over HTTP: a true answer of the vendor's, secrets that never come out, and nobody else's."""

import dataclasses

import pytest
from sqlalchemy import text

from domain.accounts import Role
from tests.connectors.fakes.server import Fault
from tests.connectors.fakes.twilio import ACCOUNT
from tests.connectors.fakes.whatsapp import PHONE_NUMBER_ID
from tests.gateway.connections.conftest import KEY
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

CONNECTIONS = "/v1/connections"
SETTINGS = {
    "zendesk": {"user": "hatif@shop.example"},
    "hubspot": {},
    "freshdesk": {},
    "twilio": {"account": ACCOUNT, "sms_sender": "+15005550006"},
    "whatsapp": {"phone_number_id": PHONE_NUMBER_ID},
}
NAMES = {
    "zendesk": "Hatif <hatif@example.com>",
    "hubspot": "77 (hatif.hubspot.com)",
    "freshdesk": "Hatif <hatif@example.com>",
    "twilio": "Demo Shop (active)",
    "whatsapp": "Demo Shop (+1 555-0100)",
}


def by_key(kind, url, /, **changes):
    wanted = {"kind": kind, "sign_in": "key", "site": url, "settings": SETTINGS[kind], "secrets": {"key": KEY}}
    return {**wanted, **changes}


def by_consent(kind, url, secret="app-secret"):
    app = {"settings": {"client_id": "hatif"}, "secrets": {"client_secret": secret}}
    return {"kind": kind, "sign_in": "oauth", "site": url, **app}


def made(admin, wanted):
    answer = admin.post(CONNECTIONS, json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()["connection"]


def tried(admin, kind):
    answer = admin.post(f"{CONNECTIONS}/{kind}/test")
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["code"]


def lines(house, tenant=SHOP):
    return [(one.action, one.detail) for one in house.run(house.deps.audit.lines(tenant))]


# ---------------------------------------------------------------- a true answer


@pytest.mark.parametrize("kind", list(SETTINGS))
def test_the_vendor_says_who_we_are_or_that_the_key_is_wrong(house, admin, vendor, kind):
    fake, url = vendor(kind)
    shown = made(admin, by_key(kind, url))
    assert (shown["address"], shown["signed_in"], shown["in_use"]) == (url, True, True)
    assert tried(admin, kind) == {"works": True, "account": NAMES[kind], "trouble": None}
    admin.patch(f"{CONNECTIONS}/{kind}", json={"secrets": {"key": "another"}}).raise_for_status()
    assert tried(admin, kind) == {"works": False, "account": None, "trouble": "sign_in_refused"}
    assert lines(house)[-1] == ("connection_tested", {"result": "sign_in_refused"})
    assert fake.requests


@pytest.mark.parametrize("kind", ["zendesk", "hubspot", "freshdesk"])
def test_who_may_sign_in_may_still_not_be_allowed_to_read(admin, vendor, kind):
    fake, url = vendor(kind)
    made(admin, by_key(kind, url))
    fake.forbidden = ("/api/v2/tickets", "/crm/v3/objects/tickets")
    assert tried(admin, kind)["trouble"] == "no_permission"


def test_every_other_trouble_says_what_it_is(house, admin, vendor):
    fake, url = vendor("zendesk")
    made(admin, by_key("zendesk", url))
    fake.closed = True
    assert tried(admin, "zendesk")["trouble"] == "wrong_address"
    fake.closed = False
    fake.fail(Fault.GARBAGE, at=1)
    assert tried(admin, "zendesk")["trouble"] == "wrong_address"
    fake.fail(Fault.LIMIT, at=2)
    assert tried(admin, "zendesk")["trouble"] == "limited"
    fake.fail(Fault.ERROR_BEFORE, at=1)
    assert tried(admin, "zendesk")["trouble"] == "unreachable"
    made(admin, by_key("hubspot", "https://127.0.0.1:9"))
    assert tried(admin, "hubspot")["trouble"] == "unreachable"
    _, url = vendor("whatsapp")
    made(admin, by_key("whatsapp", url, settings={"phone_number_id": "10000"}))
    assert tried(admin, "whatsapp")["trouble"] == "wrong_account"
    house.run(forget_secrets(house))
    assert tried(admin, "zendesk")["trouble"] == "key_missing"


async def forget_secrets(house):
    async with house.database.tenant_transaction(SHOP) as connection:
        await connection.execute(text("DELETE FROM hatif.secrets"))


# ---------------------------------------------------------------- consent


def agreed(house, admin, kind, decision="allow"):
    """Through the vendor's page and back, as a browser goes; where it lands."""
    answer = admin.post(f"{CONNECTIONS}/{kind}/consent", headers={"Origin": house.url})
    assert answer.status_code == 200, answer.text
    address = answer.json()["address"]
    decided = f"{address.partition('/services')[0].partition('/oauth')[0]}/oauth/decided"
    query = dict(admin.build_request("GET", address).url.params)
    vendors = house.client()
    vendors = type(vendors)(verify=False)
    assert vendors.get(address).status_code == 200
    back = vendors.get(decided, params={**query, "decision": decision}).headers["location"]
    vendors.close()
    assert back.startswith(f"{house.url}/v1/connections/callback?")
    return back


def landed(admin, back):
    answer = admin.get(back, headers={"Authorization": ""})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize("kind", ["zendesk", "hubspot", "salesforce"])
def test_somebody_agrees_at_the_vendor_and_the_connection_works(house, admin, vendor, kind):
    fake, url = vendor(kind)
    assert made(admin, by_consent(kind, url))["signed_in"] is False
    assert tried(admin, kind)["trouble"] == "not_connected"
    back = agreed(house, admin, kind)
    assert landed(admin, back) == f"/connections?consent=connected&connection={kind}"
    assert ("code_challenge" in fake.asked[0]) is (kind != "hubspot")
    assert admin.get(CONNECTIONS).json()["connections"][0]["signed_in"] is True
    assert tried(admin, kind)["works"] is True
    # The code, the state and the cookie are good once.
    assert landed(admin, back) == "/connections?consent=late"
    # The tokens are renewed from the sealed refresh token, until that is withdrawn.
    fake.credentials.clear()
    assert tried(admin, kind)["works"] is True
    fake.credentials.clear()
    fake.refresh_tokens.clear()
    assert tried(admin, kind)["trouble"] == "authorisation_ended"
    assert ("consent_given", {"result": "connected"}) in lines(house)


def test_a_wrong_application_or_a_no_connects_nothing(house, admin, vendor):
    _, url = vendor("zendesk")
    made(admin, by_consent("zendesk", url, secret="of-another-app"))
    assert landed(admin, agreed(house, admin, "zendesk")).startswith("/connections?consent=client_refused")
    back = agreed(house, admin, "zendesk", decision="deny")
    assert landed(admin, back) == "/connections?consent=declined&connection=zendesk"
    assert tried(admin, "zendesk")["trouble"] == "not_connected"


def test_the_way_back_is_open_to_the_browser_that_set_out_alone(house, admin, vendor):
    fake, url = vendor("zendesk")
    made(admin, by_consent("zendesk", url))
    back = agreed(house, admin, "zendesk")
    assert landed(house.client(), back) == "/connections?consent=late", "another browser"
    other = house.as_person(Role.ADMIN, CLINIC)
    made(other, by_consent("zendesk", url))
    agreed(house, other, "zendesk")
    assert landed(other, back) == "/connections?consent=late", "another company's administrator"
    altered = back.replace("state=zendesk.", "state=zendesk.x")
    assert landed(admin, altered) == "/connections?consent=late", "another state"
    admin.cookies.clear()
    assert landed(admin, back) == "/connections?consent=late"
    assert fake.codes, "none of them was used"
    assert refused(admin.post(f"{CONNECTIONS}/zendesk/consent")) == (403, "origin_missing")
    foreign = admin.post(f"{CONNECTIONS}/zendesk/consent", headers={"Origin": "https://evil.example"})
    assert refused(foreign) == (403, "origin_not_allowed")


def test_a_key_needs_no_consent(house, admin, vendor):
    _, url = vendor("zendesk")
    made(admin, by_key("zendesk", url))
    answer = admin.post(f"{CONNECTIONS}/zendesk/consent", headers={"Origin": house.url})
    assert refused(answer) == (409, "no_consent")


# ---------------------------------------------------------------- secrets, and where they may go


def test_secrets_go_in_and_never_come_out(house, admin, vendor):
    _, url = vendor("whatsapp")
    secret = {"key": KEY, "app_secret": "of-our-app", "verify_token": "said-by-us"}
    made(admin, by_key("whatsapp", url, secrets=secret))
    said = admin.get(CONNECTIONS).text + str(lines(house))
    assert not [value for value in secret.values() if value in said]
    assert admin.get(CONNECTIONS).json()["connections"][0]["secrets"] == sorted(secret)
    stored = house.run(everything_stored(house))
    assert not [value for value in secret.values() if value.encode() in stored]
    assert admin.delete(f"{CONNECTIONS}/whatsapp").status_code == 204
    assert house.run(everything_stored(house)) == b""


async def everything_stored(house):
    async with house.database.tenant_transaction(SHOP) as connection:
        rows = await connection.execute(text("SELECT reference, value_sealed FROM hatif.secrets"))
        return b" ".join(row.reference.encode() + bytes(row.value_sealed) for row in rows)


def test_a_secret_is_not_sent_to_another_address_because_somebody_changed_it(admin, vendor):
    _, url = vendor("zendesk")
    other, elsewhere = vendor("zendesk")
    made(admin, by_key("zendesk", url))
    moved = admin.patch(f"{CONNECTIONS}/zendesk", json={"site": elsewhere})
    assert refused(moved) == (422, "secret_missing")
    assert tried(admin, "zendesk")["works"] is True
    assert not other.requests
    moved = admin.patch(f"{CONNECTIONS}/zendesk", json={"site": elsewhere, "secrets": {"key": KEY}})
    assert moved.json()["connection"]["address"] == elsewhere
    assert tried(admin, "zendesk")["works"] is True
    assert other.requests


def test_tokens_are_forgotten_with_the_application_they_were_given_to(house, admin, vendor):
    _, url = vendor("hubspot")
    made(admin, by_consent("hubspot", url))
    landed(admin, agreed(house, admin, "hubspot"))
    renamed = admin.patch(f"{CONNECTIONS}/hubspot", json={"settings": {"client_id": "another"}})
    assert renamed.json()["connection"]["signed_in"] is False
    assert tried(admin, "hubspot")["trouble"] == "not_connected"


# ---------------------------------------------------------------- what can't be


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"site": "http://169.254.169.254/latest"}, "bad_address"),
        ({"site": "https://zendesk.com.evil.example"}, "bad_address"),
        ({"site": "https://evil.example/?x=.zendesk.com"}, "bad_address"),
        ({"site": "https://user:pass@evil.example"}, "bad_address"),
        ({"site": "https://shop.zendesk.com:8443"}, "bad_address"),
        ({"site": "http://shop.zendesk.com"}, "bad_address"),
        ({"site": "https://[::1"}, "bad_address"),
        ({"site": ""}, "bad_address"),
        ({"settings": {}}, "setting_missing"),
        ({"settings": {"user": "nobody"}}, "bad_setting"),
        ({"settings": {"user": "a@b.example", "account": ACCOUNT}}, "bad_setting"),
        ({"settings": {"color": "red"}}, "invalid"),
        ({"secrets": {}}, "secret_missing"),
        ({"secrets": {"key": KEY, "app_secret": "x"}}, "bad_secret"),
        ({"secrets": {"key": "two words"}}, "invalid"),
        ({"kind": "desk"}, "invalid"),
        ({"kind": "salesforce"}, "bad_sign_in"),
        ({"kind": "twilio", "settings": {"account": ACCOUNT}}, "setting_missing"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(admin, change, code):
    answer = admin.post(CONNECTIONS, json=by_key("zendesk", "shop", **change))
    assert refused(answer) == (422, code), answer.text
    assert admin.get(CONNECTIONS).json()["connections"] == []


def test_a_short_name_is_the_vendors_own_address(admin):
    assert made(admin, by_key("zendesk", "Shop"))["address"] == "https://shop.zendesk.com"
    assert made(admin, by_key("hubspot", None))["address"] == "https://api.hubapi.com"
    assert refused(admin.post(CONNECTIONS, json=by_key("zendesk", "other"))) == (409, "already_connected")


def test_of_two_crms_the_agent_works_with_one_and_the_page_says_which(admin):
    made(admin, by_key("freshdesk", "shop"))
    made(admin, by_key("zendesk", "shop"))
    shown = admin.get(CONNECTIONS).json()["connections"]
    assert [(one["id"], one["in_use"]) for one in shown] == [("freshdesk", True), ("zendesk", False)]
    off = admin.patch(f"{CONNECTIONS}/freshdesk", json={"enabled": False}).json()["connection"]
    assert (off["enabled"], off["in_use"]) == (False, False)
    assert [one["in_use"] for one in admin.get(CONNECTIONS).json()["connections"]] == [False, True]


# ---------------------------------------------------------------- what is told there of calls


def told(shown):
    return shown["log_calls"], shown["start_workflows"]


def test_what_is_told_of_calls_is_set_apart_from_signing_in(house, admin):
    zendesk = made(admin, by_key("zendesk", "shop"))
    assert told(zendesk) == ("no", False), "a logged call would be a ticket there"
    assert told(made(admin, by_key("hubspot", None))) == ("summary", False)
    assert told(made(admin, by_key("freshdesk", "shop", log_calls="bare"))) == ("bare", False)
    changed = admin.patch(f"{CONNECTIONS}/zendesk", json={"log_calls": "summary", "start_workflows": True})
    assert told(changed.json()["connection"]) == ("summary", True)
    assert {"log_calls": "summary", "start_workflows": "yes"}.items() <= lines(house)[-1][1].items()
    signed_in = {"settings": {"user": "other@shop.example"}, "secrets": {"key": KEY}}
    again = admin.patch(f"{CONNECTIONS}/zendesk", json=signed_in).json()["connection"]
    assert told(again) == ("summary", True)
    assert again["settings"] == {"user": "other@shop.example"}
    off = admin.patch(f"{CONNECTIONS}/zendesk", json={"log_calls": "no", "start_workflows": False})
    assert told(off.json()["connection"]) == ("no", False)


def test_who_keeps_no_customers_is_told_of_no_calls(admin):
    made(admin, by_key("twilio", None))
    assert refused(admin.patch(f"{CONNECTIONS}/twilio", json={"log_calls": "bare"})) == (422, "bad_setting")
    assert refused(admin.patch(f"{CONNECTIONS}/twilio", json={"log_calls": "words"})) == (422, "invalid")
    other = by_key("whatsapp", None, start_workflows=True)
    assert refused(admin.post(CONNECTIONS, json=other)) == (422, "bad_setting")


# ---------------------------------------------------------------- whose it is

ROUTES = [
    ("GET", CONNECTIONS),
    ("POST", CONNECTIONS),
    ("PATCH", f"{CONNECTIONS}/zendesk"),
    ("DELETE", f"{CONNECTIONS}/zendesk"),
    ("POST", f"{CONNECTIONS}/zendesk/test"),
    ("POST", f"{CONNECTIONS}/zendesk/consent"),
]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADVISOR, Role.VIEWER])
def test_only_an_administrator_comes_near(house, role):
    person = house.as_person(role)
    for method, path in ROUTES:
        answer = person.request(method, path, json=by_key("zendesk", "shop") if method == "POST" else None)
        assert refused(answer) == (403, "forbidden"), (method, path)


def test_another_companys_connection_is_not_there(house, admin):
    made(admin, by_key("zendesk", "shop"))
    other = house.as_person(Role.ADMIN, CLINIC)
    assert other.get(CONNECTIONS).json() == {"connections": []}
    for method, path in ROUTES[2:]:
        answer = other.request(method, path, json={} if method == "PATCH" else None, headers={"Origin": house.url})
        assert refused(answer) == (404, "not_found"), (method, path)
    assert len(admin.get(CONNECTIONS).json()["connections"]) == 1
    assert [action for action, _ in lines(house, CLINIC) if action.startswith("connection")][-1:] in (
        [],
        ["connection_removed"],
    )


@pytest.fixture
def closed(house):
    """As most operators have it: no host beside the vendors' own."""
    deps = house.deps
    config = dataclasses.replace(deps.config, private_vendor_hosts=frozenset())
    house.app.state.deps = dataclasses.replace(deps, config=config)
    yield
    house.app.state.deps = deps


@pytest.mark.parametrize("site", ["http://127.0.0.1:9001", "https://127.0.0.1", "https://10.0.0.1", "localhost."])
def test_a_host_that_the_operator_did_not_allow_is_refused(admin, closed, site):
    assert refused(admin.post(CONNECTIONS, json=by_key("zendesk", site))) == (422, "bad_address")
