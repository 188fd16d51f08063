"""A ticket lets one call's stream in: made in answer to the signed request, and sealed, for it travels in a URL."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken

from domain.errors import Refused
from realtime.streams.vendor import secret_for

VALID_S = 60
"""A service opens the stream at once; each further stream gets a ticket of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    tenant_id: str
    call: str
    """The service's id."""
    caller: str | None
    """Their number; callers' numbers must not stand in the logs of a proxy."""

    def sealed(self, token: str) -> str:
        """For a URL's path."""
        return _box(token).encrypt(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def opened(cls, sealed: str, token: str) -> Ticket:
        """Raises Refused("bad_ticket")."""
        try:
            return cls(**json.loads(_box(token).decrypt(sealed, ttl=VALID_S)))
        except (InvalidToken, ValueError) as error:
            raise Refused("bad_ticket", "This ticket was not made here, or is too old.") from error


def _box(token: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(secret_for(token)))
