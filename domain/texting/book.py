"""Texts to callers: what may be sent to whom and how often, what became of each, and the ports behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Refused
from domain.messaging import Channel, DeliveryState, Messaging

SEND_SMS = "send_sms"

PER_NUMBER = 5
"""Texts to one number in a day: somebody who needs more has them all already, or is being pestered by a stranger."""
PER_TENANT = 200
"""Texts of one company in an hour. A hundred callers at a time who each want one or two come to this; what is more is
an error or an abuse, and every text costs money."""
DAY_S = 24 * 3600.0
HOUR_S = 3600.0

DO_NOT_CONTACT = "do_not_contact"
"""The number is on the company's list of those that are not to be called."""
TOO_MANY_TEXTS = "too_many_texts"
NO_NUMBER = "no_number"
"""There is no number that is certainly the caller's own."""
TEXT_REFUSED = "text_refused"
"""The service will not send it."""


def check_limits(to_number_today: int, of_tenant_this_hour: int) -> None:
    """Raises Refused("too_many_texts")."""
    if to_number_today >= PER_NUMBER:
        raise Refused(TOO_MANY_TEXTS, f"This number has had {PER_NUMBER} texts within a day.")
    if of_tenant_this_hour >= PER_TENANT:
        raise Refused(TOO_MANY_TEXTS, f"{PER_TENANT} texts were sent within an hour.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSent:
    """How far the text of one action has come."""

    key: str
    state: DeliveryState
    reason: str | None = None
    """A code, when FAILED and the service said why."""


class TextBook(Protocol):
    """Texts on their way out, outside of threads. Raises Unavailable("postgres", ...)."""

    async def begin(self, tenant_id: str, call_id: str, key: str, to: str, connection_id: str) -> str:
        """The connection by which this text goes; the first answer for a key stays, whatever is asked later.

        Raises Refused with OPTED_OUT, DO_NOT_CONTACT, TOO_MANY_TEXTS or BAD_NUMBER, only before the first answer.
        """
        ...

    async def settle(
        self, tenant_id: str, key: str, state: DeliveryState, message_id: str | None = None, reason: str | None = None
    ) -> None:
        """What became of a send; a state never goes back."""
        ...

    async def of_call(self, tenant_id: str, call_id: str) -> Sequence[TextSent]: ...


class TextServices(Protocol):
    """The services that carry a tenant's texts."""

    async def sender(self, tenant_id: str, channel: Channel) -> str | None:
        """The id of the connection that messages over this channel go out by."""
        ...

    async def of(self, tenant_id: str, connection_id: str) -> Messaging | None: ...
