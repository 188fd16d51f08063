"""Who may open a live socket: a person of the house, from our own pages, by a token in the first message."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, WebSocket, WebSocketException

from domain.accounts import Role
from domain.errors import HatifError
from gateway import origins
from gateway.access import AccessRule, present
from gateway.deps import Deps, GatewayDeps
from gateway.live.messages import (
    AWAY,
    FORBIDDEN,
    NONSENSE,
    TOO_LATE,
    UNAUTHENTICATED,
    Introduction,
    Nonsense,
    next_message,
)
from gateway.problems import Problem
from gateway.tokens import AccessClaims

INTRODUCED_WITHIN_S = 5
"""The page has its token before it opens the socket; a stranger doesn't hold a place for longer than this."""


class Guest:
    """A person at their socket."""

    def __init__(self, claims: AccessClaims, tab: str | None) -> None:
        self.claims = claims
        self.tab = tab


class LiveDoor(AccessRule):
    """A person with at least `role`: no other site's page, and the token is the first thing that is said."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, socket: WebSocket, deps: Deps) -> Guest:
        try:
            origins.refuse_foreign(socket, deps.config.own_origins)
        except Problem as problem:
            # Before the handshake is answered, this is a plain 403.
            raise WebSocketException(FORBIDDEN, problem.code) from None
        await socket.accept()
        try:
            async with asyncio.timeout(INTRODUCED_WITHIN_S):
                said = await next_message(socket)
        except TimeoutError:
            raise WebSocketException(TOO_LATE, "timeout") from None
        except Nonsense:
            raise WebSocketException(NONSENSE, "bad_message") from None
        if not isinstance(said, Introduction):
            raise WebSocketException(UNAUTHENTICATED, "unauthenticated")
        return Guest(await recognised(said, self.role, deps), said.tab)


Staff = Annotated[Guest, Depends(LiveDoor(Role.ADVISOR))]


async def recognised(said: Introduction, role: Role, deps: GatewayDeps) -> AccessClaims:
    """Whose token it is, with the role of this moment. Raises WebSocketException."""
    try:
        return await present(deps.tokens.read_access(said.token), role, deps)
    except Problem as problem:
        code = FORBIDDEN if problem.status == 403 else UNAUTHENTICATED
        raise WebSocketException(code, problem.code) from None
    except HatifError:
        raise WebSocketException(AWAY, "unavailable") from None
