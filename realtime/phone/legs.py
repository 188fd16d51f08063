"""Legs of phone calls that have arrived at this process and wait until their call's workflow asks for the line."""

from __future__ import annotations

import secrets
import uuid

from domain.errors import Refused
from realtime.phone.line import PhoneLine


class Legs:
    """A ticket stands for a leg in offers, for a leg cannot travel: it opens one line, once."""

    def __init__(self) -> None:
        self._waiting: dict[str, PhoneLine] = {}

    def wait(self, line: PhoneLine) -> str:
        """The ticket of a leg from now on."""
        ticket = secrets.token_urlsafe(12)
        self._waiting[ticket] = line
        return ticket

    def taken(self, ticket: str) -> PhoneLine:
        """Raises Refused("bad_offer") for a leg that is not here, or was taken before."""
        line = self._waiting.pop(ticket, None)
        if line is None:
            raise Refused("bad_offer", "No leg waits here under this ticket.")
        return line

    def forget(self, ticket: str) -> None:
        """The leg is gone, or nobody took it."""
        self._waiting.pop(ticket, None)


def call_id_of(tenant_id: str, *leg: str) -> str:
    """Of the call of a leg that whoever brings it names so, by one word or several.

    The same leg is the same call; and a known id of another tenant's call, or of one on the web, reaches neither.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join((tenant_id, *leg))))
