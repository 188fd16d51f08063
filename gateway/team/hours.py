"""When the tenant is open: its week, weekend, holidays, Ramadan, and when people may be called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter

from domain.calendar.words import shown_date
from domain.errors import SetupError
from domain.hours import local_date, open_at
from domain.speech import Language
from domain.tenant import TenantProfile
from domain.tenant_file.opening_plan import PROFILE_FIELDS, opening_plan, with_opening
from gateway.access import Admin, Viewer
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.profile import profile_of

router = APIRouter(prefix="/v1/team/hours")


@router.get("")
async def hours(viewer: Viewer, deps: Deps) -> dict[str, Any]:
    return _shown(await profile_of(viewer.tenant_id, deps), deps.wall_clock())


@router.put("")
async def change(asked: dict[str, Any], admin: Admin, deps: Deps) -> dict[str, Any]:
    """The whole plan in the shape of a tenant's file; what is left out is as in a file that leaves it out."""
    if not _is_text(asked):
        raise Problem(422, "invalid", "A text holds control characters or half of a surrogate pair.")
    try:
        changed = with_opening(await profile_of(admin.tenant_id, deps), asked, "hours")
    except SetupError as mistake:
        raise Problem(422, "invalid", str(mistake)) from mistake
    await deps.tenants.change(changed, PROFILE_FIELDS)
    await deps.audit.record(admin.tenant_id, admin.user_id, "hours_changed", admin.tenant_id, {})
    return _shown(changed, deps.wall_clock())


def _shown(profile: TenantProfile, now: float) -> dict[str, Any]:
    at = datetime.fromtimestamp(now, UTC)
    today = local_date(profile, at)
    return {
        "hours": opening_plan(profile),
        "open_now": open_at(profile, at) is not None,
        "today": {language.value: shown_date(today, language, profile.announced_months) for language in Language},
    }


def _is_text(value: Any) -> bool:
    """Whether every text inside can be stored and shown."""
    match value:
        case str():
            return not any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in value)
        case dict():
            table = cast("dict[str, Any]", value)
            return all(_is_text(key) and _is_text(inner) for key, inner in table.items())
        case list():
            return all(_is_text(inner) for inner in cast("list[Any]", value))
        case _:
            return True
