"""People at the door: signing in, staying signed in, theft, and passwords."""

import uuid

import httpx
import pytest

from domain.accounts import Role, User
from gateway.auth import REFRESH_COOKIE
from gateway.passwords import hash_password
from gateway.throttle import ACCOUNT_FAILURES
from tests.gateway.house import CLINIC, PASSWORD, SHOP

pytestmark = pytest.mark.servers

NEXT_PASSWORD = "another long one 42"


@pytest.fixture
def person(house):
    """A fresh user, whose throttle and password no other test touches."""
    name = f"u{uuid.uuid4().hex[:8]}"
    user = User(user_id=name, tenant_id=SHOP, email=f"{name}@shop.example", name="Mona Saleh", role=Role.ADMIN)
    house.run(house.deps.accounts.create_user(user, hash_password(PASSWORD)))
    return user


def sign_in(client: httpx.Client, user: User, password: str = PASSWORD, tenant: str = "shop") -> httpx.Response:
    return client.post("/v1/auth/login", json={"tenant": tenant, "email": user.email, "password": password})


def with_refresh(house, token: str) -> httpx.Response:
    return house.client(Cookie=f"{REFRESH_COOKIE}={token}").post("/v1/auth/refresh")


def test_signing_in_gives_a_token_and_a_cookie_that_scripts_cannot_read(house, person):
    client = house.client()
    answer = sign_in(client, person)
    assert answer.status_code == 200
    told = answer.json()
    assert told["expires_in_s"] == 600
    assert told["user"] == {"id": person.user_id, "name": "Mona Saleh", "role": "admin", "tenant": SHOP}
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(REFRESH_COOKIE))
    assert {"HttpOnly", "SameSite=strict", "Path=/v1/auth"} <= {part.strip() for part in cookie.split(";")}
    me = client.get("/v1/me", headers={"Authorization": f"Bearer {told['access_token']}"})
    assert me.json()["id"] == person.user_id


def test_the_email_is_read_in_any_case(house, person):
    answer = house.client().post(
        "/v1/auth/login", json={"tenant": "shop", "email": f" {person.email.upper()}", "password": PASSWORD}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("wrong", ["password", "email", "tenant", "other_tenant"])
def test_whatever_is_wrong_the_answer_is_the_same(house, person, wrong):
    asked = {"tenant": "shop", "email": person.email, "password": PASSWORD}
    asked |= {
        "password": {"password": "not the password"},
        "email": {"email": "nobody@shop.example"},
        "tenant": {"tenant": "no-such-company"},
        "other_tenant": {"tenant": "clinic"},
    }[wrong]
    answer = house.client().post("/v1/auth/login", json=asked)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The company, the e-mail address or the password is wrong."
    assert "set-cookie" not in answer.headers


def test_a_disabled_account_is_closed(house):
    name = f"u{uuid.uuid4().hex[:8]}"
    gone = User(user_id=name, tenant_id=SHOP, email=f"{name}@shop.example", name="Gone", role=Role.ADMIN, disabled=True)
    house.run(house.deps.accounts.create_user(gone, hash_password(PASSWORD)))
    assert sign_in(house.client(), gone).status_code == 401
    token = house.deps.tokens.access(gone)
    assert house.client(Authorization=f"Bearer {token}").get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"tenant": "shop", "email": "a@b.ae"},
        {"tenant": "shop", "email": "a@b.ae", "password": "x", "remember": True},
        {"tenant": "shop", "email": "a@b.ae", "password": 12345678},
        {"tenant": "shop", "email": ["a@b.ae"], "password": "x"},
        {"tenant": "shop\0", "email": "a@b.ae", "password": "x"},
        {"tenant": "shop", "email": "a\0@b.ae", "password": "x"},
        {"tenant": "shop", "email": "a@b.ae", "password": "x" * 2000},
        {"tenant": "s" * 65, "email": "a@b.ae", "password": "x"},
        [],
        "shop",
        None,
    ],
)
def test_nonsense_is_422_and_repeats_no_secret(house, body):
    answer = house.client().post("/v1/auth/login", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"
    assert "12345678" not in answer.text
    assert "xxxx" not in answer.text


def test_half_a_character_is_422(house):
    answer = house.client().post(
        "/v1/auth/login",
        content=b'{"tenant": "shop", "email": "a@b.ae", "password": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422


def test_refreshing_changes_the_cookie_and_keeps_the_person(house, person):
    client = house.client()
    sign_in(client, person)
    first = client.cookies[REFRESH_COOKIE]
    answer = client.post("/v1/auth/refresh")
    assert answer.json()["user"]["id"] == person.user_id
    assert client.cookies[REFRESH_COOKIE] != first


def test_a_stolen_refresh_token_signs_the_thief_and_the_person_out(house, person):
    client = house.client()
    sign_in(client, person)
    stolen = client.cookies[REFRESH_COOKIE]
    assert client.post("/v1/auth/refresh").status_code == 200
    thief = with_refresh(house, stolen)
    assert (thief.status_code, thief.json()["code"]) == (401, "unauthenticated")
    assert client.post("/v1/auth/refresh").status_code == 401
    # Another session of the same person is another family.
    other = house.client()
    sign_in(other, person)
    assert other.post("/v1/auth/refresh").status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 3000])
