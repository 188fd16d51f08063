"""A call's recording, opened as it is played: a WAV of two channels, the caller left, agent and advisor right."""

from __future__ import annotations

import asyncio
import re
import struct
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from domain.errors import Rejected
from domain.media.recording import Playback
from domain.speech import SAMPLE_RATE_HZ
from gateway.access import RECORDING_COOKIE, RecordingListener, Supervisor
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.tokens import ACCESS_S, AccessClaims, recording_audience

router = APIRouter(prefix="/v1/calls")
log = structlog.get_logger(__name__)

HEADER_BYTES = 44
SAMPLE_BYTES = 4
"""Two channels of int16."""
_LARGEST = 0xFFFF_FFFF
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@router.get("/{call_id}/consent")
async def consent(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    """What the caller said to being recorded, and what there is of a recording."""
    if await deps.store.call(supervisor.tenant_id, str(call_id)) is None:
        raise Problem(404, "not_found", "There is no such call.")
    facts = await deps.consents.consents(supervisor.tenant_id, str(call_id))
    try:
        playback = await deps.recordings.find(supervisor.tenant_id, str(call_id))
    except Rejected:
        return {"consents": [asdict(fact) for fact in facts], "recording": {"altered": True}}
    return {"consents": [asdict(fact) for fact in facts], "recording": _about(playback) if playback else None}


@router.post("/{call_id}/recording/listen", status_code=204)
async def listen(call_id: uuid.UUID, supervisor: Supervisor, response: Response, deps: Deps) -> None:
    """A cookie for this call's recording alone: an audio element can't send a token of its own."""
    user = await deps.accounts.user(supervisor.tenant_id, supervisor.user_id)
    assert user is not None
    response.set_cookie(
        RECORDING_COOKIE,
        deps.tokens.access(user, recording_audience(str(call_id))),
        max_age=ACCESS_S,
        path=f"{router.prefix}/{call_id}/recording",
        httponly=True,
        samesite="strict",
        secure=deps.config.tls,
    )


@router.get("/{call_id}/recording")
async def recording(call_id: uuid.UUID, request: Request, listener: RecordingListener, deps: Deps) -> Response:
    """The whole, or the one range that was asked for; each answer is a line in the audit."""
    playback = await _playback(str(call_id), listener, deps)
    total = HEADER_BYTES + playback.samples * SAMPLE_BYTES
    asked = _asked_range(request.headers.get("range", ""), total)
    first, end = asked or (0, total)
    pieces = _wav(playback, first, end)
    try:
        begun = await asyncio.to_thread(next, pieces, b"")
    except Rejected as error:
        raise await _altered(str(call_id), listener, deps) from error
    span = {"from_ms": str(_ms(first)), "to_ms": str(_ms(end))}
    await deps.audit.record(listener.tenant_id, listener.user_id, "recording_played", str(call_id), span)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - first)}
    headers["Content-Disposition"] = f'inline; filename="{call_id}.wav"'
    if asked:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{total}"
    sent = _sent(str(call_id), begun, pieces)
    return StreamingResponse(sent, 206 if asked else 200, headers, media_type="audio/wav")


async def _playback(call_id: str, listener: AccessClaims, deps: GatewayDeps) -> Playback:
    try:
        playback = await deps.recordings.find(listener.tenant_id, call_id)
    except Rejected as error:
        raise await _altered(call_id, listener, deps) from error
    if playback is None:
        raise Problem(404, "not_found", "There is no recording of this call.")
    return playback


async def _altered(call_id: str, listener: AccessClaims, deps: GatewayDeps) -> Problem:
    log.error("recording_altered", call_id=call_id)
    await deps.audit.record(listener.tenant_id, listener.user_id, "recording_altered", call_id, {})
    return Problem(409, "recording_altered", "The files of this recording were altered; it can't be trusted.")


def _about(playback: Playback) -> dict[str, Any]:
    return {
        "altered": False,
        "duration_ms": playback.samples * 1000 // SAMPLE_RATE_HZ,
        "starts_ms": playback.starts_ms,
        "complete": playback.complete,
        "legs": sorted(playback.legs),
    }


def _asked_range(header: str, total: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole, also where the header is none that we know.

    Raises a 416 Problem for a range outside of the file.
    """
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, total - int(last)), total
    else:
        start, end = int(first), min(total, int(last) + 1 if last else total)
    if start >= end:
        headers = {"Content-Range": f"bytes */{total}"}
        raise Problem(416, "no_such_range", f"The recording has {total} bytes.", headers)
    return start, end


def _wav(playback: Playback, first: int, end: int) -> Iterator[bytes]:
    """Bytes `first` to `end` of the WAV, in pieces of about a second. Blocking; raises Rejected."""
    header = _header(playback.samples)[first:end]
    start, stop = max(0, first - HEADER_BYTES), end - HEADER_BYTES
    at = start // SAMPLE_BYTES * SAMPLE_BYTES
    for piece in playback.stereo(at // SAMPLE_BYTES, -(-stop // SAMPLE_BYTES)):
        # The header leaves with the first sound, so that a recording that can't be opened is refused as a whole.
        yield header + piece[max(0, start - at) : stop - at]
        header = b""
        at += len(piece)
    yield header


def _header(samples: int) -> bytes:
    length = min(samples * SAMPLE_BYTES, _LARGEST - HEADER_BYTES)
    form = struct.pack("<IHHIIHH", 16, 1, 2, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * SAMPLE_BYTES, SAMPLE_BYTES, 16)
    return b"RIFF" + struct.pack("<I", 36 + length) + b"WAVEfmt " + form + b"data" + struct.pack("<I", length)


def _ms(at: int) -> int:
    return max(0, at - HEADER_BYTES) * 1000 // (SAMPLE_BYTES * SAMPLE_RATE_HZ)


def _sent(call_id: str, begun: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What is on its way can only be broken off where an altered piece comes: the listener gets no false second."""
    yield begun
    try:
        yield from pieces
    except Rejected:
        log.error("recording_altered", call_id=call_id)
        raise
