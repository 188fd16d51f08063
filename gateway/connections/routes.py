"""Connections of the administrator's own tenant: list, make, change, try, remove. Secrets only go in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path

from domain.acting.afterwards import LOG_CALLS
from domain.acting.connection import ConnectionRow, HeldConnection, Tried
from domain.acting.vendors import VENDORS, SignIn
from gateway.access import Admin
from gateway.connections.words import (
    Changed,
    Settings,
    Wanted,
    address,
    main_secret,
    secrets_of,
    settings_of,
    shown,
    sign_in_of,
    told_of,
)
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem

router = APIRouter(prefix="/v1/connections")

ConnectionId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]


@router.get("")
async def listed(admin: Admin, deps: Deps) -> dict[str, Any]:
    held = await known(admin.tenant_id, deps)
    return {"connections": [shown(one, held) for one in held]}


@router.post("", status_code=201)
async def make(asked: Wanted, admin: Admin, deps: Deps) -> dict[str, Any]:
    """One of each kind: the agent works with one account of a vendor."""
    vendor, way = VENDORS[asked.kind], SignIn(asked.sign_in)
    settings = settings_of(vendor, way, asked.settings)
    secrets = secrets_of(vendor, way, asked.secrets)
    if main_secret(way) not in secrets:
        raise Problem(422, "secret_missing", f"{main_secret(way)} is missing.")
    url = address(vendor, asked.site, deps.config.private_vendor_hosts)
    if any(one.row.system == asked.kind for one in await known(admin.tenant_id, deps)):
        raise Problem(409, "already_connected", "There is a connection of this kind; change that one.")
    told = {LOG_CALLS: vendor.log_calls} if vendor.is_crm else {}
    settings |= told | told_of(vendor, asked)
    row = ConnectionRow(
        tenant_id=admin.tenant_id, connection_id=asked.kind, system=asked.kind, url=url, settings=settings
    )
    await deps.connection_book.save(row, secrets, sign_out=True)
    await deps.audit.record(admin.tenant_id, admin.user_id, "connection_made", row.connection_id, {"address": url})
    return {"connection": await _again(row.connection_id, admin.tenant_id, deps)}


@router.patch("/{connection_id}")
async def change(connection_id: ConnectionId, asked: Changed, admin: Admin, deps: Deps) -> dict[str, Any]:
    held = await connection_of(connection_id, admin.tenant_id, deps)
    row, vendor = held.row, VENDORS[held.row.system]
    way = SignIn(asked.sign_in) if asked.sign_in else sign_in_of(row)
    secrets = secrets_of(vendor, way, asked.secrets)
    fresh = row
    if asked.settings is not None or asked.sign_in is not None:
        fresh = replace(fresh, settings=_kept(row) | settings_of(vendor, way, asked.settings or Settings()))
    fresh = replace(fresh, settings={**fresh.settings, **told_of(vendor, asked)})
    if asked.site is not None:
        fresh = replace(fresh, url=address(vendor, asked.site, deps.config.private_vendor_hosts))
    if asked.enabled is not None:
        fresh = replace(fresh, enabled=asked.enabled)
    # A secret that was typed in for one account must not be sent to another because somebody changed where it is.
    elsewhere = (fresh.url, way) != (row.url, sign_in_of(row))
    if elsewhere and main_secret(way) not in secrets:
        raise Problem(422, "secret_missing", f"{main_secret(way)} is needed again for another account.")
    other_app = fresh.settings.get("client_id") != row.settings.get("client_id")
    await deps.connection_book.save(fresh, secrets, sign_out=elsewhere or other_app)
    detail = {"address": fresh.url, "enabled": str(fresh.enabled), "secrets": " ".join(sorted(secrets))}
    detail |= told_of(vendor, asked)
    await deps.audit.record(admin.tenant_id, admin.user_id, "connection_changed", connection_id, detail)
    return {"connection": await _again(connection_id, admin.tenant_id, deps)}


def _kept(row: ConnectionRow) -> dict[str, str]:
    """What was set up elsewhere than here, such as the names of a pipeline's stages."""
    return {name: value for name, value in row.settings.items() if name not in (*Settings.model_fields, "sign_in")}


@router.delete("/{connection_id}", status_code=204)
async def remove(connection_id: ConnectionId, admin: Admin, deps: Deps) -> None:
    await connection_of(connection_id, admin.tenant_id, deps)
    await deps.connection_book.remove(admin.tenant_id, connection_id)
    await deps.audit.record(admin.tenant_id, admin.user_id, "connection_removed", connection_id, {})


@router.post("/{connection_id}/test")
async def test(connection_id: ConnectionId, admin: Admin, deps: Deps) -> dict[str, Any]:
    """What the vendor itself says now; a failure is an answer too."""
    held = await connection_of(connection_id, admin.tenant_id, deps)
    tried = await deps.vendors.tried(held.row)
    detail = {"result": tried.trouble or "works"}
    await deps.audit.record(admin.tenant_id, admin.user_id, "connection_tested", connection_id, detail)
    return told(tried)


def told(tried: Tried) -> dict[str, Any]:
    return {"works": tried.trouble is None, "account": tried.account, "trouble": tried.trouble}


async def known(tenant_id: str, deps: GatewayDeps) -> list[HeldConnection]:
    """A foreign desk has routes of its own."""
    return [one for one in await deps.connection_book.held(tenant_id) if one.row.system in VENDORS]


async def connection_of(connection_id: str, tenant_id: str, deps: GatewayDeps) -> HeldConnection:
    for one in await known(tenant_id, deps):
        if one.row.connection_id == connection_id:
            return one
    raise Problem(404, "not_found", "There is no such connection.")


async def _again(connection_id: str, tenant_id: str, deps: GatewayDeps) -> dict[str, Any]:
    held = await known(tenant_id, deps)
    return next(shown(one, held) for one in held if one.row.connection_id == connection_id)
