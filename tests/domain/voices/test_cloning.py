"""Whose voice may be copied."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from domain.errors import Refused
from domain.speech import Language
from domain.voices.cloning import (
    Consent,
    cloned_voice,
    of_sample,
    of_tenant,
    owner_and_name,
    spoken_with,
    without_voice,
)
from domain.voices.manners import VOICE
from tests.domain.profiles import SHOP

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


def test_a_sample_in_which_nobody_is_heard_is_none():
    with pytest.raises(Refused, match="Nobody can be heard") as refused:
        cloned_voice("sara", b"\x01\x00" * 16_000 * 13, CONSENT, TODAY)
    assert refused.value.code == "bad_sample"


@pytest.mark.parametrize("name", ["", "Sara", "1st", "own.sara", "sara\n", "a" * 17, "سارة"])
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
    [
        (of_sample("shop", "sara", "ab12" * 16) + "/formal", ("shop", "sara")),
        ("own.shop.sara", ("shop", "sara")),
        ("own.shop.sara/formal", ("shop", "sara")),
        ("joe", None),
        ("own.", None),
    ],
)
def test_whose_voice_it_is_is_read_from_its_name(voice: str, owner: tuple[str, str] | None):
    assert owner_and_name(voice) == owner


def test_what_engines_know_is_of_one_sample_and_a_voice_by_its_name():
    longest = of_sample("00000000-0000-0000-0000-000000000001", "a" * 16, "ab12" * 16)
    assert longest.endswith(".aaaaaaaaaaaaaaaa+ab12ab12")
    assert VOICE.match(f"{longest}/formal")


def test_a_withdrawn_voice_leaves_the_profile_and_the_manner_stays():
    named = replace(SHOP, voices={Language.EN: "own.sara", Language.AR: "own.sara/formal"})
    assert spoken_with(named, "sara") == [Language.EN, Language.AR]
    assert spoken_with(named, "sar") == []
    assert without_voice(named, "sara").voices == {Language.AR: "formal"}
    other = replace(SHOP, voices={Language.EN: "own.omar", Language.AR: "ar+f3"})
    assert without_voice(other, "sara") == other
