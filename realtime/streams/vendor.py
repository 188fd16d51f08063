"""What the telephony services have in common: a signed request for each call, and one JSON protocol of a stream."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import Refused

Form = Sequence[tuple[str, str]]
Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A call that the service asks about."""

    call: str
    """The service's own id of the call, which stays the same for all its streams."""
    called: str
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    call: str
    stream: str


@dataclass(frozen=True, slots=True)
class Sound:
    mu_law: bytes


@dataclass(frozen=True, slots=True)
class Key:
    digit: str


@dataclass(frozen=True, slots=True)
class Played:
    """All that was sent before this mark has been played, or cleared."""

    mark: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The caller has hung up."""


Fact = Began | Sound | Key | Played | Stopped


class Vendor(Protocol):
    @property
    def token(self) -> str:
        """The account's secret, which signs its requests."""
        ...

    def signed(self, url: str, form: Form, headers: Mapping[str, str]) -> bool:
        """Whether the service made this POST request; `url` is what it asked for, query included."""
        ...

    def arrival(self, form: Mapping[str, str]) -> Arrival:
        """Raises KeyError for what is missing."""
        ...

    def stream(self, stream_url: str, then_url: str) -> str:
        """The document that opens a stream both ways, and asks again when the stream has ended."""
        ...

    def refusal(self) -> str:
        """The document for a number that is not answered here."""
        ...

    def read(self, message: Message) -> Fact | None:
        """None for what needs no answer. Raises Refused, KeyError, TypeError or ValueError for nonsense."""
        ...

    def sound(self, stream: str, mu_law: bytes) -> Message: ...

    def mark(self, stream: str, name: str) -> Message: ...

    def clear(self, stream: str) -> Message:
        """Throw away what was sent and not played yet."""
        ...


HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'


def matches(given: str, token: str, message: str, digest: str) -> bool:
    """Whether `given` is the base64 of the message's HMAC under `token`."""
    mac = hmac.new(token.encode(), message.encode(), digest).digest()
    return hmac.compare_digest(given.encode(), base64.b64encode(mac))


def said(message: Message, *, call: str, stream: str) -> Fact | None:
    """What a message says that both services word alike but for their names of the ids in a start: `call`, `stream`.

    Raises like Vendor.read.
    """
    match message["event"]:
        case "start":
            start = message["start"]
            sound = start["mediaFormat"]
            if (sound["encoding"], int(sound["sampleRate"])) != ("audio/x-mulaw", 8_000):
                raise Refused("bad_message", "A stream must be µ-law at 8 kHz.")
            return Began(call=str(start[call]), stream=str(start[stream]))
        case "media" if message["media"].get("track", "inbound") == "inbound":
            return Sound(_payload(message["media"]))
        case "dtmf":
            return Key(str(message["dtmf"]["digit"]))
        case "stop":
            return Stopped()
        case _:
            return None


def _payload(media: Mapping[str, str]) -> bytes:
    try:
        return base64.b64decode(media["payload"], validate=True)
    except binascii.Error as error:
        raise Refused("bad_message", "The sound of a stream is base64.") from error


def secret_for(token: str) -> bytes:
    """A key of our own from the account's secret, for tickets: 32 bytes."""
    return hashlib.sha256(b"hatif stream ticket " + token.encode()).digest()
