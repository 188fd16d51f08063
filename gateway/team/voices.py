"""Cloned voices: whose they are, what was agreed to, and the end of it."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.errors import Refused
from domain.hours import local_date
from domain.speech import Language
from domain.tenant import TenantProfile
from domain.voices.cloning import (
    CLONED_NAME,
    OWN,
    ClonedVoice,
    Consent,
    cloned_voice,
    spoken_with,
    statement,
    without_voice,
)
from domain.voices.sample import MOST_WAV_BYTES, pcm_of
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.profile import profile_of
from gateway.team.words import Name

router = APIRouter(prefix="/v1/team/voices")

MOST_VOICES = 20


class VoiceAsked(Body):
    name: Annotated[str, Field(pattern=f"^{CLONED_NAME.pattern}")]
    person: Name
    """Whose voice it is."""
    language: Annotated[Language, Field(strict=False)]
    given_on: Annotated[date, Field(strict=False)]
    agreed_to: str
    """The statement as it was shown, which nobody but the person can agree to."""
    sample: Annotated[str, Field(max_length=(MOST_WAV_BYTES + 2) // 3 * 4)]
    """A WAV file, in base64."""


@router.get("")
async def listed(admin: Admin, deps: Deps) -> dict[str, Any]:
    profile = await profile_of(admin.tenant_id, deps)
    consents = await deps.voices.consents(admin.tenant_id)
    return {
        "voices": [shown(name, consent, profile) for name, consent in consents.items()],
        "can_clone": await deps.can_clone(),
        "statement": {language.value: statement(profile, language) for language in Language},
    }


@router.post("", status_code=201)
async def clone(asked: VoiceAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    profile = await profile_of(admin.tenant_id, deps)
    if asked.agreed_to != statement(profile, asked.language):
        raise Problem(422, "no_consent", "A voice is copied only with the consent of the person, word by word.")
    known = await deps.voices.consents(admin.tenant_id)
    if asked.name in known:
        raise Problem(409, "voice_exists", "There is a voice of this name; withdraw it first, or choose another name.")
    if len(known) >= MOST_VOICES:
        raise Problem(409, "too_many_voices", f"A company may have {MOST_VOICES} cloned voices.")
    user = await deps.accounts.user(admin.tenant_id, admin.user_id)
    recorded_by = user.name if user is not None else admin.user_id
    voice = await asyncio.to_thread(_voice, asked, recorded_by, _today(profile, deps.wall_clock()))
    await deps.voices.save(admin.tenant_id, voice)
    detail = {
        "voice": asked.name,
        "sample_sha256": voice.consent.sample_sha256,
        "given_on": voice.consent.given_on.isoformat(),
    }
    await deps.audit.record(admin.tenant_id, admin.user_id, "voice_cloned", admin.tenant_id, detail)
    return shown(asked.name, voice.consent, profile)


@router.delete("/{name}", status_code=204)
async def withdraw(name: str, admin: Admin, deps: Deps) -> None:
    """Sample and consent are deleted; no sentence begins with that voice from now on."""
    if not CLONED_NAME.fullmatch(name) or not await deps.voices.forget(admin.tenant_id, name):
        raise Problem(404, "unknown_voice", "There is no such voice.")
    await deps.audit.record(admin.tenant_id, admin.user_id, "voice_forgotten", admin.tenant_id, {"voice": name})
    profile = await profile_of(admin.tenant_id, deps)
    if spoken_with(profile, name):
        await deps.tenants.change(without_voice(profile, name), ["voices"])


def _voice(asked: VoiceAsked, recorded_by: str, today: date) -> ClonedVoice:
    """Raises Refused."""
    try:
        pcm = pcm_of(base64.b64decode(asked.sample, validate=True))
    except ValueError as error:
        raise Refused("bad_audio", "The sample is no base64.") from error
    consent = Consent(
        person=asked.person,
        given_on=asked.given_on,
        recorded_by=recorded_by,
        sample_sha256=sha256(pcm).hexdigest(),
        text=asked.agreed_to,
        language=asked.language,
    )
    return cloned_voice(asked.name, pcm, consent, today)


def _today(profile: TenantProfile, now: float) -> date:
    return local_date(profile, datetime.fromtimestamp(now, UTC))


def shown(name: str, consent: Consent, profile: TenantProfile) -> dict[str, Any]:
    return {
        "name": name,
        "voice": f"{OWN}{name}",
        "person": consent.person,
        "given_on": consent.given_on.isoformat(),
        "recorded_by": consent.recorded_by,
        "agreed_to": consent.text,
        "language": consent.language,
        "sample_sha256": consent.sample_sha256,
        "speaks": [language.value for language in spoken_with(profile, name)],
    }
