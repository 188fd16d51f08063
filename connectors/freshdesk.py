"""Freshdesk over its REST API v2, which knows no idempotency: our key is in a field, and what is unclear waits."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import fields
from connectors.http import Connection, VendorHttp, made
from connectors.once import Once, Write
from domain.crm import (
    Customer,
    HistoryEntry,
    Interaction,
    Order,
    Priority,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketState,
    same_number,
    ticket_entry,
)
from domain.errors import Rejected, Unavailable

SYSTEM = "freshdesk"
KEY_FIELD = "cf_hatif_key"
"""The ticket's custom field, single line text, that holds our key; the tenant makes it."""
SEARCH_LAG_MS = 300_000
"""The documents say that the search sees a change after "a few minutes"; five is what we wait for."""
PAGE = 100
CONVERSATION_PAGES = 20
RECENT_PAGES = 3
"""Three hundred tickets made since the request we look for."""
PHONE = 3
"""Freshdesk's code for the source of a ticket."""
STATES = {
    2: TicketState.OPEN,
    3: TicketState.PENDING,
    4: TicketState.SOLVED,
    5: TicketState.CLOSED,
    6: TicketState.PENDING,
    7: TicketState.PENDING,
}
CODES = {TicketState.OPEN: 2, TicketState.PENDING: 3, TicketState.SOLVED: 4, TicketState.CLOSED: 5}
PRIORITIES = {Priority.LOW: 1, Priority.NORMAL: 2, Priority.HIGH: 3, Priority.URGENT: 4}


