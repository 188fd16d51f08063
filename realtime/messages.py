"""The data channel's entrance: what a client sends is checked here and nowhere else."""

from __future__ import annotations

import json
import math
import re
from typing import Any, cast

from domain.errors import Refused

LONGEST_TEXT_CHARS = 1_000
LARGEST_MESSAGE_BYTES = 8_192
TEXT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It is stored as it stands, so it has no room for words."""
DIGITS = frozenset("0123456789*#")


def parse(raw: str | bytes) -> dict[str, Any]:
    """One message of docs/protocol.md, with exactly its fields. Raises Refused("bad_message")."""
    if len(raw) > LARGEST_MESSAGE_BYTES:
        raise Refused("bad_message", f"A message may have {LARGEST_MESSAGE_BYTES} bytes at most.")
    try:
        decoded: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_message", "A message must be one JSON object.") from error
    if not isinstance(decoded, dict):
        raise Refused("bad_message", "A message must be one JSON object.")
    message = cast("dict[str, Any]", decoded)
    match message:
        case {"type": "text", "text": str(text), **rest} if not rest:
            return {"type": "text", "text": _clean(text)}
        case {"type": "text", "text": str(text), "id": str(text_id), **rest} if not rest and TEXT_ID.fullmatch(text_id):
            return {"type": "text", "text": _clean(text), "id": text_id}
        case {"type": "dtmf", "digit": str(digit), **rest} if not rest and digit in DIGITS:
            return message
        case {"type": "mute", "muted": bool(), **rest} if not rest:
            return message
        case {"type": "recording", "on": False, **rest} if not rest:
            return message
        case {"type": "hangup", **rest} if not rest:
            return message
        case {"type": "ping", "t": int() | float() as t, **rest} if not rest and math.isfinite(t):
            return message
        case _:
            raise Refused("bad_message", "Unknown message; see the protocol for types and fields.")


def _clean(text: str) -> str:
    printable = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    if not printable:
        raise Refused("bad_message", "The text is empty.")
    if len(printable) > LONGEST_TEXT_CHARS:
        raise Refused("bad_message", f"A text may have {LONGEST_TEXT_CHARS} characters at most.")
    return printable
