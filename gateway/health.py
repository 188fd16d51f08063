"""Whether the gateway lives, whether it can serve, and its numbers."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.access import LoopbackOnly, Public
from gateway.deps import Check, Deps
from gateway.problems import log_failure, unavailable

router = APIRouter()

CHECK_S = 2
"""A healthy check takes milliseconds; a prober asks every few seconds."""


@router.get("/healthz", dependencies=[Depends(Public("probes carry no token, and it tells nothing"))])
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", dependencies=[Depends(Public("probes carry no token; it names our own parts only"))])
async def readyz(deps: Deps) -> dict[str, str]:
    names = list(deps.checks)
    passed = await asyncio.gather(*(_passes(name, deps.checks[name]) for name in names))
    missing = [name for name, ok in zip(names, passed, strict=True) if not ok]
    if missing:
        raise unavailable(f"Not ready: {' and '.join(missing)} can't be reached.")
    return {"status": "ready"}


@router.get("/metrics", dependencies=[Depends(LoopbackOnly("the collector beside us; refused from elsewhere"))])
async def metrics(deps: Deps) -> Response:
    return Response(deps.metrics.render(), media_type=CONTENT_TYPE_LATEST)


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_S):
            await check()
    except Exception as error:
        log_failure(error, check=name)
        return False
    return True
