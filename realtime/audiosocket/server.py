"""The AudioSocket server of a media worker: one connection is one leg, from its UUID to its hang-up."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import termios
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from domain.errors import Refused, SetupError
from domain.speech import FRAME_MS
from realtime.ari.caller import AriCaller
from realtime.ari.exchange import Exchange
from realtime.audiosocket import messages
from realtime.audiosocket.messages import HANG_UP, Kind
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PHONE_FRAME_BYTES, PhoneLine
from realtime.phone.reception import Receive
from realtime.phone.refusals import Refusals

log = structlog.get_logger()

UUID_WITHIN_S = 2.0
"""An exchange sends it right after connecting."""
UNSENT_BYTES = 16_000
"""1 s of audio that the exchange does not take; beyond it our audio is dropped."""
ON_ITS_WAY_BYTES = 3_200
"""200 ms that the exchange has, or may have, but has not acknowledged yet; more was held up."""
UNACKNOWLEDGED_MS = 5_000
"""We send 50 packets a second: an exchange that acknowledges none of them for so long is gone."""


class AudioSocketWire:
    """Implements realtime.phone.line.Wire."""

    comes_back = True
    wide = False

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")

    async def pick_up(self) -> None:
        """The exchange has answered already."""

    async def ready(self) -> bool:
        return True

    def play(self, pcm: bytes) -> None:
        if not self._writer.is_closing() and self._unsent_bytes() < UNSENT_BYTES:
            self._writer.write(messages.audio(pcm))

    @property
    def held_up_ms(self) -> float:
        unsent = 0 if self._writer.is_closing() else self._unsent_bytes()
        return unsent * FRAME_MS / PHONE_FRAME_BYTES if unsent > ON_ITS_WAY_BYTES else 0

    def throw_away(self) -> None:
        """The exchange plays what comes as it comes."""

    def _unsent_bytes(self) -> int:
        """What the exchange has not acknowledged included: the kernel alone would keep minutes of it for later."""
        (sent,) = struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4)))
        return self._writer.transport.get_write_buffer_size() + sent

    def hang_up(self) -> None:
        if not self._writer.is_closing():
            self._writer.write(HANG_UP)
            self._writer.close()

    def let_go(self) -> None:
        """Closed without a hang-up: the dialplan connects again, under the same UUID."""
        self._writer.close()


@dataclass(slots=True, kw_only=True)
class AudioSocketServer:
    """`tenants` says whose calls come in at which port; every media worker of the machine listens at the same ports."""

    host: str
    tenants: dict[int, str]
    door: Door
    refusals: Refusals
    receive: Receive
    exchanges: Mapping[int, Exchange] = field(default_factory=dict[int, Exchange])
    """Those, by their ports, that do more for their callers than to bring them."""
    _servers: list[asyncio.Server] = field(default_factory=list[asyncio.Server])

    async def start(self) -> None:
        """Raises SetupError."""
        for port, tenant_id in self.tenants.items():
            try:
                serve = self._served_for(tenant_id, self.exchanges.get(port))
                self._servers.append(await asyncio.start_server(serve, self.host, port, reuse_port=True))
            except OSError as error:
                raise SetupError(f"AudioSocket can't listen on {self.host}:{port}: {error.strerror}.") from error

    def close(self) -> None:
        """Take no more legs; those that are here stay."""
        for server in self._servers:
            server.close()
        self._servers.clear()

    def _served_for(
        self, tenant_id: str, exchange: Exchange | None
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            source = str(writer.get_extra_info("peername")[0])
            try:
                self.door.enter(source, tenant_id, time.monotonic())
            except Refused as refusal:
                self.refusals.refused(tenant_id, source, refusal.code, time.monotonic())
                writer.close()
                return
            try:
                await self._leg(tenant_id, exchange, reader, writer)
            finally:
                self.door.leave(source, tenant_id)
                writer.close()

        return serve

    async def _leg(
        self, tenant_id: str, exchange: Exchange | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """The life of one connection."""
        try:
            async with asyncio.timeout(UUID_WITHIN_S):
                kind, payload = await messages.read(reader)
            if kind is not Kind.UUID:
                raise Refused("bad_message", "A leg begins with its UUID.")
        except (Refused, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            log.warning("phone_leg_refused", reason=type(error).__name__)
            return
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        leg = str(uuid.UUID(bytes=payload))
        caller = AriCaller(exchange=exchange, leg=leg) if exchange is not None else None
        if caller is None:
            line = PhoneLine(AudioSocketWire(writer))
        else:
            line = PhoneLine(AudioSocketWire(writer), refer=caller.refer, music=caller.music)
        receiving = asyncio.create_task(self.receive(line, tenant_id, call_id_of(tenant_id, leg)))
        try:
            lost = await _listen(reader, line)
            if caller is not None:
                await caller.settle()
            await line.gone(lost=lost)
        finally:
            await receiving
            if caller is not None:
                await caller.close()


async def _listen(reader: asyncio.StreamReader, line: PhoneLine) -> bool:
    """Hear the leg out; whether it was lost rather than hung up. An exchange also hangs up by closing."""
    try:
        while not line.is_closed:
            match await messages.read(reader):
                case Kind.AUDIO, pcm:
                    line.heard(pcm)
                case Kind.KEY, key:
                    line.pressed(key.decode("latin-1"))
                case Kind.HANG_UP, _:
                    return False
                case Kind.ERROR, code:
                    log.warning("audiosocket_error", code=code.hex())
                    return False
                case _:
                    raise Refused("bad_message", "A leg has one UUID.")
    except asyncio.IncompleteReadError as end:
        return bool(end.partial)
    except Refused:
        log.warning("phone_leg_malformed")
    except OSError:
        return True
    return False
