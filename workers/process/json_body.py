"""The body of a request to a process of this machine."""

from __future__ import annotations

from starlette.requests import Request

from domain.errors import Refused


async def json_body(request: Request, most_bytes: int) -> bytes:
    """Not parsed. Raises Refused for another type than JSON, which a foreign web page could send, and for too much."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("unsupported_media_type", "The body must be application/json.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise Refused("too_large", f"The body may have {most_bytes} bytes.")
    return body