def test_a_refresh_token_that_never_was(house, token):
    assert with_refresh(house, token).status_code == 401


def test_signing_out_ends_the_family(house, person):
    client = house.client()
    sign_in(client, person)
    kept = client.cookies[REFRESH_COOKIE]
    assert client.post("/v1/auth/logout").status_code == 204
    assert REFRESH_COOKIE not in client.cookies
    assert with_refresh(house, kept).status_code == 401
    assert house.client().post("/v1/auth/logout").status_code == 204


def test_another_web_site_cannot_use_the_cookie_or_sign_in(house, person):
    client = house.client(Origin="https://evil.example")
    for path in ("/v1/auth/login", "/v1/auth/refresh", "/v1/auth/logout"):
        answer = client.post(path, json={"tenant": "shop", "email": person.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers


def test_after_five_wrong_passwords_even_the_right_one_waits(house, person):
    client = house.client()
    assert [sign_in(client, person, "wrong").status_code for _ in range(ACCOUNT_FAILURES)] == [401] * ACCOUNT_FAILURES
    answer = sign_in(client, person)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["retry-after"]) <= 300


def change(house, user: User, current: str, new: str) -> httpx.Response:
    client = house.client(Authorization=f"Bearer {house.deps.tokens.access(user)}")
    return client.post("/v1/auth/password", json={"current": current, "new": new})


def test_changing_the_password_signs_every_session_out(house, person):
    client = house.client()
    sign_in(client, person)
    assert change(house, person, PASSWORD, NEXT_PASSWORD).status_code == 204
    assert client.post("/v1/auth/refresh").status_code == 401
    assert sign_in(house.client(), person).status_code == 401
    assert sign_in(house.client(), person, NEXT_PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("new", "says"),
    [("short", "at least 12"), ("mona mona mona mona", "your name"), (PASSWORD, "differ")],
)
def test_a_weak_password_is_told_why(house, person, new, says):
    answer = change(house, person, PASSWORD, new)
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")
    assert says in answer.json()["detail"]
    assert sign_in(house.client(), person).status_code == 200


def test_changing_needs_the_current_password_and_is_throttled(house, person):
    answers = [change(house, person, "wrong", NEXT_PASSWORD) for _ in range(ACCOUNT_FAILURES + 1)]
    assert [answer.status_code for answer in answers] == [403] * ACCOUNT_FAILURES + [429]


def test_an_administrators_browser_gets_the_codec_cookie_and_nobody_elses(house, person):
    admin = sign_in(house.client(), person)
    assert any(cookie.startswith("hatif_codec=") for cookie in admin.headers.get_list("set-cookie"))
    viewer = house.client().post(
        "/v1/auth/login", json={"tenant": "clinic", "email": "viewer@clinic.example", "password": PASSWORD}
    )
    assert viewer.json()["user"]["tenant"] == CLINIC
    assert not any(cookie.startswith("hatif_codec=") for cookie in viewer.headers.get_list("set-cookie"))
