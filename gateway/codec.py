"""Temporal's remote codec: an administrator reads the payloads of their own tenant's calls in the Temporal UI."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gateway.access import CodecAdmin
from gateway.deps import Deps

router = APIRouter(prefix="/v1/codec")


@router.post("/decode")
async def decode(body: dict[str, Any], admin: CodecAdmin, deps: Deps) -> dict[str, Any]:
    decoded, call_ids = await deps.decoder.decode(admin.tenant_id, body)
    for call_id in sorted(call_ids):
        await deps.audit.record(admin.tenant_id, admin.user_id, "payloads_read", call_id, {})
    return decoded
