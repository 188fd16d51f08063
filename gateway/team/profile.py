"""What the tenant says of itself: who answers, with which words and voices, and what it allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.speech import Language
from domain.tenant import TenantProfile
from domain.voices.manners import VOICE
from domain.wording.politeness import Politeness
from gateway.access import Admin, Viewer
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.team.words import BothNames, BothSentences

router = APIRouter(prefix="/v1/team/profile")

VoiceName = Annotated[str, Field(pattern=f"^{VOICE.pattern}")]


class Voices(Body):
    """By language; null or absent is the engine's own."""

    en: VoiceName | None = None
    ar: VoiceName | None = None


class ProfileAsked(Body):
    """What is absent or null stays as it is."""

    name: BothNames | None = None
    persona: BothSentences | None = None
    greeting: BothSentences | None = None
    voices: Voices | None = None
    politeness: Annotated[Politeness, Field(strict=False)] | None = None
    handoff: bool | None = None
    callbacks: bool | None = None
    recording: bool | None = None


@router.get("")
async def profile(viewer: Viewer, deps: Deps) -> dict[str, Any]:
    return {"profile": await _shown(await profile_of(viewer.tenant_id, deps), deps)}


@router.put("")
async def change(asked: ProfileAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    """Calls that begin from now on go by it."""
    fields: dict[str, Any] = {name: getattr(asked, name) for name in asked.model_fields_set}
    fields = {name: _plain(value) for name, value in fields.items() if value is not None}
    changed = replace(await profile_of(admin.tenant_id, deps), **fields)
    if fields:
        await deps.tenants.change(changed, fields)
        detail = {"fields": ",".join(sorted(fields))}
        await deps.audit.record(admin.tenant_id, admin.user_id, "profile_changed", admin.tenant_id, detail)
    return {"profile": await _shown(changed, deps)}


async def profile_of(tenant_id: str, deps: GatewayDeps) -> TenantProfile:
    profile = await deps.tenants.profile(tenant_id)
    if profile is None:
        raise Problem(404, "not_found", "There is no such company any more.")
    return profile


def _plain(value: Any) -> Any:
    match value:
        case BothNames() | BothSentences():
            return value.words()
        case Voices():
            named = {Language.EN: value.en, Language.AR: value.ar}
            return {language: voice for language, voice in named.items() if voice is not None}
        case _:
            return value


async def _shown(profile: TenantProfile, deps: GatewayDeps) -> dict[str, Any]:
    return {
        "slug": profile.slug,
        "name": _texts(profile.name),
        "persona": _texts(profile.persona),
        "greeting": _texts(profile.greeting),
        "voices": _texts(profile.voices),
        "politeness": profile.politeness.value,
        "default_language": profile.default_language.value,
        "handoff": profile.handoff,
        "callbacks": profile.callbacks,
        "recording": profile.recording,
        "changed": sorted(await deps.tenants.changed(profile.tenant_id)),
    }


def _texts(words: dict[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in words.items()}
