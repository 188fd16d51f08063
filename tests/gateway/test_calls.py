"""Calls over the real workflow: start, come back, hang up, rate, and everything that a caller may not do."""

import time
import uuid

import httpx
import pytest

from domain.accounts import Role, SiteKey
from domain.call import Channel, Outcome
from domain.speech import Language
from gateway.throttle import ACCOUNT_FAILURES
from gateway.tokens import CALL_FIRST_USE_S, CALL_LIFE_S, Tokens, new_key_pem, signing_key
from tests.gateway.house import CLINIC, CUSTOMER, SHOP, SLOTS
from tests.gateway.media import UNANSWERABLE
from tests.gateway.offers import OFFER

pytestmark = pytest.mark.servers

OFFERED = {"type": "offer", "sdp": OFFER}


@pytest.fixture
def calls(house):
    """Starts calls and hangs them all up at the end, so that each test finds free slots."""
    started: list[tuple[httpx.Client, str]] = []

    def start(client: httpx.Client | None = None, **body):
        client = client or house.as_caller()
        answer = client.post("/v1/calls", json={"offer": OFFERED, **body})
        if answer.status_code == 201:
            started.append((client, answer.json()["call_id"]))
        return client, answer

    yield start
    for client, call_id in started:
        assert client.delete(f"/v1/calls/{call_id}").status_code == 204
        house.until_ended(call_id)


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"] == "about:blank"
    assert told["title"]
    assert told["detail"]
    return answer.status_code, told["code"]


def test_an_offer_is_answered_and_the_hops_are_timed(house, calls):
    _, answer = calls(language="ar")
    told = answer.json()
    assert answer.status_code == 201
    assert told["lease"] == 1
    assert told["answer"]["type"] == "answer"
    assert "lease:1" in told["answer"]["sdp"]
    assert uuid.UUID(told["call_id"])
    assert answer.headers["location"] == f"/v1/calls/{told['call_id']}"
    hops = dict(hop.split(";dur=") for hop in answer.headers["server-timing"].split(", "))
    assert all(float(hops[hop]) > 0 for hop in ("gateway", "durable"))
    request = house.host.requests[-1]
    assert (request.tenant_id, request.language, request.channel) == (SHOP, Language.AR, Channel.WEB)
    row = house.run(house.deps.store.call(SHOP, told["call_id"]))
    assert (row.lease, row.ended_at) == (1, None)


def refusals(house, call_id, tenant_id=SHOP):
    lines = house.run(house.deps.audit.lines(tenant_id))
    refused_lines = [line for line in lines if (line.action, line.subject) == ("call_reconnect_refused", call_id)]
    return [(line.actor, line.detail["code"]) for line in refused_lines]


def test_coming_back_raises_the_lease(calls):
    client, answer = calls()
    call_id = answer.json()["call_id"]
    back = client.post(f"/v1/calls/{call_id}/reconnect", json={"offer": OFFERED})
    assert back.status_code == 200
    assert back.json()["call_id"] == call_id
    assert back.json()["lease"] == 2


def test_hanging_up_ends_the_workflow_and_the_call_can_still_be_rated(house, calls):
    client, answer = calls()
    call_id = answer.json()["call_id"]
    assert client.delete(f"/v1/calls/{call_id}").status_code == 204
    assert house.until_ended(call_id).outcome is Outcome.CALLER_HUNG_UP
    assert client.post(f"/v1/calls/{call_id}/rating", json={"stars": 4, "comment": "شكراً"}).status_code == 204
    assert house.run(house.deps.store.call(SHOP, call_id)).rating == 4
    assert client.delete(f"/v1/calls/{call_id}").status_code == 204
    for _ in range(ACCOUNT_FAILURES + 2):
        assert refused(client.post(f"/v1/calls/{call_id}/reconnect", json={"offer": OFFERED})) == (409, "call_ended")
    # On record, but a page that never gives up doesn't fill the audit.
    assert refusals(house, call_id) == [("caller", "call_ended")] * ACCOUNT_FAILURES


def test_a_token_makes_one_call(house, calls):
    client, answer = calls()
    assert answer.status_code == 201
    _, second = calls(client)
    assert refused(second) == (409, "token_used")
    assert house.run(house.deps.accounts.live_calls(SHOP, "t-shop-site")) == 1


