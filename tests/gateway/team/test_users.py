"""People as an administrator invites and changes them, and what nobody may do to them."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.accounts import Role, UserChange
from gateway.auth import REFRESH_COOKIE
from gateway.team.users import ONE_TIME_S
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

USERS = "/v1/team/users"
NEXT_PASSWORD = "another long one 42"


@pytest.fixture
def admin(house):
    return house.as_person(Role.ADMIN)


@pytest.fixture
def invite(admin):
    def invite(**said):
        email = f"{uuid.uuid4().hex[:8]}@shop.example"
        return admin.post(USERS, json={"email": email, "name": "Mona Saleh", "role": "advisor", **said})

    return invite


def sign_in(house, user, password, tenant="shop"):
    client = house.client()
    answer = client.post("/v1/auth/login", json={"tenant": tenant, "email": user["email"], "password": password})
    return client, answer


def refused(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def audited(house, tenant_id=SHOP):
    return [(line.action, line.subject) for line in house.run(house.deps.audit.lines(tenant_id))]


def test_an_invited_person_signs_in_once_and_chooses_a_password(house, invite):
    answer = invite(languages=["ar", "en"], skills=["billing"])
    assert answer.status_code == 201
    told = answer.json()
    user = told["user"]
    assert (user["role"], user["languages"], user["skills"]) == ("advisor", ["ar", "en"], ["billing"])
    assert user["password_change_needed"] is True
    assert told["expires_in_s"] == ONE_TIME_S
    client, signed = sign_in(house, user, told["password"])
    assert signed.json()["password_change_needed"] is True
    bearer = {"Authorization": f"Bearer {signed.json()['access_token']}"}
    assert client.get("/v1/me", headers=bearer).status_code == 200
    assert refused(client.get("/v1/calls", headers=bearer)) == (403, "password_change_needed")
    change = {"current": told["password"], "new": NEXT_PASSWORD}
    assert client.post("/v1/auth/password", json=change, headers=bearer).status_code == 204
    assert client.get("/v1/calls", headers=bearer).status_code == 200
    _, again = sign_in(house, user, NEXT_PASSWORD)
    assert again.json()["password_change_needed"] is False
    assert ("user_invited", user["id"]) in audited(house)


def test_a_one_time_password_grows_old(house, invite):
    told = invite().json()
    user = house.run(house.deps.accounts.user(SHOP, told["user"]["id"]))
    found = house.run(house.deps.accounts.user_by_email(SHOP, user.email))
    house.run(house.deps.accounts.set_password(SHOP, user.user_id, found[1], until=1.0))
    _, answer = sign_in(house, told["user"], told["password"])
    assert refused(answer) == (401, "password_expired")


def test_the_list_names_everybody_of_the_own_company_only(house, admin, invite):
    user = invite(name="Zahra Ali").json()["user"]
    listed = admin.get(USERS).json()["users"]
    assert user in listed
    assert [each["name"].lower() for each in listed] == sorted(each["name"].lower() for each in listed)
    theirs = house.as_person(Role.ADMIN, CLINIC).get(USERS).json()["users"]
    assert user["id"] not in {each["id"] for each in theirs}
    assert "password" not in "".join(key for each in listed for key in each if key != "password_change_needed")


def test_a_person_is_changed_field_by_field(house, admin, invite):
    user = invite().json()["user"]
    changed = admin.patch(f"{USERS}/{user['id']}", json={"role": "supervisor", "skills": ["vip"]}).json()["user"]
    assert changed == {**user, "role": "supervisor", "skills": ["vip"]}
    assert admin.patch(f"{USERS}/{user['id']}", json={}).json()["user"] == changed
    assert audited(house).count(("user_changed", user["id"])) == 1


def test_a_role_that_was_taken_away_is_gone_at_once(house, admin, invite):
    user = invite(role="admin").json()["user"]
    house.run(house.deps.accounts.set_password(SHOP, user["id"], "own"))
    token = house.deps.tokens.access(house.run(house.deps.accounts.user(SHOP, user["id"])))
    theirs = house.client(Authorization=f"Bearer {token}")
    assert theirs.get(USERS).status_code == 200
    admin.patch(f"{USERS}/{user['id']}", json={"role": "viewer"})
    assert refused(theirs.get(USERS)) == (403, "forbidden")
    assert theirs.get("/v1/calls").status_code == 200


def test_a_disabled_person_is_out_at_once_and_may_come_back(house, admin, invite):
    told = invite().json()
    user = told["user"]
    client, signed = sign_in(house, user, told["password"])
    cookie = client.cookies[REFRESH_COOKIE]
    admin.patch(f"{USERS}/{user['id']}", json={"disabled": True})
    bearer = {"Authorization": f"Bearer {signed.json()['access_token']}"}
    assert client.get("/v1/me", headers=bearer).status_code == 401
    assert house.client(Cookie=f"{REFRESH_COOKIE}={cookie}").post("/v1/auth/refresh").status_code == 401
    assert sign_in(house, user, told["password"])[1].status_code == 401
    admin.patch(f"{USERS}/{user['id']}", json={"disabled": False})
    assert sign_in(house, user, told["password"])[1].status_code == 200
    assert house.client(Cookie=f"{REFRESH_COOKIE}={cookie}").post("/v1/auth/refresh").status_code == 401


def test_a_reset_password_signs_out_and_is_told_once(house, admin, invite):
    told = invite().json()
    client, _ = sign_in(house, told["user"], told["password"])
    fresh = admin.post(f"{USERS}/{told['user']['id']}/reset-password").json()
    assert fresh["password"] != told["password"]
    assert client.post("/v1/auth/refresh").status_code == 401
    assert sign_in(house, told["user"], told["password"])[1].status_code == 401
    assert sign_in(house, told["user"], fresh["password"])[1].json()["password_change_needed"] is True
    assert ("password_reset", told["user"]["id"]) in audited(house)


@pytest.mark.parametrize("change", [{"role": "supervisor"}, {"disabled": True}])
def test_the_last_administrator_stays(house, change):
    alone = house.as_person(Role.ADMIN, CLINIC)
    me = alone.get("/v1/me").json()["id"]
    assert refused(alone.patch(f"{USERS}/{me}", json=change)) == (409, "last_admin")
    assert alone.patch(f"{USERS}/{me}", json={"name": "Still Admin"}).status_code == 200


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
def test_of_two_administrators_who_remove_each_other_one_stays(house, change):
    first = house.as_person(Role.ADMIN, CLINIC)
    told = first.post(USERS, json={"email": f"{uuid.uuid4().hex[:8]}@clinic.example", "name": "B", "role": "admin"})
    other = told.json()["user"]["id"]
    house.run(house.deps.accounts.set_password(CLINIC, other, "own"))
    token = house.deps.tokens.access(house.run(house.deps.accounts.user(CLINIC, other)))
    second = house.client(Authorization=f"Bearer {token}")
    me = first.get("/v1/me").json()["id"]
    with ThreadPoolExecutor(2) as both:
        answers = [
            both.submit(first.patch, f"{USERS}/{other}", json=change),
            both.submit(second.patch, f"{USERS}/{me}", json=change),
        ]
        codes = [answer.result().status_code for answer in answers]
    users = house.run(house.deps.accounts.users(CLINIC))
    assert sum(user.role is Role.ADMIN and not user.disabled for user in users) == 1
    assert codes.count(200) == 1
    # The house needs its administrator again.
    house.run(house.deps.accounts.change_user(CLINIC, me, UserChange(role=Role.ADMIN, disabled=False)))
    house.run(house.deps.accounts.change_user(CLINIC, other, UserChange(role=Role.VIEWER)))


def test_another_companys_people_are_not_there(house, admin):
    [theirs] = [user for user in house.run(house.deps.accounts.users(CLINIC)) if user.role is Role.SUPERVISOR]
    assert refused(admin.patch(f"{USERS}/{theirs.user_id}", json={"disabled": True})) == (404, "not_found")
    assert refused(admin.post(f"{USERS}/{theirs.user_id}/reset-password")) == (404, "not_found")
    assert refused(admin.patch(f"{USERS}/%00", json={})) == (404, "not_found")
    assert not house.run(house.deps.accounts.user(CLINIC, theirs.user_id)).disabled


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": "a@b\x00.example"},
        {"email": "@shop.example"},
        {"name": "  "},
        {"name": "x" * 101},
        {"name": "two\nlines"},
        {"name": "\ud800"},
        {"role": "owner"},
        {"languages": ["fr"]},
        {"languages": ["en", "en"]},
        {"languages": "en"},
        {"skills": ["With Space"]},
        {"skills": [f"s{n}" for n in range(31)]},
        {"queues": ["no-such-queue"]},
        {"disabled": False},
        {"password": "my own words 12"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_invites_nobody(house, admin, wrong):
    before = admin.get(USERS).json()
    body = {"email": "new@shop.example", "name": "New", "role": "advisor", **wrong}
    # JSON may escape half a character; httpx itself would not.
    answer = admin.post(USERS, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert refused(answer)[1] in ("invalid", "unknown_queue")
    assert admin.get(USERS).json() == before


def test_an_email_is_taken_once_in_any_case(invite):
    assert invite(email="twice@shop.example").status_code == 201
    assert refused(invite(email="TWICE@shop.example")) == (409, "email_taken")


@pytest.mark.parametrize(
    "wrong", [{"disabled": "yes"}, {"role": None, "roles": []}, {"email": "x@y.z"}, {"queues": ["nope"]}]
)
def test_nonsense_changes_nothing(admin, invite, wrong):
    user = invite().json()["user"]
    assert admin.patch(f"{USERS}/{user['id']}", json=wrong).status_code == 422
    assert user in admin.get(USERS).json()["users"]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADVISOR, Role.VIEWER])
def test_only_administrators_see_and_change_the_team(house, role):
    person = house.as_person(role)
    assert refused(person.get(USERS)) == (403, "forbidden")
    assert refused(person.post(USERS, json={})) == (403, "forbidden")
    assert refused(person.patch(f"{USERS}/{SHOP}-admin", json={"disabled": True})) == (403, "forbidden")
    assert refused(person.post(f"{USERS}/{SHOP}-admin/reset-password")) == (403, "forbidden")
