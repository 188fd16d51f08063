"""Zendesk Support over its REST API v2: creation is idempotent by header, updates by a mark in their audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import fields
from connectors.auth import SignInRefused
from connectors.http import Connection, Refusal, VendorHttp, made
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
from domain.errors import NotFound, Rejected, Unavailable

SYSTEM = "zendesk"
PAGE = 100
MAX_AUDIT_PAGES = 20
"""Two thousand changes of one ticket; a ticket with more is closed by Zendesk's own limits long before."""
COLLISION_MS = 1_000
"""After somebody else changed the ticket between our reading and our writing."""
UNSEEN_MS = 30_000
"""A part of the few minutes that the search is behind."""
STATES = {
    "new": TicketState.OPEN,
    "open": TicketState.OPEN,
    "pending": TicketState.PENDING,
    "hold": TicketState.PENDING,
    "solved": TicketState.SOLVED,
    "closed": TicketState.CLOSED,
}
PRIORITIES = {priority.value: priority for priority in Priority}
WORDS = {
    TicketState.OPEN: "open",
    TicketState.PENDING: "pending",
    TicketState.SOLVED: "solved",
    TicketState.CLOSED: "closed",
}


class Zendesk:
    """The Crm port. The key is the Idempotency-Key and `external_id` of a ticket, and `hatif_key` in an audit."""

    system = SYSTEM

    def __init__(self, connection: Connection) -> None:
        """`connection.url` is https://SUBDOMAIN.zendesk.com."""
        self._http = VendorHttp(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)

    async def close(self) -> None:
        await self._http.close()

    # ------------------------------------------------------------ reads

    async def check(self) -> str:
        me = fields.record(await self._http.read("GET", "/api/v2/users/me"), SYSTEM, "user")
        if me.get("id") is None:  # refused credentials are answered with 200 and an anonymous user
            raise SignInRefused(SYSTEM)
        return f"{me.get('name')} <{me.get('email')}>"

    async def customers_by_phone(self, phone: str) -> list[Customer]:
        found = await self._customers(f"phone:{fields.digits(phone)}") if fields.digits(phone) else []
        return [customer for customer in found if customer.phone and same_number(customer.phone, phone)]

    async def customers_by_email(self, email: str) -> list[Customer]:
        address = fields.email(email)
        found = await self._customers(f'email:"{address}"') if address else []
        return [customer for customer in found if (customer.email or "").lower() == email.lower()]

    async def _customers(self, query: str) -> list[Customer]:
        answer = await self._http.read("GET", "/api/v2/users/search", params={"query": query})
        return [_customer(user) for user in fields.records(answer, SYSTEM, "users")]

    async def customer(self, customer_id: str) -> Customer:
        """Raises NotFound for the company's own people, in whose name a ticket without a customer is."""
        path = f"/api/v2/users/{fields.number(customer_id, SYSTEM)}"
        user = fields.record(await self._http.read("GET", path), SYSTEM, "user")
        if user.get("role") not in (None, "end-user"):
            raise NotFound(SYSTEM, "no customer of this id")
        return _customer(user)

    async def history(self, customer_id: str, limit: int = 10) -> list[HistoryEntry]:
        path = f"/api/v2/users/{fields.number(customer_id, SYSTEM)}/tickets/requested"
        params = {"sort_by": "updated_at", "sort_order": "desc", "per_page": min(limit, PAGE)}
        answer = await self._http.read("GET", path, params=params)
        tickets = [_ticket(one) for one in fields.records(answer, SYSTEM, "tickets")]
        return [ticket_entry(ticket) for ticket in tickets[:limit]]

    async def ticket(self, ticket_id: str) -> Ticket:
        return _ticket(await self._raw(ticket_id))

    async def tickets_changed(self, since: datetime, limit: int = 100) -> list[Ticket]:
        """By the incremental export, which leaves out the last minute."""
        path = "/api/v2/incremental/tickets/cursor"
        params: dict[str, str | int] = {"start_time": int(since.timestamp()), "per_page": min(limit, 1000)}
        changed: list[Ticket] = []
        while True:
            answer = fields.record(await self._http.read("GET", path, params=params), SYSTEM)
            changed += [_ticket(one) for one in fields.records(answer, SYSTEM, "tickets")]
            if answer.get("end_of_stream", True) or len(changed) >= limit:
                return changed[:limit]
            params = {"cursor": str(answer.get("after_cursor"))}

    async def order(self, number: str) -> Order:
        raise Rejected(SYSTEM, "has no orders")

    # ------------------------------------------------------------ writes

    async def create_ticket(self, draft: TicketDraft, key: str) -> Ticket:
        comment = {"body": fields.description(draft), "public": False}
        ticket: dict[str, Any] = {
            "subject": fields.subject(draft),
            "comment": comment,
            "priority": draft.priority.value,
        }
        if draft.due_at is not None:
            ticket |= {"type": "task", "due_at": draft.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        if draft.customer_id:
            ticket["requester_id"] = int(fields.number(draft.customer_id, SYSTEM))
        return await self.ticket(await self._created(ticket, key))

    async def update_ticket(self, ticket_id: str, change: TicketChange, key: str) -> Ticket:
        update: dict[str, Any] = {"comment": {"body": change.comment, "public": False}}
        if change.state is not None:
            update["status"] = WORDS[change.state]
        if change.priority is not None:
            update["priority"] = change.priority.value
        return await self.ticket(await self._updated(ticket_id, update, key))

    async def withdraw_ticket(self, ticket_id: str, reason: str, key: str) -> Ticket:
        """Solved: Zendesk closes solved tickets by itself."""
        return await self.update_ticket(ticket_id, TicketChange(comment=reason, state=TicketState.SOLVED), key)

    async def log_interaction(self, interaction: Interaction, key: str) -> str:
        comment = {"body": fields.told(interaction), "public": False}
        if interaction.ticket_id:
            return await self._updated(interaction.ticket_id, {"comment": comment}, key)
        ticket: dict[str, Any] = {"subject": interaction.title, "comment": comment, "status": "solved"}
        if interaction.customer_id:
            ticket["requester_id"] = int(fields.number(interaction.customer_id, SYSTEM))
        return await self._created(ticket, key)

    async def trigger_workflow(self, ticket_id: str, name: str, key: str) -> None:
        """By a tag, to which the tenant's own trigger listens. Adding a tag again changes nothing."""
        path, tag = f"/api/v2/tickets/{fields.number(ticket_id, SYSTEM)}/tags", f"hatif_{fields.word(name, SYSTEM)}"

        async def look() -> str | None:
            answer = fields.record(await self._http.read("GET", path), SYSTEM)
            return ticket_id if tag in fields.texts(answer, "tags") else None

        async def send() -> str:
            await self._http.write("PUT", path, body={"tags": [tag]})
            return ticket_id

        await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _created(self, ticket: dict[str, Any], key: str) -> str:
        async def look() -> str | None:
            answer = await self._http.read("GET", "/api/v2/tickets", params={"external_id": key})
            found = [one for one in fields.records(answer, SYSTEM, "tickets") if one.get("external_id") == key]
            return fields.needed(found[0], "id", SYSTEM) if found else None

        async def send() -> str:
            body, headers = {"ticket": {**ticket, "external_id": key}}, {"idempotency-key": key}
            try:
                answer = await self._http.write("POST", "/api/v2/tickets", body=body, headers=headers)
            except Refusal as refusal:
                if refusal.status == 409:
                    raise Unavailable(SYSTEM, "the same action is under way", COLLISION_MS) from refusal
                if refusal.code != "IdempotentRequestError":
                    raise
                # The same action in other words: it was done, whether or not the search sees it yet.
                if (found := await look()) is not None:
                    return found
                raise Unavailable(SYSTEM, "what was done in other words can't be seen yet", UNSEEN_MS) from refusal
            return made(answer, "ticket", "id")

        return await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _updated(self, ticket_id: str, update: dict[str, Any], key: str) -> str:
        path = f"/api/v2/tickets/{fields.number(ticket_id, SYSTEM)}"

        async def look() -> str | None:
            params: dict[str, str | int] = {"page[size]": PAGE}
            for _ in range(MAX_AUDIT_PAGES):
                answer = fields.record(await self._http.read("GET", f"{path}/audits", params=params), SYSTEM)
                if any(_mark(audit) == key for audit in fields.records(answer, SYSTEM, "audits")):
                    return ticket_id
                meta = fields.inner(answer, "meta")
                if not meta.get("has_more"):
                    return None
                params["page[after]"] = str(meta.get("after_cursor"))
            raise Unavailable(SYSTEM, "the ticket has too many changes to look through")

        async def send() -> str:
            stamp = (await self._raw(ticket_id)).get("updated_at")
            guarded = {**update, "metadata": {"hatif_key": key}, "safe_update": True, "updated_stamp": stamp}
            try:
                await self._http.write("PUT", path, body={"ticket": guarded})
            except Refusal as refusal:
                if refusal.status == 409:
                    raise Unavailable(SYSTEM, "somebody else changed the ticket", COLLISION_MS) from refusal
                raise
            return ticket_id

        return await self._once.do(Write(key=key, send=send, look=look))

    async def _raw(self, ticket_id: str) -> dict[str, Any]:
        path = f"/api/v2/tickets/{fields.number(ticket_id, SYSTEM)}"
        return fields.record(await self._http.read("GET", path), SYSTEM, "ticket")


def _mark(audit: Mapping[str, Any]) -> str | None:
    return fields.text(fields.inner(fields.inner(audit, "metadata"), "custom"), "hatif_key")


def _customer(user: Mapping[str, Any]) -> Customer:
    return Customer(
        customer_id=fields.needed(user, "id", SYSTEM),
        name=fields.text(user, "name") or "",
        phone=fields.text(user, "phone"),
        email=fields.text(user, "email"),
    )


def _ticket(raw: Mapping[str, Any]) -> Ticket:
    return Ticket(
        ticket_id=fields.needed(raw, "id", SYSTEM),
        number=fields.needed(raw, "id", SYSTEM),
        subject=fields.text(raw, "subject") or "",
        state=STATES.get(str(raw.get("status")), TicketState.OPEN),
        priority=PRIORITIES.get(str(raw.get("priority")), Priority.NORMAL),
        customer_id=fields.text(raw, "requester_id"),
        updated_at=fields.moment(raw, "updated_at"),
    )
