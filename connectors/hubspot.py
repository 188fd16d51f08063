"""HubSpot's CRM over its REST API v3: a property with unique values refuses a second record with our key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors import fields
from connectors.http import Connection, Refusal, VendorHttp, made
from connectors.once import Once, Write
from domain.crm import (
    Customer,
    HistoryEntry,
    HistoryKind,
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
from domain.errors import NotFound

SYSTEM = "hubspot"
KEY = "hatif_key"
"""The property of tickets, notes and calls that holds our key; the tenant makes it with unique values."""
WORKFLOW = "hatif_workflow"
"""The ticket's property whose change enrols it in a workflow of the tenant."""
PAGE = 100
CUSTOMER = ("firstname", "lastname", "email", "phone", "mobilephone")
TICKET = ("subject", "hs_pipeline_stage", "hs_ticket_priority", "hs_lastmodifieddate")
ORDER = ("hs_external_order_id", "hs_external_order_status", "hs_shipping_address_phone")
CALL = ("hs_call_title", "hs_timestamp")
TO_CONTACT = {"tickets": 16, "notes": 202, "calls": 194}
TO_TICKET = {"notes": 228, "calls": 220}
"""HubSpot's own association types."""
PRIORITIES = {Priority.LOW: "LOW", Priority.NORMAL: "MEDIUM", Priority.HIGH: "HIGH", Priority.URGENT: "URGENT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(fields.StateWords):
    """The tenant's pipeline of tickets and its stages; these are HubSpot's defaults."""

    pipeline: str = "0"
    opened: str = "1"
    pending: str = "2"
    solved: str = "4"
    closed: str = "4"


class HubSpot:
    """The Crm port. A record with our key is read by that key directly, not through the search, which lags."""

    system = SYSTEM

    def __init__(self, connection: Connection, pipeline: Pipeline | None = None) -> None:
        """`connection.url` is https://api.hubapi.com."""
        self._http = VendorHttp(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)
        self._pipeline = pipeline or Pipeline()
        self._clock = connection.clock

    async def close(self) -> None:
        await self._http.close()

    # ------------------------------------------------------------ reads

    async def check(self) -> str:
        details = fields.record(await self._http.read("GET", "/account-info/v3/details"), SYSTEM)
        return f"{details.get('portalId')} ({details.get('uiDomain')})"

    async def customers_by_phone(self, phone: str) -> list[Customer]:
        number = fields.national(phone)
        if not number:
            return []
        names = ("hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number")
        groups = [{"filters": [_filter(name, "CONTAINS_TOKEN", f"*{number}")]} for name in names]
        found = await self._search("contacts", groups, CUSTOMER)
        return [
            _customer(one)
            for one in found
            if any(same_number(fields.text(_of(one), name) or "", phone) for name in ("phone", "mobilephone"))
        ]

    async def customers_by_email(self, email: str) -> list[Customer]:
        address = fields.email(email)
        if not address:
            return []
        groups = [{"filters": [_filter("email", "EQ", address.lower())]}]
        return [_customer(one) for one in await self._search("contacts", groups, CUSTOMER)]

    async def customer(self, customer_id: str) -> Customer:
        path = f"/crm/v3/objects/contacts/{fields.number(customer_id, SYSTEM)}"
        answer = await self._http.read("GET", path, params={"properties": ",".join(CUSTOMER)})
        return _customer(fields.record(answer, SYSTEM))

    async def history(self, customer_id: str, limit: int = 10) -> list[HistoryEntry]:
        contact = fields.number(customer_id, SYSTEM)
        tickets = [self._ticket(one, contact) for one in await self._associated("contacts", contact, "tickets", TICKET)]
        entries = [ticket_entry(ticket) for ticket in tickets]
        entries += [_call_entry(one) for one in await self._associated("contacts", contact, "calls", CALL)]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]

    async def ticket(self, ticket_id: str) -> Ticket:
        path = f"/crm/v3/objects/tickets/{fields.number(ticket_id, SYSTEM)}"
        params = {"properties": ",".join(TICKET), "associations": "contacts"}
        raw = fields.record(await self._http.read("GET", path, params=params), SYSTEM)
        contacts = fields.inner(fields.inner(raw, "associations"), "contacts")
        linked = fields.records(contacts, SYSTEM, "results") if contacts else []
        return self._ticket(raw, str(linked[0]["id"]) if linked else None)

    async def tickets_changed(self, since: datetime, limit: int = 100) -> list[Ticket]:
        groups = [{"filters": [_filter("hs_lastmodifieddate", "GTE", str(int(since.timestamp() * 1000)))]}]
        found = await self._search("tickets", groups, TICKET, limit=limit, by="hs_lastmodifieddate")
        return [self._ticket(one, None) for one in found]

    async def order(self, number: str) -> Order:
        groups = [{"filters": [_filter("hs_external_order_id", "EQ", fields.number(number, SYSTEM))]}]
        found = await self._search("orders", groups, ORDER)
        if not found:
            raise NotFound(SYSTEM, "no such order")
        contacts = await self._links("orders", str(found[0].get("id")), "contacts")
        order = _of(found[0])
        return Order(
            number=number,
            state=fields.text(order, "hs_external_order_status") or "",
            customer_id=contacts[0] if contacts else None,
            phone=fields.text(order, "hs_shipping_address_phone"),
        )

    # ------------------------------------------------------------ writes

    async def create_ticket(self, draft: TicketDraft, key: str) -> Ticket:
        properties = {
            "subject": fields.subject(draft),
            "content": fields.description(draft),
            "hs_pipeline": self._pipeline.pipeline,
            "hs_pipeline_stage": self._pipeline.opened,
            "hs_ticket_priority": PRIORITIES[draft.priority],
        }
        return await self.ticket(await self._created("tickets", properties, key, contact=draft.customer_id))

    async def update_ticket(self, ticket_id: str, change: TicketChange, key: str) -> Ticket:
        """First the state, which is the same when it is set twice, then the note that bears the key."""
        path = f"/crm/v3/objects/tickets/{fields.number(ticket_id, SYSTEM)}"
        properties: dict[str, str] = {}
        if change.state is not None:
            properties["hs_pipeline_stage"] = self._pipeline.word_of(change.state)
        if change.priority is not None:
            properties["hs_ticket_priority"] = PRIORITIES[change.priority]

        async def first() -> None:
            if properties:
                await self._http.write("PATCH", path, body={"properties": properties})
            else:
                await self._http.read("GET", path)  # a note on a ticket that isn't there is refused in other words

        note = {"hs_note_body": change.comment, "hs_timestamp": self._now()}
        await self._created("notes", note, key, ticket=ticket_id, first=first)
        return await self.ticket(ticket_id)

    async def withdraw_ticket(self, ticket_id: str, reason: str, key: str) -> Ticket:
        return await self.update_ticket(ticket_id, TicketChange(comment=reason, state=TicketState.CLOSED), key)

    async def log_interaction(self, interaction: Interaction, key: str) -> str:
        call = {
            "hs_call_title": interaction.title,
            "hs_call_body": fields.told(interaction),
            "hs_call_duration": str(interaction.duration_s * 1000),
            "hs_call_status": "COMPLETED",
            "hs_timestamp": interaction.started_at.astimezone(UTC).isoformat(),
        }
        return await self._created("calls", call, key, contact=interaction.customer_id, ticket=interaction.ticket_id)

    async def trigger_workflow(self, ticket_id: str, name: str, key: str) -> None:
        """By a property; a workflow of the tenant enrols tickets when it takes this value."""
        path = f"/crm/v3/objects/tickets/{fields.number(ticket_id, SYSTEM)}"
        value = f"hatif_{fields.word(name, SYSTEM)}"

        async def look() -> str | None:
            raw = fields.record(await self._http.read("GET", path, params={"properties": WORKFLOW}), SYSTEM)
            return ticket_id if fields.text(_of(raw), WORKFLOW) == value else None

        async def send() -> str:
            await self._http.write("PATCH", path, body={"properties": {WORKFLOW: value}})
            return ticket_id

        await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _created(
        self,
        kind: str,
        properties: Mapping[str, str],
        key: str,
        *,
        contact: str | None = None,
        ticket: str | None = None,
        first: Callable[[], Awaitable[None]] | None = None,
    ) -> str:
        links: list[dict[str, Any]] = []
        if contact:
            links.append(_link(fields.number(contact, SYSTEM), TO_CONTACT[kind]))
        if ticket:
            links.append(_link(fields.number(ticket, SYSTEM), TO_TICKET[kind]))

        async def look() -> str | None:
            path, params = f"/crm/v3/objects/{kind}/{key}", {"idProperty": KEY}
            try:
                found = fields.record(await self._http.read("GET", path, params=params), SYSTEM)
            except NotFound:
                return None
            return fields.needed(found, "id", SYSTEM)

        async def send() -> str:
            if first is not None:
                await first()
            body = {"properties": {**properties, KEY: key}, "associations": links}
            try:
                answer = await self._http.write("POST", f"/crm/v3/objects/{kind}", body=body)
            except Refusal:
                if (found := await look()) is not None:
                    return found  # refused because another record has the key already
                raise
            return made(answer, "id")

        return await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    # ------------------------------------------------------------ the vendor's ways

    async def _search(
        self, kind: str, groups: list[Any], properties: tuple[str, ...], *, limit: int = PAGE, by: str | None = None
    ) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"filterGroups": groups, "properties": list(properties), "limit": min(limit, PAGE)}
        if by:
            body["sorts"] = [{"propertyName": by, "direction": "ASCENDING"}]
        found: list[dict[str, Any]] = []
        while True:
            path = f"/crm/v3/objects/{kind}/search"
            answer = fields.record(await self._http.read("POST", path, body=body), SYSTEM)
            found += fields.records(answer, SYSTEM, "results")
            after = _after(answer)
            if after is None or len(found) >= limit:
                return found[:limit]
            body["after"] = after

    async def _associated(
        self, kind: str, identity: str, other: str, properties: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        """The newest page of records linked to one: HubSpot counts ids upwards."""
        newest = sorted((await self._links(kind, identity, other)), key=int, reverse=True)[:PAGE]
        if not newest:
            return []
        body = {"properties": list(properties), "inputs": [{"id": one} for one in newest]}
        answer = await self._http.read("POST", f"/crm/v3/objects/{other}/batch/read", body=body)
        return fields.records(answer, SYSTEM, "results")

    async def _links(self, kind: str, identity: str, other: str) -> list[str]:
        path = f"/crm/v3/objects/{kind}/{identity}/associations/{other}"
        found: list[str] = []
        params: dict[str, str | int] = {"limit": 500}
        while True:
            answer = fields.record(await self._http.read("GET", path, params=params), SYSTEM)
            found += [str(one.get("id")) for one in fields.records(answer, SYSTEM, "results")]
            after = _after(answer)
            if after is None:
                return found
            params["after"] = after

    def _ticket(self, raw: Mapping[str, Any], contact: str | None) -> Ticket:
        properties, words = _of(raw), {word: priority for priority, word in PRIORITIES.items()}
        return Ticket(
            ticket_id=fields.needed(raw, "id", SYSTEM),
            number=fields.needed(raw, "id", SYSTEM),
            subject=fields.text(properties, "subject") or "",
            state=self._pipeline.state_of(fields.text(properties, "hs_pipeline_stage")),
            priority=words.get(fields.text(properties, "hs_ticket_priority") or "", Priority.NORMAL),
            customer_id=contact,
            updated_at=fields.moment(properties, "hs_lastmodifieddate"),
        )

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat()


def _of(raw: Mapping[str, Any]) -> dict[str, Any]:
    return fields.inner(raw, "properties")


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _link(identity: str, kind: int) -> dict[str, Any]:
    return {
        "to": {"id": identity},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}],
    }


def _after(answer: Mapping[str, Any]) -> str | None:
    return fields.text(fields.inner(fields.inner(answer, "paging"), "next"), "after")


def _customer(raw: Mapping[str, Any]) -> Customer:
    properties = _of(raw)
    name = " ".join(filter(None, (fields.text(properties, "firstname"), fields.text(properties, "lastname"))))
    return Customer(
        customer_id=fields.needed(raw, "id", SYSTEM),
        name=name,
        phone=fields.text(properties, "phone") or fields.text(properties, "mobilephone"),
        email=fields.text(properties, "email"),
    )


def _call_entry(raw: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        kind=HistoryKind.INTERACTION,
        reference=fields.needed(raw, "id", SYSTEM),
        summary=fields.text(_of(raw), "hs_call_title") or "",
        at=fields.moment(_of(raw), "hs_timestamp"),
    )
