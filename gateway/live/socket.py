"""`WS /v1/live`: the page hears what has changed, and by answering says that it is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException

from domain.accounts import Role
from domain.desk.handoffs import DESK_RINGS
from domain.errors import HatifError, Unavailable
from gateway.access import present
from gateway.deps import Deps, GatewayDeps
from gateway.live.door import Guest, Staff, recognised
from gateway.live.messages import (
    AWAY,
    BROKEN,
    FORBIDDEN,
    NONSENSE,
    PRESENCE_CHANGED,
    TAB_REPLACED,
    TOO_LATE,
    TOO_MANY,
    UNAUTHENTICATED,
    Introduction,
    Nonsense,
    Pong,
    as_text,
    next_message,
)
from gateway.live.news import News
from gateway.problems import Problem, log_failure

router = APIRouter()

PING_EVERY_S = 3.0
GONE_AFTER_S = 10.0
"""Without an answer the page is given up, and its advisor OFFLINE; a reload takes two seconds, a dead network more."""
TELL_EVERY_S = 0.1
"""A turn of every call changes something: what happens within a tenth of a second is told together."""
MOST_SOCKETS = 10
"""Of one person at a time: nobody has so many pages open."""
GOODBYE_S = 2.0
"""A page that has gone doesn't take its goodbye."""

# What the store tells of people, and of the feed itself: see storage/accounts.py and storage/feed.py.
SIGNED_OUT = "user.signed_out"
USER_CHANGED = "user.changed"
TAB_OPENED = "user.tab."
LISTENING = "feed.listening"


@router.websocket("/v1/live")
async def live(socket: WebSocket, staff: Staff, deps: Deps) -> None:
    open_sockets: Counter[str] = socket.app.state.open_sockets
    user_id = staff.claims.user_id
    if open_sockets[user_id] >= MOST_SOCKETS:
        raise WebSocketException(TOO_MANY, "too_many_sockets")
    open_sockets[user_id] += 1
    deps.metrics.sockets.inc()
    try:
        await _Visit(socket, staff, deps).until_over()
    except Exception as ended:
        await _say_goodbye(socket, _first(ended))
    finally:
        open_sockets[user_id] -= 1
        if not open_sockets[user_id]:
            del open_sockets[user_id]
        deps.metrics.sockets.dec()


async def _say_goodbye(socket: WebSocket, because: BaseException) -> None:
    match because:
        case WebSocketDisconnect():
            return
        case WebSocketException():
            code, reason = because.code, because.reason
        case HatifError():
            log_failure(because, route="/v1/live")
            code, reason = AWAY, "unavailable"
        case _:
            log_failure(because, route="/v1/live")
            code, reason = BROKEN, "internal"
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await socket.close(code, reason)


