"""People, roles, site keys and refresh tokens: who may do what at the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.speech import Language


class Role(StrEnum):
    """A user's role in one tenant; each includes the rights of those after it."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    ADVISOR = "advisor"
    VIEWER = "viewer"

    def covers(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) <= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    user_id: str
    tenant_id: str
    email: str
    name: str
    role: Role
    disabled: bool = False
    languages: tuple[Language, ...] = ()
    """In which an advisor takes calls."""
    skills: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    """The ids of the queues that an advisor serves."""
    password_until: float | None = None
    """Unix seconds until which a one-time password signs in; None: the person chose their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What becomes different about a person; None stays as it is."""

    name: str | None = None
    role: Role | None = None
    disabled: bool | None = None
    languages: tuple[Language, ...] | None = None
    skills: tuple[str, ...] | None = None
    queues: tuple[str, ...] | None = None


SAME_ORIGIN = "self"
"""In `allowed_origins`: the gateway's own pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKey:
    """A public key under which a web site may start calls, from its own origins, up to a cap."""

    site_key_id: str
    tenant_id: str
    key: str
    allowed_origins: tuple[str, ...]
    max_concurrent_calls: int
    listed: bool = False
    """Shown by `GET /v1/sites`, for the gateway's own softphone."""


class Accounts(Protocol):
    """Raises Unavailable("postgres", ...). Look-ups that come before a tenant is known use narrow SQL functions."""

    async def tenant_id(self, slug: str) -> str | None: ...

    async def user_by_email(self, tenant_id: str, email: str) -> tuple[User, str] | None:
        """The user and the argon2 hash of the password."""
        ...

    async def user(self, tenant_id: str, user_id: str) -> User | None: ...

    async def create_user(self, user: User, password_hash: str) -> None:
        """Raises Rejected when the e-mail is taken in the tenant."""
        ...

    async def set_password(self, tenant_id: str, user_id: str, password_hash: str, until: float | None = None) -> None:
        """Also signs the user out everywhere. `until` (Unix seconds) makes it a one-time password."""
        ...

    async def users(self, tenant_id: str) -> list[User]:
        """In order of name."""
        ...

    async def change_user(self, tenant_id: str, user_id: str, change: UserChange) -> User:
        """The person as they are now; one who is disabled is signed out everywhere.

        Raises NotFound, and Refused("last_admin") where nobody would be left who may change anything; two such
        changes at once can't both pass.
        """
        ...

    async def site_key(self, key: str) -> SiteKey | None: ...

    async def listed_site_keys(self) -> list[SiteKey]: ...

    async def save_site_key(self, site_key: SiteKey) -> None:
        """Insert or replace by `site_key_id`."""
        ...

    async def live_calls(self, tenant_id: str, site_key_id: str) -> int:
        """Calls of this site key that have not ended."""
        ...

    async def bind_call_token(self, tenant_id: str, token_id: str, call_id: str) -> str:
        """The call that this token is bound to: `call_id` on first use, the earlier one afterwards."""
        ...

    async def save_refresh_token(
        self, tenant_id: str, user_id: str, family: str, token_hash: bytes, expires_at: float
    ) -> None: ...

    async def rotate_refresh_token(self, token_hash: bytes, new_hash: bytes, expires_at: float) -> User | None:
        """Replace a live token by a new one of its family; None when unknown or expired.

        A token that was replaced before is theft: its whole family is revoked, and None is returned.
        """
        ...

    async def revoke_refresh_token(self, token_hash: bytes) -> None:
        """Revoke the token's whole family; unknown tokens are ignored."""
        ...
