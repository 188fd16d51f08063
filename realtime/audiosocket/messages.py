"""AudioSocket's messages, by docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket: type, length, payload.

0x00  hang-up, no payload           0x03  a key, one ASCII byte
0x01  the UUID, 16 bytes            0x10  audio, mono int16 little-endian at 8 kHz
0xff  an error, a code of the exchange: 1 it hung up, 2 it could not forward a frame, 4 it has no memory
"""

from __future__ import annotations

import asyncio
import struct
from enum import IntEnum

from domain.errors import Refused

_HEADER = struct.Struct(">BH")
UUID_BYTES = 16


class Kind(IntEnum):
    HANG_UP = 0x00
    UUID = 0x01
    KEY = 0x03
    AUDIO = 0x10
    ERROR = 0xFF


HANG_UP = _HEADER.pack(Kind.HANG_UP, 0)


def audio(pcm: bytes) -> bytes:
    return _HEADER.pack(Kind.AUDIO, len(pcm)) + pcm


async def read(reader: asyncio.StreamReader) -> tuple[Kind, bytes]:
    """The next message. Raises Refused("bad_message"), asyncio.IncompleteReadError at the end, OSError."""
    kind, length = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    payload = await reader.readexactly(length)
    match kind, length:
        case (Kind.HANG_UP, _) | (Kind.ERROR, _) | (Kind.UUID, 16) | (Kind.KEY, 1):
            return Kind(kind), payload
        case (Kind.AUDIO, _) if length % 2 == 0:
            return Kind.AUDIO, payload
        case _:
            # The other audio types are other rates, which the dialplan has to choose.
            raise Refused(
                "bad_message", f"No AudioSocket message of type {kind:#04x} with {length} bytes is known here."
            )
