"""Copying a voice by its owner's consent, over the gateway: what is kept, what is refused, and that it ends."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.accounts import Role
from domain.speech import SAMPLE_RATE_HZ, Language
from tests.domain.voices.test_sample import wav_of
from tests.gateway.house import CLINIC, SHOP, a_tenant

pytestmark = pytest.mark.servers

VOICES = "/v1/team/voices"
PROFILE = "/v1/team/profile"
TODAY = datetime.now(UTC).date()


def sample_of(seconds: float, level: bytes = b"\x01\x08") -> str:
    return base64.b64encode(wav_of(level * round(SAMPLE_RATE_HZ * seconds))).decode()


SAMPLE = sample_of(13)


@pytest.fixture
def admin(house):
    yield house.as_person(Role.ADMIN)
    house.run(house.deps.voices.forget(SHOP, "sara"))
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Shop"), undo_changes=True))


def asked(admin: httpx.Client, **changed: object) -> dict[str, object]:
    statement = admin.get(VOICES).json()["statement"]["ar"]
    body = {"name": "sara", "person": "Sara Ahmed", "language": "ar", "given_on": str(TODAY), "sample": SAMPLE}
    return {**body, "agreed_to": statement, **changed}


def test_a_voice_is_kept_with_its_consent_heard_and_withdrawn(house, admin):
    empty = admin.get(VOICES).json()
    assert (empty["voices"], empty["can_clone"]) == ([], False)
    assert "Shop" in empty["statement"]["en"]
    made = admin.post(VOICES, json=asked(admin))
    assert made.status_code == 201
    (voice,) = admin.get(VOICES).json()["voices"]
    assert voice == made.json()
    assert (voice["voice"], voice["person"], voice["language"]) == ("own.sara", "Sara Ahmed", "ar")
    assert (voice["agreed_to"], voice["given_on"]) == (empty["statement"]["ar"], str(TODAY))
    user = house.run(house.deps.accounts.user(SHOP, f"{SHOP}-{Role.ADMIN.value}"))
    assert (voice["recorded_by"], voice["speaks"]) == (user.name, [])
    assert house.run(house.deps.voices.consented(SHOP, "sara")) == voice["sample_sha256"]

    admin.put(PROFILE, json={"voices": {"en": "own.sara", "ar": "own.sara/formal"}})
    assert admin.get(VOICES).json()["voices"][0]["speaks"] == ["en", "ar"]
    assert house.as_person(Role.ADMIN, CLINIC).get(VOICES).json()["voices"] == []
    assert house.as_person(Role.ADMIN, CLINIC).delete(f"{VOICES}/sara").status_code == 404

    assert admin.delete(f"{VOICES}/sara").status_code == 204
    assert admin.get(VOICES).json()["voices"] == []
    assert house.run(house.deps.voices.consented(SHOP, "sara")) is None
    assert house.run(house.deps.voices.sample(SHOP, "sara")) is None
    profile = house.run(house.deps.tenants.profile(SHOP))
    assert profile.voices == {Language.AR: "formal"}
    assert admin.delete(f"{VOICES}/sara").json()["code"] == "unknown_voice"
    audited = {line.action: line.detail for line in house.run(house.deps.audit.lines(SHOP))}
    assert audited["voice_cloned"]["sample_sha256"] == voice["sample_sha256"]
    assert audited["voice_forgotten"] == {"voice": "sara"}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"sample": sample_of(5)}, 422, "bad_sample"),
        ({"sample": sample_of(31)}, 422, "bad_sample"),
        ({"sample": sample_of(13, b"\0\0")}, 422, "bad_sample"),
        ({"sample": base64.b64encode(b"ID3 an mp3").decode()}, 422, "bad_audio"),
        ({"sample": SAMPLE[:-5]}, 422, "bad_audio"),
        ({"sample": "ü"}, 422, "bad_audio"),
        ({"sample": "A" * 1_500_000}, 422, "invalid"),
        ({"sample": "A" * 4_500_000}, 413, "too_large"),
        ({"agreed_to": "I agree to everything."}, 422, "no_consent"),
        ({"language": "en"}, 422, "no_consent"),
        ({"given_on": str(TODAY + timedelta(days=2))}, 422, "no_consent"),
        ({"given_on": "yesterday"}, 422, "invalid"),
        ({"name": "Sara"}, 422, "invalid"),
        ({"name": "sara#sample"}, 422, "invalid"),
        ({"name": "sara\n"}, 422, "invalid"),
        ({"person": " "}, 422, "invalid"),
        ({"language": "fr"}, 422, "invalid"),
        ({"recorded_by": "somebody else"}, 422, "invalid"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_consent_or_no_sample_is_refused(admin, changed, status, code):
    answer = admin.post(VOICES, json=asked(admin, **changed))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert admin.get(VOICES).json()["voices"] == []


def test_a_voice_is_not_replaced_by_another_of_its_name(admin):
    assert admin.post(VOICES, json=asked(admin)).status_code == 201
    again = admin.post(VOICES, json=asked(admin, person="Omar Saleh"))
    assert (again.status_code, again.json()["code"]) == (409, "voice_exists")
    assert admin.get(VOICES).json()["voices"][0]["person"] == "Sara Ahmed"


def test_only_administrators_see_or_change_voices(house):
    supervisor = house.as_person(Role.SUPERVISOR)
    answers = [supervisor.get(VOICES), supervisor.post(VOICES, json={}), supervisor.delete(f"{VOICES}/sara")]
    assert [answer.json()["code"] for answer in answers] == ["forbidden"] * 3
