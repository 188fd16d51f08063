"""Queues as an administrator arranges them."""

import pytest

from domain.accounts import Role
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

QUEUES = "/v1/team/queues"
BILLING = {
    "name": {"en": "Billing", "ar": "الفواتير"},
    "languages": ["ar"],
    "skills": ["billing"],
    "offer_s": 15,
    "max_wait_s": 60,
    "wrap_up_s": 120,
    "position": 2,
}


@pytest.fixture
def admin(house):
    return house.as_person(Role.ADMIN)


def code(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_queue_is_made_changed_and_removed(house, admin):
    assert admin.put(f"{QUEUES}/billing", json=BILLING).json() == {"queue": {"id": "billing", **BILLING}}
    shorter = {"name": BILLING["name"]}
    changed = admin.put(f"{QUEUES}/billing", json=shorter).json()["queue"]
    assert (changed["skills"], changed["offer_s"], changed["max_wait_s"]) == ([], 20, 90)
    assert house.as_person(Role.SUPERVISOR).get(f"{QUEUES}/billing").json() == {"queue": changed}
    assert changed in admin.get(QUEUES).json()["queues"]
    assert admin.delete(f"{QUEUES}/billing").status_code == 204
    assert code(admin.get(f"{QUEUES}/billing")) == (404, "not_found")
    assert code(admin.delete(f"{QUEUES}/billing")) == (404, "not_found")


def test_nobody_serves_a_queue_that_is_gone(house, admin):
    admin.put(f"{QUEUES}/passing", json=BILLING)
    advisor = f"{SHOP}-advisor"
    served = admin.patch(f"/v1/team/users/{advisor}", json={"queues": ["passing"]}).json()["user"]["queues"]
    assert served == ["passing"]
    admin.delete(f"{QUEUES}/passing")
    assert house.run(house.deps.accounts.user(SHOP, advisor)).queues == ()


def test_each_company_has_its_own(house, admin):
    admin.put(f"{QUEUES}/ours", json=BILLING)
    theirs = house.as_person(Role.ADMIN, CLINIC)
    assert code(theirs.get(f"{QUEUES}/ours")) == (404, "not_found")
    assert code(theirs.delete(f"{QUEUES}/ours")) == (404, "not_found")
    assert admin.get(f"{QUEUES}/ours").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": {"en": "Billing"}},
        {"name": {"en": "Billing", "ar": " "}},
        {"offer_s": 4},
        {"offer_s": 15.5},
        {"max_wait_s": 3601},
        {"max_wait_s": True},
        {"languages": ["de"]},
        {"skills": ["a", "a"]},
        {"skills": ["What?"]},
        {"wrap_up_s": 0},
        {"position": -1},
        {"hours": []},
    ],
    ids=str,
)
def test_nonsense_is_refused(admin, wrong):
    assert code(admin.put(f"{QUEUES}/wrong", json={**BILLING, **wrong})) == (422, "invalid")
    assert code(admin.get(f"{QUEUES}/wrong")) == (404, "not_found")


@pytest.mark.parametrize("name", ["Billing", "9th", "a" * 41, "a%20b", "a%00"])
def test_a_queues_id_is_a_short_name(admin, name):
    assert code(admin.put(f"{QUEUES}/{name}", json=BILLING)) == (422, "invalid")


def test_only_administrators_change_them(house):
    supervisor, advisor = house.as_person(Role.SUPERVISOR), house.as_person(Role.ADVISOR)
    assert code(supervisor.put(f"{QUEUES}/theirs", json=BILLING)) == (403, "forbidden")
    assert code(supervisor.delete(f"{QUEUES}/theirs")) == (403, "forbidden")
    assert code(advisor.get(QUEUES)) == (403, "forbidden")
