"""A tenant's connection to another system: where it is, which secrets it is reached with, and whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """`settings` are the system's own, such as which field holds our key; they name secrets by reference only."""

    tenant_id: str
    connection_id: str
    system: str
    """A connector's name: zendesk, hubspot, freshdesk, salesforce, twilio, whatsapp."""
    url: str
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    enabled: bool = True


class Connections(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def all(self, tenant_id: str) -> list[ConnectionRow]: ...

    async def save(self, row: ConnectionRow) -> None:
        """Insert or replace by `connection_id`."""
        ...

    async def remove(self, tenant_id: str, connection_id: str) -> bool:
        """False when there was none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldConnection:
    """What an administrator may know of a connection: that there are secrets, and not what they are."""

    row: ConnectionRow
    secrets: frozenset[str] = frozenset()
    """The names of those that are held."""
    signed_in: bool = False
    """Whether tokens are held; whether they still open anything, only the vendor knows."""


class ConnectionBook(Protocol):
    """Connections together with their secrets, which go in and never come out. Raises Unavailable("postgres", ...)."""

    async def held(self, tenant_id: str) -> list[HeldConnection]: ...

    async def save(self, row: ConnectionRow, new: Mapping[str, str], *, sign_out: bool = False) -> None:
        """Insert or replace, all at once, with `new` secrets; those that aren't named stay.

        `sign_out` forgets the tokens.
        """
        ...

    async def remove(self, tenant_id: str, connection_id: str) -> bool:
        """With every secret of it. False when there was none."""
        ...

    async def set_aside(self, row: ConnectionRow, value: str) -> None:
        """Keep what an administrator's way to the vendor and back needs; the one before is forgotten."""
        ...

    async def take(self, tenant_id: str, connection_id: str) -> str | None:
        """What was set aside, once."""
        ...


class Trouble(StrEnum):
    """Why a connection does not work, each with something else to do about it."""

    NOT_CONNECTED = "not_connected"
    """Nobody has agreed at the vendor yet."""
    KEY_MISSING = "key_missing"
    """Nothing is stored to sign in with."""
    SIGN_IN_REFUSED = "sign_in_refused"
    """The key is wrong or was withdrawn."""
    AUTHORISATION_ENDED = "authorisation_ended"
    """The tokens are over and can't be renewed."""
    CLIENT_REFUSED = "client_refused"
    """The vendor doesn't know our application by this id and secret."""
    NO_PERMISSION = "no_permission"
    WRONG_ADDRESS = "wrong_address"
    """Nobody is there, or somebody else."""
    WRONG_ACCOUNT = "wrong_account"
    """The vendor is there, and doesn't know this account or number."""
    LIMITED = "limited"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Either the account's name in the vendor's own words, or what is wrong."""

    account: str | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsked:
    """One administrator's way to the vendor and back."""

    state: str
    verifier: str = field(repr=False)
    """Of PKCE."""
    redirect_uri: str


class Vendors(Protocol):
    async def tried(self, row: ConnectionRow) -> Tried:
        """Who we are there, by the vendor's own answer, and whether customers and tickets may be read."""
        ...

    def consent_address(self, row: ConnectionRow, asked: ConsentAsked) -> str:
        """Where the administrator agrees. Raises Rejected for a connection that has no such place."""
        ...

    async def consented(self, row: ConnectionRow, asked: ConsentAsked, code: str) -> Trouble | None:
        """Change the code for tokens and keep them; what went wrong, or None."""
        ...
