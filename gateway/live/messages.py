"""What goes over the live socket, either way, and the codes with which it is closed."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocket

from gateway.body import Body

MAX_MESSAGE_CHARACTERS = 8_192
"""An access token has about 600."""

NONSENSE = 4400
UNAUTHENTICATED = 4401
"""No token, a bad one, one that has expired, or a person who was signed out."""
FORBIDDEN = 4403
TOO_LATE = 4408
"""No token within seconds, or a page that no longer answers."""
TAB_REPLACED = 4409
TOO_MANY = 4429
BROKEN = 1011
AWAY = 1013
"""A part of ours can't be reached: come again."""

PRESENCE_CHANGED = "presence.changed"
"""The live event, about a user's id, of an advisor who stands elsewhere than before."""

Tab = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,40}$")]
"""A random name of a page that a person has open; a reload keeps it."""


class Introduction(Body):
    """The first message, and any time later, to stay for as long as a newer token allows."""

    type: Literal["auth"]
    token: Annotated[str, Field(min_length=1, max_length=4096)]
    tab: Tab | None = None


class Pong(Body):
    """The answer to a ping, with its number."""

    type: Literal["pong"]
    n: Annotated[int, Field(ge=1)]


_said: TypeAdapter[Introduction | Pong] = TypeAdapter(Annotated[Introduction | Pong, Field(discriminator="type")])


class Nonsense(Exception):
    """A message that is none of the protocol's."""


async def next_message(socket: WebSocket) -> Introduction | Pong:
    """Raises Nonsense, and WebSocketDisconnect when the page has gone."""
    try:
        text = await socket.receive_text()
    except KeyError:
        # Starlette looks for the text of a message that has bytes.
        raise Nonsense from None
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise Nonsense
    try:
        return _said.validate_json(text)
    except ValidationError:
        raise Nonsense from None


def as_text(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
