"""Salesforce Service Cloud: cases are upserted by our key, everything else is one transaction with a record of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simple_salesforce.api import Salesforce as Client
from simple_salesforce.format import format_soql

from connectors import fields
from connectors.http import Connection, Refusal, made
from connectors.once import Once, Write
from connectors.salesforce_calls import SalesforceCalls, composite, settled
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
from domain.errors import NotFound, Unavailable

SYSTEM = "salesforce"
CASE_KEY = "Hatif_Key__c"
"""The case's custom field for our key: text, External ID, unique."""
WORKFLOW = "Hatif_Workflow__c"
"""The case's custom field to whose change a record-triggered flow of the tenant listens."""
ACTION = "Hatif_Action__c"
"""The custom object with one record for each action: `Key__c` (text, External ID, unique) and `Reference__c` (text)."""
CASE_FIELDS = "Id, CaseNumber, Subject, Status, Priority, ContactId, LastModifiedDate"
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_NUMBER = re.compile(r"[0-9]{1,14}")
SHORTEST_SEARCH = 2
"""Salesforce's search takes no shorter words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picklists(fields.StateWords):
    """The tenant's words for states and priorities; these are Salesforce's defaults, which have no "urgent"."""

    opened: str = "New"
    pending: str = "On Hold"
    solved: str = "Closed"
    closed: str = "Closed"
    low: str = "Low"
    normal: str = "Medium"
    high: str = "High"
    urgent: str = "High"

    def word(self, priority: Priority) -> str:
        match priority:
            case Priority.LOW:
                return self.low
            case Priority.NORMAL:
                return self.normal
            case Priority.HIGH:
                return self.high
            case Priority.URGENT:
                return self.urgent

    def priority(self, word: str | None) -> Priority:
        return {
            self.low: Priority.LOW,
            self.urgent: Priority.URGENT,
            self.high: Priority.HIGH,
        }.get(word or "", Priority.NORMAL)


class Salesforce:
    """The Crm port, through simple-salesforce. Salesforce itself holds that no two records bear one key."""

    system = SYSTEM

    def __init__(self, connection: Connection, picklists: Picklists | None = None) -> None:
        """`connection.url` is the instance's, https://DOMAIN.my.salesforce.com."""
        self._calls = SalesforceCalls(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)
        self._words = picklists or Picklists()

    async def close(self) -> None:
        await self._calls.close()

    # ------------------------------------------------------------ reads

    async def check(self) -> str:
        (found,) = await self._query("SELECT Name, Id FROM Organization LIMIT 1", limit=1)
        return f"{found.get('Name')} ({found.get('Id')})"

    async def customers_by_phone(self, phone: str) -> list[Customer]:
        number = fields.national(phone)
        if len(number) < SHORTEST_SEARCH:
            return []
        returning = "Contact(Id, Name, Phone, MobilePhone, Email)"
        sosl = f"FIND {{*{number}}} IN PHONE FIELDS RETURNING {returning} LIMIT 20"
        answer = await self._calls.read(lambda client: client.search(sosl))
        found = fields.records(answer or {"searchRecords": []}, SYSTEM, "searchRecords")
        return [
            _customer(one)
            for one in found
            if any(same_number(fields.text(one, name) or "", phone) for name in ("Phone", "MobilePhone"))
        ]

    async def customers_by_email(self, email: str) -> list[Customer]:
        address = fields.email(email)
        if not address:
            return []
        soql = "SELECT Id, Name, Phone, MobilePhone, Email FROM Contact WHERE Email = {}"
        return [_customer(one) for one in await self._query(format_soql(soql, address.lower()))]

    async def customer(self, customer_id: str) -> Customer:
        soql = "SELECT Id, Name, Phone, MobilePhone, Email FROM Contact WHERE Id = {}"
        found = await self._query(format_soql(soql, _identity(customer_id)), limit=1)
        if not found:
            raise NotFound(SYSTEM, "no such contact")
        return _customer(found[0])

    async def history(self, customer_id: str, limit: int = 10) -> list[HistoryEntry]:
        contact = _identity(customer_id)
        cases = format_soql(
            "SELECT {names:literal} FROM Case WHERE ContactId = {contact} "
            "ORDER BY LastModifiedDate DESC LIMIT {limit:literal}",
            names=CASE_FIELDS,
            contact=contact,
            limit=str(limit),
        )
        tasks = format_soql(
            "SELECT Id, Subject, LastModifiedDate FROM Task WHERE WhoId = {contact} "
            "ORDER BY LastModifiedDate DESC LIMIT {limit:literal}",
            contact=contact,
            limit=str(limit),
        )
        tickets = [self._ticket(one) for one in await self._query(cases)]
        entries = [ticket_entry(ticket) for ticket in tickets]
        entries += [_task_entry(one) for one in await self._query(tasks)]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]

    async def ticket(self, ticket_id: str) -> Ticket:
        """By the case's id or by its number."""
        if _NUMBER.fullmatch(ticket_id):
            soql = "SELECT {names:literal} FROM Case WHERE CaseNumber = {value}"
        else:
            soql, ticket_id = "SELECT {names:literal} FROM Case WHERE Id = {value}", _identity(ticket_id)
        soql = format_soql(soql, names=CASE_FIELDS, value=ticket_id)
        found = await self._query(soql, limit=1)
        if not found:
            raise NotFound(SYSTEM, "no such case")
        return self._ticket(found[0])

    async def tickets_changed(self, since: datetime, limit: int = 100) -> list[Ticket]:
        """By polling. The event route, Change Data Capture over the Pub/Sub API, needs a gRPC stream kept open."""
        soql = format_soql(
            "SELECT {names:literal} FROM Case WHERE LastModifiedDate >= {at:literal} "
            "ORDER BY LastModifiedDate LIMIT {limit:literal}",
            names=CASE_FIELDS,
            at=since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            limit=str(limit),
        )
        return [self._ticket(one) for one in await self._query(soql, limit=limit)]

    async def order(self, number: str) -> Order:
        soql = "SELECT OrderNumber, Status, BillToContactId, BillToContact.Phone FROM Order WHERE OrderNumber = {}"
        found = await self._query(format_soql(soql, fields.number(number, SYSTEM)), limit=1)
        if not found:
            raise NotFound(SYSTEM, "no such order")
        return Order(
            number=number,
            state=fields.text(found[0], "Status") or "",
            customer_id=fields.text(found[0], "BillToContactId"),
            phone=fields.text(fields.inner(found[0], "BillToContact"), "Phone"),
        )

    # ------------------------------------------------------------ writes

    async def create_ticket(self, draft: TicketDraft, key: str) -> Ticket:
        case: dict[str, Any] = {
            "Subject": fields.subject(draft),
            "Description": fields.description(draft),
            "Status": self._words.opened,
            "Priority": self._words.word(draft.priority),
            "Origin": "Phone",
        }
        if draft.customer_id:
            case["ContactId"] = _identity(draft.customer_id)
        else:
            who = {"SuppliedName": draft.name, "SuppliedPhone": draft.phone, "SuppliedEmail": draft.email}
            case |= {name: value for name, value in who.items() if value}
        path = f"sobjects/Case/{CASE_KEY}/{key}"

        async def send() -> str:
            upsert = json.dumps(case)
            answer = await self._calls.write(lambda client: client.restful(path, method="PATCH", data=upsert))
            return made(answer, "id")

        case_id = await self._once.do(Write(key=key, send=send, look=lambda: self._held(path, "Id"), enforced=True))
        return await self.ticket(case_id)

    async def update_ticket(self, ticket_id: str, change: TicketChange, key: str) -> Ticket:
        case: dict[str, Any] = {}
        if change.state is not None:
            case["Status"] = self._words.word_of(change.state)
        if change.priority is not None:
            case["Priority"] = self._words.word(change.priority)
        identity = _identity(ticket_id)
        comment = {"ParentId": identity, "CommentBody": change.comment, "IsPublished": False}
        parts = [("comment", "POST", "sobjects/CaseComment", comment)]
        if case:
            parts.insert(0, ("case", "PATCH", f"sobjects/Case/{identity}", case))
        await self._together(key, identity, *parts)
        return await self.ticket(identity)

    async def withdraw_ticket(self, ticket_id: str, reason: str, key: str) -> Ticket:
        return await self.update_ticket(ticket_id, TicketChange(comment=reason, state=TicketState.CLOSED), key)

    async def log_interaction(self, interaction: Interaction, key: str) -> str:
        task: dict[str, Any] = {
            "Subject": interaction.title,
            "Description": fields.told(interaction),
            "Status": "Completed",
            "TaskSubtype": "Call",
            "CallDurationInSeconds": interaction.duration_s,
            "ActivityDate": interaction.started_at.astimezone(UTC).date().isoformat(),
        }
        if interaction.customer_id:
            task["WhoId"] = _identity(interaction.customer_id)
        if interaction.ticket_id:
            task["WhatId"] = _identity(interaction.ticket_id)
        return await self._together(key, "@{task.id}", ("task", "POST", "sobjects/Task", task))

    async def trigger_workflow(self, ticket_id: str, name: str, key: str) -> None:
        """By a field. A flow's own REST action starts it again each time it is asked."""
        path, value = f"sobjects/Case/{_identity(ticket_id)}", f"hatif_{fields.word(name, SYSTEM)}"

        async def look() -> str | None:
            answer = await self._calls.read(lambda client: client.restful(path, params={"fields": WORKFLOW}))
            return ticket_id if fields.text(fields.record(answer, SYSTEM), WORKFLOW) == value else None

        async def send() -> str:
            body = json.dumps({WORKFLOW: value})
            await self._calls.write(lambda client: client.restful(path, method="PATCH", data=body))
            return ticket_id

        await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _together(self, key: str, reference: str, *parts: tuple[str, str, str, Mapping[str, Any]]) -> str:
        """All parts and the action's record in one transaction: a second fails on the unique key, and undoes all."""
        path = f"sobjects/{ACTION}/Key__c/{key}"
        record = {"Key__c": key, "Reference__c": reference}

        async def look() -> str | None:
            return await self._held(path, "Reference__c")

        async def send() -> str:
            answer = await self._calls.write(composite(*parts, ("action", "POST", f"sobjects/{ACTION}", record)))
            try:
                bodies = settled(SYSTEM, answer)
            except Refusal as refusal:
                if refusal.code == "DUPLICATE_VALUE" and (found := await look()) is not None:
                    return found
                raise
            return made(bodies, "task", "id") if "task" in bodies else reference

        return await self._once.do(Write(key=key, send=send, look=look, enforced=True))

    async def _held(self, path: str, name: str) -> str | None:
        """A field of the record under an external id; None without such a record."""
        try:
            answer = await self._calls.read(lambda client: client.restful(path, params={"fields": name}))
        except NotFound:
            return None
        return fields.needed(fields.record(answer, SYSTEM), name, SYSTEM)

    async def _query(self, soql: str, *, limit: int = 200) -> list[dict[str, Any]]:
        answer = fields.record(await self._calls.read(lambda client: client.query(soql)), SYSTEM)
        found = fields.records(answer, SYSTEM, "records")
        while not answer.get("done", True) and len(found) < limit:
            answer = fields.record(await self._calls.read(_next(str(answer.get("nextRecordsUrl")))), SYSTEM)
            found += fields.records(answer, SYSTEM, "records")
        return found[:limit]

    def _ticket(self, case: Mapping[str, Any]) -> Ticket:
        return Ticket(
            ticket_id=fields.needed(case, "Id", SYSTEM),
            number=fields.needed(case, "CaseNumber", SYSTEM),
            subject=fields.text(case, "Subject") or "",
            state=self._words.state_of(fields.text(case, "Status")),
            priority=self._words.priority(fields.text(case, "Priority")),
            customer_id=fields.text(case, "ContactId"),
            updated_at=fields.moment(case, "LastModifiedDate"),
        )


def _next(url: str) -> Callable[[Client], Any]:
    """The next page of a query. Its address is a path: nothing else is put behind the instance's name."""
    if not url.startswith("/services/data/"):
        raise Unavailable(SYSTEM, "the answer has another shape than documented")

    def more(client: Client) -> Any:
        return client.query_more(url, identifier_is_url=True)

    return more


def _identity(identity: str) -> str:
    if not _ID.fullmatch(identity):
        raise NotFound(SYSTEM, "no such id")
    return identity


def _customer(contact: Mapping[str, Any]) -> Customer:
    return Customer(
        customer_id=fields.needed(contact, "Id", SYSTEM),
        name=fields.text(contact, "Name") or "",
        phone=fields.text(contact, "Phone") or fields.text(contact, "MobilePhone"),
        email=fields.text(contact, "Email"),
    )


def _task_entry(task: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        kind=HistoryKind.INTERACTION,
        reference=fields.needed(task, "Id", SYSTEM),
        summary=fields.text(task, "Subject") or "",
        at=fields.moment(task, "LastModifiedDate"),
    )
