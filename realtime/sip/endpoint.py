"""The SIP endpoint of a media worker: one on a machine has the port and answers calls, the others only dial."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import structlog
from baresip import Account, BaresipError
from baresip.ua import UserAgent

from domain.errors import Refused, SetupError
from domain.outbound.answering import PickedUp
from domain.outbound.dialling import DialState, DialWay
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Receive
from realtime.phone.refusals import Refusals
from realtime.phone.screening import Screening
from realtime.sip.codecs import CODECS, USUAL
from realtime.sip.security import Srtp, Tls
from realtime.sip.stack import RTP_PORTS, Stack, free_port
from realtime.sip.trunks import TrunkLines
from realtime.sip.wire import SipWire

if TYPE_CHECKING:
    from baresip.call import Call

log = structlog.get_logger()

RETRY_S = 1.0
"""How soon another worker of the machine has the port after the one that had it is gone."""
Transport = Literal["udp", "tcp", "tls"]


@dataclass(slots=True, kw_only=True)
class SipEndpoint:
    """`numbers` are the users of `sip:user@host` that are answered, each for its tenant; all others are not found.

    Strangers' packets never reach the stack; what the door refuses of the others gets 486, before a workflow or a
    model knows of it. The stack has no other answer for a call that it has announced.

    While another worker has the port, this one dials by the trunks from a port of its own, and is called by nobody.
    """

    host: str
    port: int
    numbers: Mapping[str, str]
    most_calls: int
    lock: Path
    """Held by the worker of this machine that has the port."""
    receive: Receive
    door: Door
    refusals: Refusals
    trunks: TrunkLines = field(default_factory=lambda: TrunkLines(()))
    """Accounts at registrars: their calls are answered for their tenants, too, and by them one can dial."""
    rtp_ports: tuple[int, int] = RTP_PORTS
    """Where sound comes in: the first, an even one, and the last."""
    tls: Tls | None = None
    codecs: tuple[str, ...] = USUAL
    """Of calls to `numbers`: keys of CODECS, the preferred one first."""
    srtp: Srtp = Srtp.OFFERED
    """Of calls to `numbers` that come by TLS; where it is required, no others are taken there."""
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while this worker has the port."""
    dials: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while this worker can dial by the trunks."""
    _stack: Stack | None = None
    _dialled: int = 0
    """Calls that are being dialled, or were answered."""
    _locked: TextIO | None = None
    _calls: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _taking: bool = True
    _waiting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Wait for the port, then answer calls, until closed; dial meanwhile."""
        self._waiting = asyncio.create_task(self._wait_for_port())

    async def _wait_for_port(self) -> None:
        while not self.listening.is_set():
            try:
                # There is one stack in a process: who talks by the one that dials is not cut off for the port.
                if not self._dialled and self._has_lock():
                    await self._stop()
                    await self._listen()
                elif self._stack is None and self.trunks.trunks:
                    await self._only_dial()
            except (BaresipError, SetupError, OSError) as error:
                log.warning("sip_not_listening", port=self.port, reason=str(error))
                await self._stop()
                self._unlock()
            if not self.listening.is_set():
                await asyncio.sleep(RETRY_S)

    def refuse(self) -> None:
        """Take no more calls; those that are here stay."""
        self._taking = False

    async def dial(
        self,
        tenant_id: str,
        way: DialWay,
        call_id: str,
        rings: Callable[[], None],
        screening: Screening | None = None,
    ) -> DialState:
        """Call a number by the tenant's trunk, and bring whoever answers into the call of this id.

        `rings` is told when it rings. With `screening`, a machine that answers is hung up on. Cancelled before the
        call begins, it hangs up.
        """
        line = await self._line(way, rings)
        if isinstance(line, DialState):
            return line
        try:
            if screening is not None and await screening.who(line) is PickedUp.MACHINE:
                await line.hang_up()
                return DialState.MACHINE
            await self.receive(line, tenant_id, call_id)
        except BaseException:
            await line.hang_up()
            raise
        return DialState.ANSWERED

    async def ring(
        self, tenant_id: str, number: str, rings: Callable[[], None] = lambda: None
    ) -> PhoneLine | DialState:
        """The line of whoever answers a number at the tenant's trunk, or why there is none.

        Raises Refused for a number that may not be dialled, and where this endpoint can't dial for this tenant.
        """
        return await self._line(self._counted_way(tenant_id, number), rings)

    async def _line(self, way: DialWay, rings: Callable[[], None]) -> PhoneLine | DialState:
        self._dialled += 1
        try:
            wire = await self.trunks.dial(way, rings)
        except BaseException:
            self._dialled -= 1
            raise
        if isinstance(wire, DialState):
            self._dialled -= 1
            return wire
        hearing = asyncio.create_task(wire.run())
        self._calls.add(hearing)
        hearing.add_done_callback(self._heard_out)
        return wire.line

    def _heard_out(self, dialled: asyncio.Task[None]) -> None:
        self._calls.discard(dialled)
        self._dialled -= 1

    def address(self, tenant_id: str, number: str) -> str:
        """Of a number at the tenant's trunk, for the caller's exchange to call. Raises Refused as `ring` does."""
        return self._counted_way(tenant_id, number).address

    def _counted_way(self, tenant_id: str, number: str) -> DialWay:
        if not (self._taking and self.dials.is_set()):
            raise Refused("no_trunk", "This worker can't dial yet, or goes away.")
        return self.trunks.counted_way(tenant_id, number)

    async def close(self) -> None:
        """Hang up what is left, and give the port to the next."""
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.gather(self._waiting, return_exceptions=True)
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._stop()
        self._unlock()
        self.listening.clear()

    def _has_lock(self) -> bool:
        file = self.lock.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._locked = file
        return True

    def _unlock(self) -> None:
        if self._locked is not None:
            self._locked.close()
            self._locked = None

    async def _listen(self) -> None:
        stack = await self._opened(self.port)
        for number, tenant_id in self.numbers.items():
            # A user agent answers what comes by its own transport; anything else is a number that is not there.
            for transport in self._transports():
                account = Account(
                    user=number,
                    domain=self.host,
                    password="",
                    reg_interval=0,
                    transport=transport,
                    audio_codecs=tuple(CODECS[name] for name in self.codecs),
                    dtmf_mode="auto",
                    extra_params=self.srtp.parameters if transport == "tls" else (),
                )
                # A caller's wish to be transferred could dial anybody at our cost.
                agent = await UserAgent.create(stack.runtime, account, transfer_policy="reject")
                agent.on_incoming(partial(self._take, tenant_id))  # pyright: ignore[reportUnknownMemberType]
        await self.trunks.open(stack.runtime, self._take)
        tls = self.port + 1 if "tls" in self._transports() else None
        log.info("sip_listening", host=self.host, port=self.port, tls_port=tls, numbers=len(self.numbers))
        self.dials.set()
        self.listening.set()

    async def _only_dial(self) -> None:
        stack = await self._opened(free_port(self.host))
        await self.trunks.open(stack.runtime, self._turn_away, only_dials=True)
        self.dials.set()

    async def _opened(self, port: int) -> Stack:
        self._stack = Stack(
            host=self.host,
            port=port,
            most_calls=self.most_calls,
            sources=self.door.sources,
            rtp_ports=self.rtp_ports,
            tls=self.tls,
        )
        await self._stack.open()
        return self._stack

    def _transports(self) -> tuple[Transport, ...]:
        """By which calls to `numbers` are taken."""
        ours: tuple[Transport, ...] = () if self.tls is None or self.tls.certificate is None else ("tls",)
        return ours if self.srtp is Srtp.REQUIRED else ("udp", "tcp", *ours)

    async def _stop(self) -> None:
        self.dials.clear()
        await self.trunks.close()
        if self._stack is not None:
            stack, self._stack = self._stack, None
            await stack.close()

    def _turn_away(self, tenant_id: str, call: Call) -> None:
        """Nobody was told of the port that we only dial from."""
        turning = asyncio.create_task(_rejected(call))
        self._calls.add(turning)
        turning.add_done_callback(self._calls.discard)

    def _take(self, tenant_id: str, call: Call) -> None:
        task = asyncio.create_task(self._leg(call, tenant_id))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _leg(self, call: Call, tenant_id: str) -> None:
        """The life of one call, from its INVITE to its BYE."""
        wire = SipWire(call)
        hearing = asyncio.create_task(wire.run())
        source: str | None = None
        try:
            source = await self._admitted(call, tenant_id)
            if source is None:
                await wire.line.hang_up()
            else:
                # The same at every machine that this call comes to, where several are registered at a trunk.
                call_id = call_id_of(tenant_id, "sip", call.call_id or str(uuid.uuid4()))
                await self.receive(wire.line, tenant_id, call_id)
            await hearing
        finally:
            hearing.cancel()
            if source is not None:
                self.door.leave(source, tenant_id)

    async def _admitted(self, call: Call, tenant_id: str) -> str | None:
        """The source of a call that may come in."""
        source = await self._stack.origins.of(call.call_id) if self._stack is not None else None
        if not self._taking:
            return None
        now_s = asyncio.get_running_loop().time()
        try:
            if source is None:
                raise Refused("unknown_source", "Nobody knows where this call comes from.")
            self.door.enter(source, tenant_id, now_s)
        except Refused as refusal:
            self.refusals.refused(tenant_id, source or "unknown", refusal.code, now_s)
            return None
        return source


async def _rejected(call: Call) -> None:
    with contextlib.suppress(BaresipError):  # it was gone already
        await call.reject()
