"""The phone behind the desk, as an administrator arranges it."""

import json
from dataclasses import replace

import pytest

from domain.accounts import Role
from domain.tenant import Transfer
from tests.gateway.house import CLINIC, SHOP, a_tenant

pytestmark = pytest.mark.servers

PHONE = "/v1/team/transfer"


@pytest.fixture
def admin(house):
    yield house.as_person(Role.ADMIN)
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Shop"), undo_changes=True))


def test_a_phone_is_set_changed_and_taken_away(house, admin):
    assert admin.get(PHONE).json() == {"transfer": None}
    set_to = admin.put(PHONE, json={"to": " 200,,567# "}).json()
    assert set_to == {"transfer": {"to": "200,,567#", "refer": False, "trunk": "rings"}} == admin.get(PHONE).json()
    assert house.run(house.deps.tenants.profile(SHOP)).transfer == Transfer(to="200", keys=",,567#")
    assert admin.put(PHONE, json={"to": "+97145550100", "refer": True}).json()["transfer"]["refer"] is True
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Newer Shop")))
    assert house.run(house.deps.tenants.profile(SHOP)).transfer == Transfer(to="+97145550100", refer=True)
    assert admin.delete(PHONE).json() == {"transfer": None} == admin.get(PHONE).json()
    lines = [line.detail for line in house.run(house.deps.audit.lines(SHOP)) if line.action == "transfer_changed"]
    assert sorted(detail["to"] for detail in lines) == ["", "+97145550100", "200"]


def test_a_file_with_a_phone_is_not_brought_back_by_itself(house, admin):
    with_phone = replace(a_tenant(SHOP, "shop", "Shop"), transfer=Transfer(to="200"))
    house.run(house.deps.tenants.save(with_phone))
    admin.delete(PHONE)
    house.run(house.deps.tenants.save(with_phone))
    assert admin.get(PHONE).json() == {"transfer": None}


@pytest.mark.parametrize(
    ("to", "trunk"),
    [
        ("200", "rings"),
        ("200,5", "rings"),
        ("+97145550100", "rings"),
        ("201", "bad_number"),
        ("+442071838750", "country_not_allowed"),
        ("+971900123456", "costly_number"),
    ],
)
def test_it_is_told_whether_a_trunk_of_the_company_may_ring_it(admin, to, trunk):
    assert admin.put(PHONE, json={"to": to}).json()["transfer"]["trunk"] == trunk


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "invalid"),
        ({"to": ""}, "invalid"),
        ({"to": "2" * 81}, "invalid"),
        ({"to": "200", "refer": "yes"}, "invalid"),
        ({"to": "200", "queue": "q"}, "invalid"),
        ({"to": "\ud800"}, "invalid"),
        ({"to": "200@evil.example"}, "bad_phone"),
        ({"to": "200;transport=tcp"}, "bad_phone"),
        ({"to": "٢٠٠"}, "bad_phone"),
        ({"to": "20\n0"}, "bad_phone"),
        ({"to": "200,5x"}, "bad_keys"),
        ({"to": "200,,"}, "bad_keys"),
        ({"to": "200,5", "refer": True}, "keys_with_refer"),
    ],
    ids=str,
)
def test_nonsense_is_refused_and_changes_nothing(admin, wrong, code):
    answer = admin.put(PHONE, content=json.dumps(wrong), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert admin.get(PHONE).json() == {"transfer": None}


def test_only_administrators_change_it_and_only_their_own(house, admin):
    for person in (house.as_person(Role.SUPERVISOR), house.as_person(Role.VIEWER)):
        assert person.put(PHONE, json={"to": "200"}).status_code == 403
        assert person.delete(PHONE).status_code == 403
        assert person.get(PHONE).status_code == 200
    admin.put(PHONE, json={"to": "200"})
    other = house.as_person(Role.ADMIN, CLINIC)
    assert other.get(PHONE).json() == {"transfer": None}
    assert other.put(PHONE, json={"to": "200"}).json()["transfer"]["trunk"] == "no_trunk"
    assert other.delete(PHONE).json() == {"transfer": None}