def _first(error: BaseException) -> BaseException:
    """Of several tasks that failed together, the first; the others follow from it."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


class _Visit:
    """One page's time at the socket; the tasks of `until_over` end together."""

    def __init__(self, socket: WebSocket, guest: Guest, deps: GatewayDeps) -> None:
        self._socket = socket
        self._claims = guest.claims
        self._tab = guest.tab
        self._deps = deps
        self._news = News()
        self._renewed = asyncio.Event()
        self._pinged = 0
        self._answered = asyncio.Event()
        # One writer at a time: a message is whole.
        self._writing = asyncio.Lock()

    async def until_over(self) -> None:
        """Returns never; raises an ExceptionGroup of what ended it."""
        if self._tab is not None:
            await self._open_tab(self._tab)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen_to_page())
            tasks.create_task(self._listen_to_feed())
            tasks.create_task(self._tell())
            tasks.create_task(self._ping())
            tasks.create_task(self._watch_token())

    # ------------------------------------------------------------ the page

    async def _listen_to_page(self) -> None:
        while True:
            try:
                said = await next_message(self._socket)
            except Nonsense:
                raise WebSocketException(NONSENSE, "bad_message") from None
            match said:
                case Introduction():
                    await self._introduced_again(said)
                case Pong():
                    # An answer to nothing is as good as none.
                    if said.n == self._pinged and not self._answered.is_set():
                        await self._is_there()

    async def _introduced_again(self, said: Introduction) -> None:
        fresh = await recognised(said, Role.ADVISOR, self._deps)
        if (fresh.tenant_id, fresh.user_id) != (self._claims.tenant_id, self._claims.user_id):
            raise WebSocketException(FORBIDDEN, "another_person")
        self._claims = fresh
        self._renewed.set()

    async def _is_there(self) -> None:
        self._answered.set()
        if self._tab is None:
            return
        me, until = self._claims, self._deps.wall_clock() + GONE_AFTER_S
        try:
            kept = await self._deps.presences.keep_tab(me.tenant_id, me.user_id, self._tab, until)
        except Unavailable as away:
            # While the store restarts nobody is sent home; the next answer puts the end off again.
            log_failure(away, route="/v1/live")
        else:
            if not kept:
                await self._replaced()

    async def _ping(self) -> None:
        while True:
            self._pinged += 1
            self._answered.clear()
            await self._send({"type": "ping", "n": self._pinged})
            try:
                async with asyncio.timeout(GONE_AFTER_S):
                    await self._answered.wait()
            except TimeoutError:
                raise WebSocketException(TOO_LATE, "no_answer") from None
            await asyncio.sleep(PING_EVERY_S)

    async def _watch_token(self) -> None:
        while True:
            self._renewed.clear()
            left_s = self._claims.expires_at - self._deps.wall_clock()
            try:
                async with asyncio.timeout(max(0.0, left_s)):
                    await self._renewed.wait()
            except TimeoutError:
                raise WebSocketException(UNAUTHENTICATED, "expired") from None

    # ------------------------------------------------------------ the tab

    async def _open_tab(self, tab: str) -> None:
        me = self._claims
        until = self._deps.wall_clock() + GONE_AFTER_S
        opened = await self._deps.presences.open_tab(me.tenant_id, me.user_id, tab, until)
        if opened.replaced is not None and opened.replaced != tab:
            await self._deps.feed.publish(me.tenant_id, me.user_id, TAB_OPENED + tab.lower())
        await self._deps.feed.publish(me.tenant_id, me.user_id, PRESENCE_CHANGED)

    async def _replaced(self) -> None:
        await self._send({"type": "tab_replaced"})
        raise WebSocketException(TAB_REPLACED, "tab_replaced")

    # ------------------------------------------------------------ what happens in the house

    async def _listen_to_feed(self) -> None:
        began = False
        async with aclosing(self._deps.feed.subscribe(self._claims.tenant_id)) as events:
            async for subject, event in events:
                if event != LISTENING:
                    await self._happened(subject, event)
                elif began:
                    self._news.changed("all")
                else:
                    began = True
                    await self._send({"type": "ready"})

    async def _happened(self, subject: str, event: str) -> None:
        about, _, _ = event.partition(".")
        if about == "user":
            if subject == self._claims.user_id:
                await self._about_me(event)
            if self._claims.role.covers(Role.ADMIN):
                self._news.changed("team")
            return
        if about == "call":
            self._news.changed("call", subject)
        elif about != "presence" or subject == self._claims.user_id:
            self._news.changed("desk")
        if self._claims.role.covers(Role.SUPERVISOR):
            self._news.changed("board")
        if event == DESK_RINGS:
            await self._rings()

    async def _rings(self) -> None:
        """Whether it rings at this person; several do not learn of it."""
        me = self._claims
        presence = await self._deps.presences.presence(me.tenant_id, me.user_id)
        handoff_id = presence.handoff_id
        if handoff_id is None:
            return
        handoff = await self._deps.desk.handoff(me.tenant_id, handoff_id)
        if handoff is not None and handoff.offered_to == me.user_id and handoff.offered_until is not None:
            self._news.rings(handoff_id, handoff.offered_until)

    async def _about_me(self, event: str) -> None:
        if event == SIGNED_OUT:
            await self._leave_desk()
            raise WebSocketException(UNAUTHENTICATED, "signed_out")
        if event == USER_CHANGED:
            try:
                now = await present(self._claims, Role.ADVISOR, self._deps)
            except Problem as problem:
                await self._leave_desk()
                raise WebSocketException(FORBIDDEN, problem.code) from None
            self._claims = replace(self._claims, role=now.role)
        if event.startswith(TAB_OPENED) and self._tab is not None and event != TAB_OPENED + self._tab.lower():
            await self._replaced()

    async def _leave_desk(self) -> None:
        """Who may no longer take calls is offered none: the tab ends now, not when it would have been missed."""
        if self._tab is not None:
            me = self._claims
            await self._deps.presences.keep_tab(me.tenant_id, me.user_id, self._tab, self._deps.wall_clock())

    # ------------------------------------------------------------ telling

    async def _tell(self) -> None:
        while True:
            for message in await self._news.taken():
                await self._send(message)
            await asyncio.sleep(TELL_EVERY_S)

    async def _send(self, message: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(GONE_AFTER_S), self._writing:
                await self._socket.send_text(as_text(message))
        except TimeoutError:
            raise WebSocketException(TOO_LATE, "not_reading") from None
