"""The phone that rings where no advisor is to be had: which one, and whether a trunk of the company may ring it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.errors import Refused
from domain.tenant import TenantProfile, Transfer
from domain.tenant_file.transfer import transfer_to
from gateway.access import Admin, Viewer
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.team.profile import profile_of
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/team/transfer")


class TransferAsked(Body):
    to: Annotated[str, Field(min_length=1, max_length=80)]
    """As in the tenant's file, with its keys after a comma."""
    refer: bool = False


@router.get("")
async def transfer(viewer: Viewer, deps: Deps) -> dict[str, Any]:
    return _shown(await profile_of(viewer.tenant_id, deps), deps)


@router.put("")
async def change(asked: TransferAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    """Calls that begin from now on go by it. What no trunk may ring yet is kept all the same."""
    return await _changed(transfer_to(asked.to.strip(), refer=asked.refer), admin, deps)


@router.delete("")
async def remove(admin: Admin, deps: Deps) -> dict[str, Any]:
    """Callers are handed to advisors at the desk alone."""
    return await _changed(None, admin, deps)


async def _changed(transfer: Transfer | None, admin: AccessClaims, deps: GatewayDeps) -> dict[str, Any]:
    changed = replace(await profile_of(admin.tenant_id, deps), transfer=transfer)
    await deps.tenants.change(changed, ("transfer",))
    detail = {"to": transfer.to, "refer": str(transfer.refer)} if transfer is not None else {"to": ""}
    await deps.audit.record(admin.tenant_id, admin.user_id, "transfer_changed", admin.tenant_id, detail)
    return _shown(changed, deps)


def _shown(profile: TenantProfile, deps: GatewayDeps) -> dict[str, Any]:
    found = profile.transfer
    if found is None:
        return {"transfer": None}
    return {"transfer": {"to": found.to + found.keys, "refer": found.refer, "trunk": _trunk(found, profile, deps)}}


def _trunk(transfer: Transfer, profile: TenantProfile, deps: GatewayDeps) -> str:
    """ "rings", "no_trunk", or why the company's trunks may not ring it, see DialLimits."""
    why = "no_trunk"
    for limits in deps.config.phone_limits.get(profile.slug, ()):
        try:
            limits.permitted(transfer.to)
        except Refused as refused:
            why = refused.code
        else:
            return "rings"
    return why
