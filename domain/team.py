"""The people of a tenant and the queues that lead to them, as an administrator arranges them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.accounts import Role, User
from domain.speech import Language
from domain.tenant import Words

OFFER_S = 20
"""A person who is at the desk has read the brief and decided well before; a phone rings as long."""
MAX_WAIT_S = 90
"""After a minute and a half most callers would rather be called back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where callers wait for advisors; an advisor serves the queues named in `User.queues`."""

    tenant_id: str
    queue_id: str
    """A short name, such as "billing"."""
    name: Words
    languages: tuple[Language, ...] = ()
    """Callers of these come here; of all languages without any."""
    skills: tuple[str, ...] = ()
    """What an advisor has to know, all of them, to be offered a call of this queue."""
    intents: tuple[str, ...] = ()
    """What calls come here by; a queue without any takes those that no other names."""
    offer_s: int = OFFER_S
    """How long a call is offered to one advisor."""
    max_wait_s: int = MAX_WAIT_S
    """How long a caller waits before the choice of a callback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What becomes different about a person; None stays as it is."""

    name: str | None = None
    role: Role | None = None
    disabled: bool | None = None
    languages: tuple[Language, ...] | None = None
    skills: tuple[str, ...] | None = None
    queues: tuple[str, ...] | None = None


class Team(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def users(self, tenant_id: str) -> list[User]:
        """In order of name."""
        ...

    async def change_user(self, tenant_id: str, user_id: str, change: UserChange) -> User:
        """The person as they are now; one who was disabled is signed out everywhere.

        Raises NotFound, and Refused("last_admin") where nobody would be left who may change anything; two such
        changes at once can't both pass.
        """
        ...

    async def queues(self, tenant_id: str) -> list[Queue]:
        """In order of id."""
        ...

    async def save_queue(self, queue: Queue) -> None:
        """Insert or replace."""
        ...

    async def remove_queue(self, tenant_id: str, queue_id: str) -> bool:
        """False when there was none. Nobody serves it afterwards."""
        ...
