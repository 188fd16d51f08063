"""What the tenant says of itself, and that a newer file does not undo it."""

import pytest

from domain.accounts import Role
from domain.speech import Language
from domain.wording.politeness import Politeness
from tests.gateway.house import CLINIC, SHOP, a_tenant

pytestmark = pytest.mark.servers

PROFILE = "/v1/team/profile"
GREETING = {"en": "Good day, how can I help?", "ar": "طاب يومك، كيف أخدمك؟"}


@pytest.fixture
def admin(house):
    yield house.as_person(Role.ADMIN)
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Shop"), undo_changes=True))


def test_words_voices_and_switches_are_changed_one_by_one(house, admin):
    before = admin.get(PROFILE).json()["profile"]
    assert (before["handoff"], before["callbacks"], before["recording"]) == (True, True, False)
    changes = {"greeting": GREETING, "voices": {"en": "piper-en-joe/formal", "ar": "clear"}, "recording": True}
    changes["politeness"] = "formal"
    after = admin.put(PROFILE, json=changes).json()["profile"]
    assert after == {**before, **changes, "changed": ["greeting", "politeness", "recording", "voices"]}
    assert admin.get(PROFILE).json()["profile"] == after
    profile = house.run(house.deps.tenants.profile(SHOP))
    assert profile.greeting[Language.AR] == GREETING["ar"]
    assert (profile.recording, profile.politeness) == (True, Politeness.FORMAL)
    lines = house.run(house.deps.audit.lines(SHOP))
    assert ("profile_changed", {"fields": "greeting,politeness,recording,voices"}) in [
        (x.action, x.detail) for x in lines
    ]


def test_a_newer_file_does_not_undo_what_the_team_changed(house, admin):
    admin.put(PROFILE, json={"greeting": GREETING})
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Newer Shop")))
    shown = admin.get(PROFILE).json()["profile"]
    assert (shown["name"]["en"], shown["greeting"]) == ("Newer Shop", GREETING)
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Shop"), undo_changes=True))
    assert admin.get(PROFILE).json()["profile"]["changed"] == []


def test_each_company_changes_its_own(house, admin):
    admin.put(PROFILE, json={"recording": True})
    assert house.as_person(Role.VIEWER, CLINIC).get(PROFILE).json()["profile"]["recording"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"greeting": {"en": "only English"}},
        {"greeting": {"en": "x", "ar": ""}},
        {"persona": {"en": "x" * 1001, "ar": "y"}},
        {"voices": {"fr": "voice"}},
        {"voices": {"en": "../etc/passwd"}},
        {"voices": {"en": "piper-en-joe/shouting"}},
        {"politeness": "rude"},
        {"recording": "true"},
        {"slug": "other"},
        {"tenant_id": CLINIC},
        {"name": {"en": "a\x00b", "ar": "b"}},
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused_and_changes_nothing(admin, wrong):
    before = admin.get(PROFILE).json()
    answer = admin.put(PROFILE, json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert admin.get(PROFILE).json() == before


def test_only_administrators_change_it(house):
    answer = house.as_person(Role.SUPERVISOR).put(PROFILE, json={"recording": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert house.as_person(Role.VIEWER).get(PROFILE).status_code == 200
