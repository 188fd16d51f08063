"""Site keys: which softphones there are, and the token with which a page may make one call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from domain.speech import Language
from domain.tenant import TenantProfile
from gateway import origins
from gateway.access import Public
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.tokens import CALL_FIRST_USE_S

router = APIRouter(prefix="/v1")

TOO_MANY_CALLS = "This web site has as many calls as it may at the moment; please try again shortly."
RETRY_AFTER_S = 15
"""A call lasts minutes, so a place is free within a quarter of one at the usual caps."""


class CallTokenAsked(Body):
    site_key: Annotated[str, Field(min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]


def too_many_calls() -> Problem:
    return Problem(429, "too_many_calls", TOO_MANY_CALLS, {"Retry-After": str(RETRY_AFTER_S)})


def _shown(profile: TenantProfile) -> dict[str, Any]:
    return {
        "slug": profile.slug,
        "name": {language.value: name for language, name in profile.name.items()},
        "default_language": profile.default_language.value,
    }


@router.get("/sites", dependencies=[Depends(Public("site keys are public by nature: every embedding page shows its"))])
async def sites(deps: Deps) -> dict[str, Any]:
    shown: list[dict[str, Any]] = []
    for site_key in await deps.accounts.listed_site_keys():
        profile = await deps.tenants.profile(site_key.tenant_id)
        if profile is not None:
            shown.append({**_shown(profile), "site_key": site_key.key})
    return {"sites": shown}


@router.post(
    "/call-tokens",
    status_code=201,
    dependencies=[Depends(Public("callers have no account; the origin and the cap of the site key stand guard"))],
)
async def call_token(asked: CallTokenAsked, request: Request, deps: Deps) -> dict[str, Any]:
    origin = origins.required(request)
    site_key = await deps.accounts.site_key(asked.site_key)
    if site_key is None:
        raise Problem(404, "unknown_site_key", "There is no such site key.")
    if not origins.allowed_for(request, origin, site_key, deps.config.own_origins):
        raise Problem(403, "origin_not_allowed", "This site key is not for pages of that web site.")
    origins.share_with(request, origin)
    profile = await deps.tenants.profile(site_key.tenant_id)
    if profile is None:
        raise Problem(404, "unknown_site_key", "There is no such site key.")
    if await deps.accounts.live_calls(site_key.tenant_id, site_key.site_key_id) >= site_key.max_concurrent_calls:
        raise too_many_calls()
    return {
        "token": deps.tokens.call(site_key, origin),
        "expires_in_s": CALL_FIRST_USE_S,
        "tenant": _shown(profile),
        "ice_servers": list(deps.config.ice_servers),
        "languages": [language.value for language in Language],
    }
