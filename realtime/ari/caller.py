"""The caller behind one AudioSocket leg, as their exchange has them: it takes them to a phone, or plays them music."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from domain.errors import ConnectorError, NotFound, Unavailable
from domain.outbound.dialling import DialState
from realtime.ari.exchange import SYSTEM, Event, Exchange
from realtime.ari.music import ExchangeMusic
from realtime.ari.ringing import Ringing, Step

log = structlog.get_logger()

RINGS_S = 40
"""As long as a phone rings that we dial by a trunk."""
GRACE_S = 5.0
"""For the exchange to tell that it rang in vain."""
TOGETHER_WITHIN_S = 3.0
"""From an end of the leg that may be the transfer's until the exchange has told of it."""
BRIDGING = "hatif-transfer"
"""The dialplan's context where whoever has answered is brought together with the caller in HATIF_CALLER."""

_NUMBER = re.compile(r"\+?[0-9]{2,20}")


@dataclass(slots=True, kw_only=True)
class AriCaller:
    """One for each leg; `settle` it as soon as the leg has ended, and `close` it."""

    exchange: Exchange
    leg: str
    """Its UUID, which the dialplan names it by."""
    music: ExchangeMusic | None = field(init=False)
    _taking: asyncio.Task[DialState] | None = None
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    """The leg has ended."""
    _moving: bool = False
    """The exchange was told to take the caller off the leg."""
    _hanging_up: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.music = ExchangeMusic(self.exchange, self.leg, self._channel) if self.exchange.music else None

    async def settle(self) -> None:
        """Wait until whoever had the caller taken to a phone knows whether the leg has ended because of that.

        Where it can't have, the phone rings no more.
        """
        self._left.set()
        if self._taking is None:
            return
        if not self._moving:
            self._taking.cancel()
        await asyncio.wait({self._taking}, timeout=TOGETHER_WITHIN_S + GRACE_S)

    async def close(self) -> None:
        if self.music is not None:
            await self.music.close()
        if self._hanging_up:
            await asyncio.wait(self._hanging_up)

    async def refer(self, number: str, _: Callable[[str], str], answered: Callable[[], None]) -> DialState:
        """See realtime.phone.line.Refer. The exchange's dialplan says which phones there are."""
        self._taking = asyncio.create_task(self._take(number, answered))
        return await self._taking

    async def _take(self, number: str, answered: Callable[[], None]) -> DialState:
        state = DialState.UNREACHABLE
        try:
            state = await self._taken(number)
        except ConnectorError as error:
            log.warning("exchange_failed", doing="transfer", error=type(error).__name__)
        finally:
            self._moving = False
            if self.music is not None and state is not DialState.ANSWERED:
                self.music.allow(True)
        if state is DialState.ANSWERED:
            answered()
        return state

    async def _taken(self, number: str) -> DialState:
        caller = await self._caller()
        phone, application = f"hatif-phone-{self.leg}", f"hatif-{secrets.token_hex(8)}"
        # An application ends with its events: a phone that is answered after us is hung up by the exchange.
        async with self.exchange.events(application) as events:
            state = DialState.UNREACHABLE
            try:
                await self._ring(phone, number, application, caller)
                following = self._follow(events, Ringing(channel=phone), application)
                state = await self._followed(asyncio.create_task(following))
            finally:
                if state is not DialState.ANSWERED:
                    ending = asyncio.create_task(self._hang_up(phone))
                    self._hanging_up.add(ending)
                    ending.add_done_callback(self._hanging_up.discard)
                    await asyncio.shield(ending)
            return state

    async def _ring(self, phone: str, number: str, application: str, caller: dict[str, Any]) -> None:
        body: dict[str, object] = {"variables": {"HATIF_CALLER": str(caller["name"])}}
        if _NUMBER.fullmatch(shown := str(caller.get("caller", {}).get("number", ""))):
            body["callerId"] = shown
        await self.exchange.make(
            phone,
            f"/channels/{phone}",
            endpoint=f"Local/{number}@{self.exchange.phones}/n",
            app=application,
            timeout=RINGS_S,
            body=body,
        )

    async def _followed(self, following: asyncio.Task[DialState]) -> DialState:
        """A caller who leaves once the exchange was told to take them away has been, even if nothing tells of it."""
        left = asyncio.create_task(self._left.wait())
        try:
            await asyncio.wait({following, left}, timeout=RINGS_S + GRACE_S, return_when=asyncio.FIRST_COMPLETED)
            if not following.done() and self._moving:
                await asyncio.wait({following}, timeout=TOGETHER_WITHIN_S)
            if following.done():
                return following.result()
            return DialState.ANSWERED if left.done() else DialState.NO_ANSWER
        finally:
            following.cancel()
            left.cancel()
            await asyncio.gather(following, left, return_exceptions=True)

    async def _follow(self, events: AsyncIterator[Event], ringing: Ringing, application: str) -> DialState:
        """Raises ConnectorError, also where the events end before the phone's answer."""
        async for event in events:
            match ringing.told(event):
                case Step.ANSWERED:
                    await self._bring_together(ringing.channel, application)
                case Step.TOGETHER:
                    return DialState.ANSWERED
                case DialState() as state:
                    return state
                case None:
                    pass
        if self._moving:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TOGETHER_WITHIN_S):
                    await self._left.wait()
                return DialState.ANSWERED
        raise Unavailable(SYSTEM, "the events have ended")

    async def _bring_together(self, phone: str, application: str) -> None:
        if self.music is not None:
            self.music.allow(False)
            await self.music.stopped()
        # The application's own subscription ends when the phone leaves it for the dialplan.
        await self.exchange.post(f"/applications/{application}/subscription", eventSource=f"channel:{phone}")
        self._moving = True
        to = f"/channels/{phone}/continue"
        await self.exchange.post(to, context=BRIDGING, extension="bridge", priority=1)

    async def _hang_up(self, phone: str) -> None:
        try:
            await self.exchange.delete(f"/channels/{phone}")
        except ConnectorError as error:
            log.warning("exchange_failed", doing="hang_up", error=type(error).__name__)

    async def _channel(self) -> str:
        return str((await self._caller())["id"])

    async def _caller(self) -> dict[str, Any]:
        """Their channel, which dials our leg. Raises NotFound where the exchange has none, and ConnectorError."""
        dials = f"Local/{self.leg}@"
        for channel in await self.exchange.get("/channels") or ():
            match channel:
                case {"id": str(), "name": str(), "dialplan": {"app_name": "Dial", "app_data": str(data)}}:
                    if data.startswith(dials):
                        return channel
                case _:
                    pass
        raise NotFound(SYSTEM, "no channel dials this leg")