def test_an_expired_token_starts_nothing_and_still_serves_its_call(house, calls):
    late = house.tokens_at(-CALL_FIRST_USE_S - 1)
    token = late.call(house.site_keys[SHOP], house.url)
    client = house.client(Authorization=f"Bearer {token}")
    assert refused(client.post("/v1/calls", json={"offer": OFFERED})) == (401, "call_token_expired")
    theirs = calls()[1].json()["call_id"]
    assert refused(client.delete(f"/v1/calls/{theirs}")) == (404, "not_found")
    # Bound while it was young, it serves on.
    call_id = str(uuid.uuid4())
    house.run(house.deps.store.create_call(SHOP, call_id, "web", None))
    young = late.call(house.site_keys[SHOP], house.url)
    house.run(house.deps.accounts.bind_call_token(SHOP, house.deps.tokens.read_call(young).token_id, call_id))
    served = house.client(Authorization=f"Bearer {young}").post(f"/v1/calls/{call_id}/rating", json={"stars": 5})
    assert served.status_code == 204


def test_a_token_that_has_had_its_time_comes_back_to_nothing_and_is_on_record(house, calls):
    call_id = calls()[1].json()["call_id"]
    token = house.tokens_at(-CALL_LIFE_S - 1).call(house.site_keys[SHOP], CUSTOMER)
    path = f"/v1/calls/{call_id}/reconnect"
    client = house.client(Authorization=f"Bearer {token}", Origin=CUSTOMER)
    answer = client.post(path, json={"offer": OFFERED})
    assert refused(answer) == (401, "call_token_expired")
    assert "call again" in answer.json()["detail"]
    # The page that asks must be able to read why, also on a customer's web site.
    assert answer.headers["access-control-allow-origin"] == CUSTOMER
    elsewhere = house.client(Authorization=f"Bearer {token}", Origin=house.url)
    assert refused(elsewhere.post(path, json={"offer": OFFERED})) == (403, "origin_not_allowed")
    assert refusals(house, call_id) == [("caller", "call_token_expired"), ("caller", "origin_not_allowed")]
    # What is no call, or no coming back, is refused alike and fills no audit.
    before = len(house.run(house.deps.audit.lines(SHOP)))
    assert client.post("/v1/calls/x%00y/reconnect", json={"offer": OFFERED}).status_code in (401, 404, 422)
    assert refused(client.delete(f"/v1/calls/{call_id}")) == (401, "call_token_expired")
    assert refused(client.post(f"/v1/calls/{call_id}/rating", json={"stars": 1})) == (401, "call_token_expired")
    assert len(house.run(house.deps.audit.lines(SHOP))) == before
    assert house.run(house.deps.store.call(SHOP, call_id)).ended_at is None


def test_a_foreign_token_is_refused(house):
    foreign = Tokens(signing_key(new_key_pem()), time.time).call(house.site_keys[SHOP], house.url)
    answer = house.client(Authorization=f"Bearer {foreign}").post("/v1/calls", json={"offer": OFFERED})
    assert refused(answer) == (401, "unauthenticated")


def test_a_token_is_for_the_web_site_that_asked_for_it(house):
    token = house.call_token()
    answer = house.client(Authorization=f"Bearer {token}", Origin=CUSTOMER).post("/v1/calls", json={"offer": OFFERED})
    assert refused(answer) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


def test_a_customers_web_site_may_read_answers_and_refusals(house, calls):
    client = house.client(Authorization=f"Bearer {house.call_token(origin=CUSTOMER)}", Origin=CUSTOMER)
    _, answer = calls(client)
    assert answer.headers["access-control-allow-origin"] == CUSTOMER
    again = client.post("/v1/calls", json={"offer": OFFERED})
    assert again.headers["access-control-allow-origin"] == CUSTOMER


def test_nobody_touches_another_callers_call(house, calls):
    _, answer = calls()
    theirs = answer.json()["call_id"]
    for client in (house.as_caller(SHOP), house.as_caller(CLINIC)):
        for method, path, body in (
            ("POST", f"/v1/calls/{theirs}/reconnect", {"offer": OFFERED}),
            ("POST", f"/v1/calls/{theirs}/rating", {"stars": 1}),
            ("DELETE", f"/v1/calls/{theirs}", None),
        ):
            assert refused(client.request(method, path, json=body)) == (404, "not_found"), (method, path)
        # An unused token that tried is spent, rather than bound to somebody's call.
        assert refused(client.post("/v1/calls", json={"offer": OFFERED})) == (409, "token_used")
    row = house.run(house.deps.store.call(SHOP, theirs))
    assert (row.lease, row.ended_at, row.rating) == (1, None, None)
    assert [refusals(house, theirs, tenant) for tenant in (SHOP, CLINIC)] == [[("caller", "not_found")]] * 2


def test_another_tenants_pages_do_not_find_the_call(house, calls):
    _, answer = calls()
    path = f"/v1/calls/{answer.json()['call_id']}"
    assert house.as_person(Role.VIEWER, SHOP).get(path).status_code == 200
    assert refused(house.as_person(Role.ADMIN, CLINIC).get(path)) == (404, "not_found")