class Freshdesk:
    """The Crm port. A ticket bears our key in a custom field, a note in its last line."""

    system = SYSTEM

    def __init__(self, connection: Connection) -> None:
        """`connection.url` is https://DOMAIN.freshdesk.com."""
        self._http = VendorHttp(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)
        self._clock = connection.clock

    async def close(self) -> None:
        await self._http.close()

    # ------------------------------------------------------------ reads

    async def check(self) -> str:
        contact = fields.record(await self._http.read("GET", "/api/v2/agents/me"), SYSTEM, "contact")
        return f"{contact.get('name')} <{contact.get('email')}>"

    async def customers_by_phone(self, phone: str) -> list[Customer]:
        """The filter compares whole fields, so the usual ways of writing a number are asked for one by one."""
        number = fields.digits(phone)
        if not number:
            return []
        found: dict[str, Customer] = {}
        for written in (f"+{number}", number, f"0{fields.national(phone)}"):
            for name in ("phone", "mobile"):
                answer = await self._http.read("GET", "/api/v2/contacts", params={name: written})
                for contact in fields.records(answer, SYSTEM):
                    if same_number(fields.text(contact, name) or "", phone):
                        found.setdefault(fields.needed(contact, "id", SYSTEM), _customer(contact))
        return list(found.values())

    async def customers_by_email(self, email: str) -> list[Customer]:
        address = fields.email(email)
        if not address:
            return []
        answer = await self._http.read("GET", "/api/v2/contacts", params={"email": address.lower()})
        return [_customer(contact) for contact in fields.records(answer, SYSTEM)]

    async def customer(self, customer_id: str) -> Customer:
        path = f"/api/v2/contacts/{fields.number(customer_id, SYSTEM)}"
        return _customer(fields.record(await self._http.read("GET", path), SYSTEM))

    async def history(self, customer_id: str, limit: int = 10) -> list[HistoryEntry]:
        params: dict[str, str | int] = {
            "requester_id": fields.number(customer_id, SYSTEM),
            "order_by": "updated_at",
            "order_type": "desc",
            "per_page": min(limit, PAGE),
        }
        answer = await self._http.read("GET", "/api/v2/tickets", params=params)
        return [ticket_entry(_ticket(one)) for one in fields.records(answer, SYSTEM)[:limit]]

    async def ticket(self, ticket_id: str) -> Ticket:
        return _ticket(fields.record(await self._http.read("GET", _path(ticket_id)), SYSTEM))

    async def tickets_changed(self, since: datetime, limit: int = 100) -> list[Ticket]:
        params = {"updated_since": _time(since), "order_by": "updated_at", "order_type": "asc"}
        found = await self._listed(params, pages=-(-limit // PAGE))
        return [_ticket(one) for one in found[:limit]]

    async def order(self, number: str) -> Order:
        raise Rejected(SYSTEM, "has no orders")

    # ------------------------------------------------------------ writes

    async def create_ticket(self, draft: TicketDraft, key: str) -> Ticket:
        ticket: dict[str, Any] = {
            "subject": fields.subject(draft),
            "description": _html(fields.description(draft)),
            "status": CODES[TicketState.OPEN],
            "priority": PRIORITIES[draft.priority],
            "source": PHONE,
        }
        if draft.due_at is not None:
            ticket |= dict.fromkeys(("due_by", "fr_due_by"), _time(draft.due_at))
        if draft.customer_id:
            ticket["requester_id"] = int(fields.number(draft.customer_id, SYSTEM))
        else:
            who = {"email": draft.email, "phone": draft.phone, "name": draft.name or draft.phone or draft.email}
            ticket |= {name: value for name, value in who.items() if value}
        return await self.ticket(await self._created(ticket, key))

    async def update_ticket(self, ticket_id: str, change: TicketChange, key: str) -> Ticket:
        """First the state, which is the same when it is set twice, then the note that bears the key."""
        update: dict[str, Any] = {}
        if change.state is not None:
            update["status"] = CODES[change.state]
        if change.priority is not None:
            update["priority"] = PRIORITIES[change.priority]
        await self._noted(ticket_id, change.comment, key, update)
        return await self.ticket(ticket_id)

    async def withdraw_ticket(self, ticket_id: str, reason: str, key: str) -> Ticket:
        return await self.update_ticket(ticket_id, TicketChange(comment=reason, state=TicketState.CLOSED), key)

    async def log_interaction(self, interaction: Interaction, key: str) -> str:
        told = fields.told(interaction)
        if interaction.ticket_id:
            return await self._noted(interaction.ticket_id, told, key, {})
        ticket: dict[str, Any] = {
            "subject": interaction.title,
            "description": _html(told),
            "status": CODES[TicketState.CLOSED],
            "priority": PRIORITIES[Priority.LOW],
            "source": PHONE,
        }
        if interaction.customer_id:
            ticket["requester_id"] = int(fields.number(interaction.customer_id, SYSTEM))
        elif interaction.phone:
            ticket |= {"phone": interaction.phone, "name": interaction.phone}
        else:
            raise Rejected(SYSTEM, "an interaction needs a customer, a ticket or a number")
        return await self._created(ticket, key)

    async def trigger_workflow(self, ticket_id: str, name: str, key: str) -> None:
        """By a tag, to which the tenant's own automation listens. The tags are read and written back as a whole."""
        path, tag = _path(ticket_id), f"hatif_{fields.word(name, SYSTEM)}"

        async def tags() -> list[str]:
            return fields.texts(fields.record(await self._http.read("GET", path), SYSTEM), "tags")

        async def look() -> str | None:
            return ticket_id if tag in await tags() else None

        async def send() -> str:
            await self._http.write("PUT", path, body={"tags": [*await tags(), tag]})
            return ticket_id

        await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _created(self, ticket: dict[str, Any], key: str) -> str:
        body = {**ticket, "custom_fields": {KEY_FIELD: key}}

        async def look() -> str | None:
            """By the search, which lags, and among the latest tickets, which may be too many."""
            query = {"query": f"\"{KEY_FIELD}:'{key}'\""}
            answer = await self._http.read("GET", "/api/v2/search/tickets", params=query)
            since = datetime.fromtimestamp(self._clock() - 2 * SEARCH_LAG_MS / 1000, UTC)
            latest = {"updated_since": _time(since), "order_by": "created_at", "order_type": "desc"}
            for one in [
                *fields.records(answer, SYSTEM, "results"),
                *await self._listed(latest, pages=RECENT_PAGES),
            ]:
                if fields.inner(one, "custom_fields").get(KEY_FIELD) == key:
                    return fields.needed(one, "id", SYSTEM)
            return None

        async def send() -> str:
            answer = await self._http.write("POST", "/api/v2/tickets", body=body)
            return made(answer, "id")

        return await self._once.do(Write(key=key, send=send, look=look, lag_ms=SEARCH_LAG_MS))

    async def _noted(self, ticket_id: str, comment: str, key: str, update: Mapping[str, Any]) -> str:
        path = _path(ticket_id)

        async def look() -> str | None:
            for page in range(1, CONVERSATION_PAGES + 1):
                params = {"page": page, "per_page": PAGE}
                notes = fields.records(await self._http.read("GET", f"{path}/conversations", params=params), SYSTEM)
                if any(key in (fields.text(note, "body_text") or "") for note in notes):
                    return ticket_id
                if len(notes) < PAGE:
                    return None
            raise Unavailable(SYSTEM, "the ticket has too many notes to look through")

        async def send() -> str:
            if update:
                await self._http.write("PUT", path, body=dict(update))
            body = {"body": f"{_html(comment)}<br><br>[{key}]", "private": True}
            await self._http.write("POST", f"{path}/notes", body=body)
            return ticket_id

        return await self._once.do(Write(key=key, send=send, look=look))

    async def _listed(self, params: Mapping[str, str], *, pages: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, pages + 1):
            answer = await self._http.read("GET", "/api/v2/tickets", params={**params, "page": page, "per_page": PAGE})
            listed = fields.records(answer, SYSTEM)
            found += listed
            if len(listed) < PAGE:
                break
        return found


def _path(ticket_id: str) -> str:
    return f"/api/v2/tickets/{fields.number(ticket_id, SYSTEM)}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _html(plain: str) -> str:
    """Descriptions and notes are HTML: what a caller said is text, whatever it looks like."""
    return html.escape(plain).replace("\n", "<br>")


def _customer(contact: Mapping[str, Any]) -> Customer:
    return Customer(
        customer_id=fields.needed(contact, "id", SYSTEM),
        name=fields.text(contact, "name") or "",
        phone=fields.text(contact, "phone") or fields.text(contact, "mobile"),
        email=fields.text(contact, "email"),
    )


def _ticket(raw: Mapping[str, Any]) -> Ticket:
    state, priority = raw.get("status"), {code: word for word, code in PRIORITIES.items()}
    return Ticket(
        ticket_id=fields.needed(raw, "id", SYSTEM),
        number=fields.needed(raw, "id", SYSTEM),
        subject=fields.text(raw, "subject") or "",
        state=STATES.get(state, TicketState.OPEN) if isinstance(state, int) else TicketState.OPEN,
        priority=priority.get(int(raw.get("priority") or 0), Priority.NORMAL),
        customer_id=fields.text(raw, "requester_id"),
        updated_at=fields.moment(raw, "updated_at"),
    )
