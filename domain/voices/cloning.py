"""Whose voice may be copied, and with what consent."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Protocol

from domain.errors import Refused
from domain.speech import BYTES_PER_MS, Language
from domain.tenant import TenantProfile, Words

LEAST_SAMPLE_S = 6
MOST_SAMPLE_S = 30
"""Engines hear the first 12 s of a sample and tell the speaker from all of it; 13 s are plenty."""
CLONED_NAME = re.compile(r"[a-z][a-z0-9_-]{0,15}$")
OWN = "own."
"""Before the name of a cloned voice, in a tenant's profile."""
_OF_SAMPLE = "+"
"""Between a voice's name and the beginning of its sample's hash; no name that is taken has it."""
_HASH_LETTERS = 8
FAINTEST = 328
"""The loudest value of a sample that nobody would hear: a hundredth of full scale, 40 dB below it."""

STATEMENT: Words = {
    Language.EN: "I agree that {company} makes a copy of my voice from this recording, and that its automated "
    "assistant speaks with it to callers, until I withdraw this.",
    Language.AR: "أوافق على أن تصنع {company} نسخة من صوتي من هذا التسجيل، وأن يتحدث بها مساعدها الآلي مع المتصلين، "
    "إلى أن أسحب موافقتي.",
}
"""What somebody agrees to before their voice is copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That somebody lets a tenant copy their voice."""

    person: str
    """Whose voice it is, by name."""
    given_on: date
    recorded_by: str
    """Who says so here."""
    sample_sha256: str
    """Of exactly the sound that the consent is for, as 16 kHz PCM."""
    text: str = ""
    """What the person agreed to, word by word; empty where whoever recorded it did not say."""
    language: Language | None = None
    """Of the sample and of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClonedVoice:
    name: str
    consent: Consent
    pcm: bytes
    """The sample."""


class ClonedVoices(Protocol):
    """Every method acts inside one tenant; raises Unavailable("postgres", ...)."""

    async def save(self, tenant_id: str, voice: ClonedVoice) -> None:
        """One of the same name is replaced."""
        ...

    async def sample(self, tenant_id: str, name: str) -> bytes | None:
        """16 kHz PCM; None where there is no such voice, or no more."""
        ...

    async def consents(self, tenant_id: str) -> dict[str, Consent]:
        """By the names of the voices."""
        ...

    async def consented(self, tenant_id: str, name: str) -> str | None:
        """The hash of the sample that the voice may be made of at this moment; None where it may not speak."""
        ...

    async def forget(self, tenant_id: str, name: str) -> bool:
        """Sample and consent are deleted; False where there was none."""
        ...


def cloned_voice(name: str, pcm: bytes, consent: Consent | None, today: date) -> ClonedVoice:
    """A voice that may be copied. Raises Refused for one that may not."""
    if not CLONED_NAME.fullmatch(name):
        raise Refused("bad_name", f"{name!r} is no name for a voice: small letters, digits, - and _, at most 16.")
    if consent is None or not consent.person.strip():
        raise Refused("no_consent", "A voice is copied only with the consent of the person whose it is.")
    if consent.given_on > today:
        raise Refused("no_consent", f"A consent of {consent.given_on} is not given yet.")
    seconds = len(pcm) / BYTES_PER_MS / 1000
    if not LEAST_SAMPLE_S <= seconds <= MOST_SAMPLE_S:
        wanted = f"{LEAST_SAMPLE_S} to {MOST_SAMPLE_S} s of one person are wanted"
        raise Refused("bad_sample", f"The sample has {seconds:.1f} s; {wanted}.")
    if max(map(abs, array("h", pcm))) < FAINTEST:
        raise Refused("bad_sample", "Nobody can be heard in the sample.")
    if sha256(pcm).hexdigest() != consent.sample_sha256:
        raise Refused("no_consent", "The consent is for another sample than this one.")
    return ClonedVoice(name=name, consent=consent, pcm=pcm)


def of_tenant(voices: dict[Language, str], tenant_id: str) -> dict[Language, str]:
    """A tenant's voices as the speech process knows them: nobody speaks with the cloned voice of another tenant."""
    return {
        language: f"{OWN}{tenant_id}.{voice.removeprefix(OWN)}" if voice.startswith(OWN) else voice
        for language, voice in voices.items()
    }


def owner_and_name(voice: str) -> tuple[str, str] | None:
    """Of what `of_tenant` or `of_sample` made; None for every other voice."""
    tenant_id, dot, name = voice.partition("/")[0].removeprefix(OWN).partition(".")
    return (tenant_id, name.partition(_OF_SAMPLE)[0]) if voice.startswith(OWN) and dot else None


def of_sample(tenant_id: str, name: str, sample_sha256: str) -> str:
    """The name under which engines know what was made of this sample: another sample is another voice."""
    return f"{OWN}{tenant_id}.{name}{_OF_SAMPLE}{sample_sha256[:_HASH_LETTERS]}"


def statement(profile: TenantProfile, language: Language) -> str:
    return STATEMENT[language].format(company=profile.name[language])


def spoken_with(profile: TenantProfile, name: str) -> list[Language]:
    """The languages in which the tenant lets this cloned voice speak."""
    return [each for each in Language if profile.voices.get(each, "").partition("/")[0] == f"{OWN}{name}"]


def without_voice(profile: TenantProfile, name: str) -> TenantProfile:
    """The manner stays where there was one."""
    gone = spoken_with(profile, name)
    left = {each: voice.partition("/")[2] if each in gone else voice for each, voice in profile.voices.items()}
    return replace(profile, voices={language: voice for language, voice in left.items() if voice})