@pytest.mark.parametrize("call_id", ["1", "call-1", "..", "%2e%2e", "x" * 500, "8c2f1d3e-6f0b-4c36-9f0e-1f2a3b4c5d6g"])
def test_nonsense_for_a_call_id(house, call_id):
    answer = house.as_caller().post(f"/v1/calls/{call_id}/rating", json={"stars": 3})
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "offer",
    [
        {"type": "offer", "sdp": ""},
        {"type": "offer", "sdp": "v=0"},
        {"type": "offer", "sdp": OFFER[: len(OFFER) // 2]},
        {"type": "offer", "sdp": OFFER.replace("a=fingerprint", "a=finger")},
        {"type": "offer", "sdp": OFFER + "\0"},
        {"type": "offer", "sdp": OFFER + "a=x\r\n" * 5000},
    ],
)
def test_a_corrupt_offer_starts_nothing_and_spends_no_token(house, calls, offer):
    client = house.as_caller()
    before = len(house.host.requests)
    assert refused(client.post("/v1/calls", json={"offer": offer})) == (422, "bad_offer")
    assert len(house.host.requests) == before
    assert calls(client)[1].status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"offer": OFFER},
        {"offer": {"type": "answer", "sdp": OFFER}},
        {"offer": {"type": "offer"}},
        {"offer": {"type": "offer", "sdp": 1}},
        {"offer": {**OFFERED, "more": 1}},
        {"offer": OFFERED, "language": "fr"},
        {"offer": OFFERED, "tenant_id": CLINIC},
        {"offer": OFFERED, "call_id": str(uuid.uuid4())},
    ],
)
def test_a_body_of_another_shape(house, body):
    assert refused(house.as_caller().post("/v1/calls", json=body)) == (422, "invalid")


@pytest.mark.parametrize(
    "body", [{}, {"stars": 0}, {"stars": 6}, {"stars": 4.5}, {"stars": "4"}, {"stars": 4, "comment": "x" * 1001}]
)
def test_a_rating_of_another_shape(house, calls, body):
    client, answer = calls()
    assert client.post(f"/v1/calls/{answer.json()['call_id']}/rating", json=body).status_code == 422


def test_an_offer_that_no_line_can_be_opened_with(house):
    offer = {"type": "offer", "sdp": OFFER.replace("s=-", UNANSWERABLE)}
    client = house.as_caller()
    assert refused(client.post("/v1/calls", json={"offer": offer})) == (422, "bad_offer")
    call_id = house.host.requests[-1].call_id
    assert house.until_ended(call_id).outcome is Outcome.REFUSED


def test_when_every_line_is_busy_the_caller_is_told_when_to_come_back(house, calls):
    for _ in range(SLOTS):
        assert calls()[1].status_code == 201
    client, answer = calls()
    assert refused(answer) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0
    busy = [row for row in house.run(house.deps.store.recent(SHOP, 5)) if row.outcome is Outcome.BUSY]
    assert len(busy) == 1
    assert client.post("/v1/calls", json={"offer": OFFERED}).json()["code"] == "token_used"


def test_the_cap_holds_for_tokens_that_were_kept(house, calls):
    small = SiteKey(
        site_key_id="kept",
        tenant_id=SHOP,
        key="site-kept-0001",
        allowed_origins=("self",),
        max_concurrent_calls=1,
    )
    house.run(house.deps.accounts.save_site_key(small))
    clients = [
        house.client(Authorization=f"Bearer {house.deps.tokens.call(small, house.url)}", Origin=house.url)
        for _ in range(2)
    ]
    assert calls(clients[0])[1].status_code == 201
    assert refused(calls(clients[1])[1]) == (429, "too_many_calls")
    assert house.run(house.deps.accounts.live_calls(SHOP, "kept")) == 1


def test_what_was_said_is_shown_to_the_tenants_own_people(house, calls):
    _, answer = calls()
    call_id = answer.json()["call_id"]
    viewer = house.as_person(Role.VIEWER)
    told = viewer.get(f"/v1/calls/{call_id}").json()
    assert told["call"]["call_id"] == call_id
    assert told["turns"] == []
    rows = viewer.get("/v1/calls", params={"limit": 1}).json()["calls"]
    assert [row["call_id"] for row in rows] == [call_id]
    assert call_id not in {
        row["call_id"] for row in house.as_person(Role.ADMIN, CLINIC).get("/v1/calls").json()["calls"]
    }


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", ""])
def test_nonsense_for_a_limit(house, limit):
    assert house.as_person(Role.VIEWER).get("/v1/calls", params={"limit": limit}).status_code == 422
