"""Trunks: accounts at SIP registrars by which tenants' calls come in and go out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

import structlog
from baresip import Account, BaresipError, CallFailed, CallTimeout, RegistrationError
from baresip.events import Event
from baresip.ua import UserAgent

from domain.errors import Refused
from domain.outbound.dialling import DialLimits, DialState, DialWay, state_of
from realtime.sip.codecs import CODECS, USUAL
from realtime.sip.security import Srtp
from realtime.sip.standing import Standing, TrunkState
from realtime.sip.wire import RING_S, SipWire

if TYPE_CHECKING:
    from baresip.call import Call
    from baresip.events import StackEvent
    from baresip.runtime import Runtime

log = structlog.get_logger()

REGISTER_AGAIN_S = 10.0
"""After a REGISTER that was refused or not answered."""
REGISTER_WITHIN_S = 10.0
UNREGISTER_WITHIN_S = 1.0

Take = Callable[[str, "Call"], None]
"""Takes an incoming call of a tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    tenant_id: str
    registrar: str
    """Host, or host:port."""
    user: str
    password: str = field(repr=False)
    auth_user: str | None = None
    """Whose the password is; None: the user's."""
    proxy: str | None = None
    """Where all messages go, host or host:port; None: the registrar."""
    registers: bool = True
    """False: the trunk knows us by our address."""
    number: str | None = None
    """Whom a called person sees; None: the user."""
    written: Callable[[str], str] = str
    """A number in its normal form as this trunk wants it."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    srtp: Srtp = Srtp.OFF
    codecs: tuple[str, ...] = USUAL
    """Keys of CODECS, the preferred one first."""
    expires_s: int = 600
    limits: DialLimits

    @property
    def name(self) -> str:
        return f"{self.user}@{self.registrar}"


class TrunkLines:
    """Registers every trunk while it is open, and dials by the first registered one of a tenant.

    Opened only to dial it registers nowhere, and dials by any trunk of the tenant, which knows us by its password.
    """

    def __init__(
        self,
        trunks: Sequence[Trunk],
        told: Callable[[Mapping[str, TrunkState]], None] = lambda states: None,
        *,
        shared_by: int = 1,
    ) -> None:
        """`told` is given the states by the trunks' names when one changes, and nothing once we register no more.

        `shared_by`: how many workers dial by these trunks.
        """
        self.trunks = trunks
        self.states = {trunk.name: TrunkState.now(Standing.ASKED) for trunk in trunks}
        """By the trunk's name."""
        self._told_states = told
        self._shared_by = shared_by
        self._only_dials = False
        self._changed = asyncio.Event()
        """Set, and replaced by another, whenever a standing changes."""
        self._agents: dict[str, UserAgent] = {}
        self._callers: dict[str, UserAgent] = {}
        self._keeping: list[asyncio.Task[None]] = []

    async def open(self, runtime: Runtime, take: Take, *, only_dials: bool = False) -> None:
        self._only_dials = only_dials
        for trunk in self.trunks:
            account = _account(trunk, registers=not only_dials)
            agent = await UserAgent.create(runtime, account, transfer_policy="reject")
            agent.on_incoming(partial(take, trunk.tenant_id))  # pyright: ignore[reportUnknownMemberType]
            self._agents[trunk.name] = self._callers[trunk.name] = agent
            if trunk.number is not None and trunk.number != trunk.user:
                shown = _account(trunk, shown=trunk.number, registers=False)
                caller = await UserAgent.create(runtime, shown, transfer_policy="reject")
                # Some networks write the called number in place of the account.
                caller.on_incoming(partial(take, trunk.tenant_id))  # pyright: ignore[reportUnknownMemberType]
                self._callers[trunk.name] = caller
            if only_dials:
                continue
            if trunk.registers:
                agent.on(partial(self._told, trunk))  # pyright: ignore[reportUnknownMemberType]
                self._keeping.append(asyncio.create_task(self._register(trunk, agent)))
            else:
                self._stands(trunk, TrunkState.now(Standing.BY_ADDRESS))
        if not only_dials:
            self._told_states(self.states)

    async def close(self) -> None:
        """Calls stop to come here; those that are here stay."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._keeping.clear()
        leaving = [agent.unregister(timeout=UNREGISTER_WITHIN_S) for agent in self._agents.values()]
        await asyncio.gather(*leaving, return_exceptions=True)
        registered = bool(self._agents) and not self._only_dials
        self._agents.clear()
        self._callers.clear()
        self.states = {name: TrunkState.now(Standing.ASKED) for name in self.states}
        self._tell()
        if registered:
            self._told_states({})

    @property
    def standing(self) -> Mapping[str, Standing]:
        """By the trunk's name."""
        return {name: state.standing for name, state in self.states.items()}

    @property
    def tenants(self) -> Set[str]:
        return {trunk.tenant_id for trunk in self.trunks}

    def is_registered(self, tenant_id: str) -> bool:
        """Whether a trunk of this tenant is, or needs not be."""
        return any(self.states[trunk.name].is_ready for trunk in self._of(tenant_id))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is true of the standings."""
        while not condition():
            await self._changed.wait()

    def way(self, tenant_id: str, number: str) -> DialWay:
        """Raises Refused("no_trunk") where no trunk of the tenant is registered, and what DialLimits refuses."""
        trunk = self._trunk_for(tenant_id, number)
        permitted = trunk.limits.permitted(number)
        written = permitted if permitted in trunk.limits.extensions else trunk.written(permitted)
        address = f"sip:{written}@{trunk.registrar}"
        return DialWay(trunk=trunk.name, number=permitted, address=address, an_hour=trunk.limits.an_hour)

    def counted_way(self, tenant_id: str, number: str) -> DialWay:
        """The same, counted by the trunk."""
        way = self.way(tenant_id, number)
        now_s = asyncio.get_running_loop().time()
        self._named(way.trunk).limits.count(way.number, now_s, shared_by=self._shared_by)
        return way

    async def dial(self, way: DialWay, rings: Callable[[], None]) -> SipWire | DialState:
        """The wire of whoever answered, or why there is none; `run` the wire at once."""
        trunk = self._named(way.trunk)
        uri = f"{way.address};transport={trunk.transport}"
        agent = self._callers[trunk.name]
        early: list[StackEvent] = []
        agent.on(early.append)  # pyright: ignore[reportUnknownMemberType]
        try:
            call = await agent.dial(uri)  # pyright: ignore[reportUnknownMemberType]
        except (BaresipError, ValueError) as error:
            log.warning("dial_failed", trunk=trunk.name, error=type(error).__name__)
            return DialState.UNREACHABLE
        finally:
            agent.off(early.append)  # pyright: ignore[reportUnknownMemberType]
        wire = SipWire(call)

        def told(event: StackEvent) -> None:
            if event.event in (Event.CALL_RINGING, Event.CALL_PROGRESS):
                rings()

        call.on(told)  # pyright: ignore[reportUnknownMemberType]
        # A near network answers before the library has made the call that its events are for: they would be lost.
        for event in early:
            call._on_stack_event(event)  # pyright: ignore[reportPrivateUsage]
        try:
            await call.wait_established(RING_S)
        except CallTimeout:
            return DialState.NO_ANSWER
        except CallFailed as failed:
            return state_of(failed.status)
        except asyncio.CancelledError:
            # Whoever asked is gone: nobody would speak to the person who answers.
            with contextlib.suppress(BaresipError):
                await asyncio.shield(call.hangup())
            raise
        return wire

    def _trunk_for(self, tenant_id: str, number: str) -> Trunk:
        """One that has the extension before others."""
        ready = [trunk for trunk in self._of(tenant_id) if self._only_dials or self.states[trunk.name].is_ready]
        if not ready:
            raise Refused("no_trunk", "No trunk of this tenant is registered here.")
        return max(ready, key=lambda trunk: number in trunk.limits.extensions)

    def _of(self, tenant_id: str) -> list[Trunk]:
        return [trunk for trunk in self.trunks if trunk.tenant_id == tenant_id]

    def _named(self, name: str) -> Trunk:
        return next(trunk for trunk in self.trunks if trunk.name == name)

    async def _register(self, trunk: Trunk, agent: UserAgent) -> None:
        """Until it has succeeded once; the stack refreshes it then, and tries again itself where that fails."""
        while True:
            try:
                await agent.register(timeout=REGISTER_WITHIN_S)
                return
            except RegistrationError as failed:
                # Mostly told by its event before, but silence has none.
                said = failed.reason if failed.status is None else f"{failed.status} {failed.reason}"
                self._stands(trunk, TrunkState.of_failure(said))
            log.warning("sip_trunk_not_registered", trunk=trunk.name, reason=self.states[trunk.name].reason)
            await asyncio.sleep(REGISTER_AGAIN_S)

    def _told(self, trunk: Trunk, event: StackEvent) -> None:
        match event.event:
            case Event.REGISTER_OK:
                self._stands(trunk, TrunkState.now(Standing.REGISTERED))
            case Event.REGISTER_FAIL:
                self._stands(trunk, TrunkState.of_failure(event.text or ""))
            case _:
                pass

    def _stands(self, trunk: Trunk, now: TrunkState) -> None:
        before = self.states[trunk.name]
        if (now.standing, now.reason) == (before.standing, before.reason):
            return
        self.states[trunk.name] = now if now.standing is not before.standing else now.since(before)
        if now.standing is not before.standing:
            log.info("sip_trunk", trunk=trunk.name, standing=now.standing, reason=now.reason)
            self._tell()
        self._told_states(self.states)

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _account(trunk: Trunk, *, registers: bool, shown: str | None = None) -> Account:
    """With `shown`, only to dial under that number."""
    return Account(
        user=shown or trunk.user,
        domain=trunk.registrar,
        password=trunk.password,
        auth_user=trunk.auth_user or trunk.user,
        registrar=trunk.proxy and f"{trunk.proxy};transport={trunk.transport}",
        reg_interval=trunk.expires_s if registers and trunk.registers else 0,
        transport=trunk.transport,
        audio_codecs=tuple(CODECS[name] for name in trunk.codecs),
        dtmf_mode="auto",  # by INFO where the other side takes no events of RTP
        extra_params=trunk.srtp.parameters,
    )
