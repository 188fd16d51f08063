"""Whose voice may be copied."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from domain.errors import Refused
from domain.speech import Language
from domain.voices.cloning import Consent, cloned_voice, of_tenant, owner_and_name

TODAY = date(2026, 11, 28)
SAMPLE = b"\x01\x02" * 16_000 * 13
CONSENT = Consent(person="Sara Ahmed", given_on=TODAY, recorded_by="Omar", sample_sha256=sha256(SAMPLE).hexdigest())


def test_a_voice_with_a_consent_for_its_sample_is_taken():
    voice = cloned_voice("sara", SAMPLE, CONSENT, TODAY)
    assert (voice.name, voice.consent, voice.pcm) == ("sara", CONSENT, SAMPLE)


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        (None, "only with the consent"),
        (replace(CONSENT, person=" "), "only with the consent"),
        (replace(CONSENT, given_on=date(2026, 11, 29)), "not given yet"),
        (replace(CONSENT, sample_sha256=sha256(b"another").hexdigest()), "another sample"),
    ],
)
def test_without_a_consent_for_it_no_voice_is_copied(consent: Consent | None, said: str):
    with pytest.raises(Refused, match=said) as refused:
        cloned_voice("sara", SAMPLE, consent, TODAY)
    assert refused.value.code == "no_consent"


@pytest.mark.parametrize("seconds", [0, 5, 31])
def test_a_sample_has_a_length(seconds: int):
    with pytest.raises(Refused, match="6 to 30 s") as refused:
        cloned_voice("sara", bytes(32_000 * seconds), CONSENT, TODAY)
    assert refused.value.code == "bad_sample"


@pytest.mark.parametrize("name", ["", "Sara", "1st", "own.sara", "a" * 17, "سارة"])
def test_a_name_is_short_and_plain(name: str):
    with pytest.raises(Refused) as refused:
        cloned_voice(name, SAMPLE, CONSENT, TODAY)
    assert refused.value.code == "bad_name"


def test_a_tenant_names_its_own_voices_only():
    named = {Language.EN: "own.sara/formal", Language.AR: "ar+f3"}
    assert of_tenant(named, "shop") == {Language.EN: "own.shop.sara/formal", Language.AR: "ar+f3"}
    # Whoever writes another tenant's id into the name is still asked for under its own.
    foreign = of_tenant({Language.EN: "own.clinic.sara"}, "shop")[Language.EN]
    assert owner_and_name(foreign) == ("shop", "clinic.sara")


@pytest.mark.parametrize(
    ("voice", "owner"),
    [("own.shop.sara", ("shop", "sara")), ("own.shop.sara/formal", ("shop", "sara")), ("joe", None), ("own.", None)],
)
def test_whose_voice_it_is_is_read_from_its_name(voice: str, owner: tuple[str, str] | None):
    assert owner_and_name(voice) == owner
