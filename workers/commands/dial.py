"""`hatif dial`: have the product call a number by the tenant's trunk, and say what became of it."""

from __future__ import annotations

import asyncio
import json
import uuid

import typer

from domain.errors import SetupError
from domain.outbound.calling_out import OutboundResult
from domain.outbound.opening import reaching_out
from storage.outbound import PostgresDialBook
from storage.session import Database
from workers.commands.store import OPERATOR, opened
from workers.embedded_postgres import app_url
from workers.phone.trunks import trunk_entries
from workers.settings import Settings
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.outbound.requests import OutboundCalls

NOT_REACHED, BUSY, NOT_DIALLED = 1, 3, 4
"""Exit codes, as those of `hatif call`."""
_SAID = {
    OutboundResult.ANSWERED: "Somebody answered, and the agent talks with them.",
    OutboundResult.MACHINE: "An answering machine picked up. It was hung up on, and no message was left.",
    OutboundResult.BUSY: "The line is busy.",
    OutboundResult.NO_ANSWER: "Nobody answered.",
    OutboundResult.REJECTED: "The call was rejected.",
    OutboundResult.UNREACHABLE: "The number can't be reached.",
    OutboundResult.NO_NUMBER: "The number is not known any more. Nothing was dialled.",
    OutboundResult.DO_NOT_CALL: "The number is on the list of those that are not called. Nothing was dialled.",
    OutboundResult.NOT_NOW: "It is outside the tenant's calling hours. Nothing was dialled.",
    OutboundResult.NOT_ALLOWED: "The trunk may not dial this number. Nothing was dialled.",
    OutboundResult.TOO_MANY: "As many calls as may be were dialled within the last hour. Nothing was dialled.",
    OutboundResult.NO_ROOM: "All slots of the media worker that has the trunk are taken. Nothing was dialled: try "
    "again when a call has ended, or set more HATIF_MEDIA_SLOTS.",
    OutboundResult.STOPPED: "Somebody asked to stop calling.",
    OutboundResult.UNKNOWN: "The worker that dialled was lost: it may have rung. It is not dialled again by itself.",
}
_CODES = {
    OutboundResult.ANSWERED: 0,
    OutboundResult.BUSY: BUSY,
    OutboundResult.MACHINE: NOT_REACHED,
    OutboundResult.NO_ANSWER: NOT_REACHED,
    OutboundResult.REJECTED: NOT_REACHED,
    OutboundResult.UNREACHABLE: NOT_REACHED,
    OutboundResult.STOPPED: NOT_REACHED,
    OutboundResult.UNKNOWN: NOT_REACHED,
}


def run(settings: Settings, number: str, *, tenant: str | None, key: str | None, as_json: bool) -> int:
    """The exit code. Raises SetupError without a running product, Refused for a wrong number, tenant or key."""
    slug, call_id, result = asyncio.run(_dialled(settings, number, tenant, key or str(uuid.uuid4())))
    if as_json:
        typer.echo(json.dumps({"call_id": call_id, "result": result}))
    else:
        typer.echo(f"{said(result, settings, slug)} Call {call_id}.")
    return _CODES.get(result, NOT_DIALLED)


def said(result: OutboundResult, settings: Settings, tenant: str) -> str:
    """What became of it, in words, and what to do where there was no line; `tenant` is its slug."""
    return _no_line(settings, tenant) if result is OutboundResult.NO_LINE else _SAID[result]


def _no_line(settings: Settings, tenant: str) -> str:
    if not settings.sip_port:
        return "Nobody dials while HATIF_SIP_PORT is 0. Nothing was dialled."
    trunks = () if settings.sip_trunks is None else trunk_entries(settings.sip_trunks)
    ours = ", ".join(f"{trunk.user}@{trunk.registrar}" for trunk in trunks if trunk.tenant == tenant)
    if not ours:
        return (
            f"HATIF_SIP_TRUNKS names no trunk of {tenant}. Nothing was dialled: enter one, and start the product again."
        )
    return (
        f"No media worker is registered at {ours}. Nothing was dialled: the logs of the media workers in "
        f"{settings.data_dir / 'logs'} say under sip_trunk and sip_not_listening why."
    )


async def _dialled(settings: Settings, number: str, tenant: str | None, key: str) -> tuple[str, str, OutboundResult]:
    """The tenant's slug, the call's id, and what became of it."""
    async with opened(settings, tenant) as store:
        tenant_id, codec = store.one_tenant, EncryptionCodec(store.keys)
        try:
            client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
        except RuntimeError as error:
            raise SetupError("Temporal does not answer: start the product with hatif up.") from error
        database = Database(app_url(settings))
        try:
            calls = OutboundCalls(client, codec, PostgresDialBook(database, store.keys))
            profile = await store.profiles.profile(tenant_id)
            opening = None if profile is None else reaching_out(profile)
            call_id = await calls.begin(tenant_id, key, number, 1, opening)
            await store.audit.record(tenant_id, OPERATOR, "call_out_asked", call_id, {})
            return store.tenants[tenant_id], call_id, await calls.result(tenant_id, call_id)
        finally:
            await database.close()
