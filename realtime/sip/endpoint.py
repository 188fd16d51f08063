"""The SIP endpoint of this machine: one media worker at a time has the port, and answers the numbers that it knows."""

from __future__ import annotations

import asyncio
import fcntl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import structlog
from baresip import Account, BaresipError, Config
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from realtime.phone.reception import Receive
from realtime.sip.wire import SipWire

if TYPE_CHECKING:
    from baresip.call import Call

log = structlog.get_logger()

RETRY_S = 1.0
"""How soon another worker of the machine has the port after the one that had it is gone."""
RTP_TIMEOUT_S = 10
"""Nothing heard for so long, not even silence: the caller's side is gone without a BYE."""


@dataclass(slots=True, kw_only=True)
class SipEndpoint:
    """`numbers` are the users of `sip:user@host` that are answered, each for its tenant; all others are not found.

    The stack does not tell where a packet came from: whoever reaches the port may call, as far as `most_calls` goes.
    """

    host: str
    port: int
    numbers: Mapping[str, str]
    most_calls: int
    lock: Path
    """Held by the worker of this machine that has the port."""
    receive: Receive
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    _runtime: Runtime | None = None
    _locked: TextIO | None = None
    _calls: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _taking: bool = True
    _waiting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Wait for the port, then answer calls, until closed."""
        self._waiting = asyncio.create_task(self._wait_for_port())

    async def _wait_for_port(self) -> None:
        while not self.listening.is_set():
            if self._has_lock():
                try:
                    await self._listen()
                except BaresipError as error:
                    log.warning("sip_not_listening", port=self.port, reason=str(error))
                    await self._stop()
                    self._unlock()
            if not self.listening.is_set():
                await asyncio.sleep(RETRY_S)

    def refuse(self) -> None:
        """Take no more calls; those that are here stay."""
        self._taking = False

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
        self._runtime = runtime = Runtime()
        await runtime.start(
            Config(
                net_interface=self.host,
                max_concurrent_calls=self.most_calls,
                rtp_timeout=RTP_TIMEOUT_S,
                # Otherwise the stack puts a caller on hold when the next one is answered.
                extra_config_text=f"sip_listen {self.host}:{self.port}\ncall_hold_other_calls no\n",
            )
        )
        for number, tenant_id in self.numbers.items():
            account = Account(user=number, domain=self.host, password="", reg_interval=0)
            # A caller's wish to be transferred could dial anybody at our cost.
            agent = await UserAgent.create(runtime, account, transfer_policy="reject")
            agent.on_incoming(partial(self._take, tenant_id))  # pyright: ignore[reportUnknownMemberType]
        log.info("sip_listening", host=self.host, port=self.port, numbers=len(self.numbers))
        self.listening.set()

    async def _stop(self) -> None:
        if self._runtime is not None:
            runtime, self._runtime = self._runtime, None
            await runtime.close()

    def _take(self, tenant_id: str, call: Call) -> None:
        task = asyncio.create_task(self._leg(call, tenant_id))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _leg(self, call: Call, tenant_id: str) -> None:
        """The life of one call, from its INVITE to its BYE."""
        wire = SipWire(call)
        if not self._taking:
            wire.hang_up()
        receiving = asyncio.create_task(self.receive(wire.line, tenant_id, str(uuid.uuid4())))
        try:
            await wire.run()
        finally:
            await receiving
