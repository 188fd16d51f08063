"""Freshdesk's documented HTTP: no idempotency at all, a search that lags for minutes, notes in HTML."""

from __future__ import annotations

import calendar
import html
import re
import time
from typing import Any

from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route

SEARCH_LAG_S = 300
FIELDS = {
    "subject",
    "description",
    "status",
    "priority",
    "source",
    "requester_id",
    "email",
    "phone",
    "name",
    "tags",
    "custom_fields",
    "due_by",
    "fr_due_by",
}
CUSTOM = {"cf_hatif_key"}


class FakeFreshdesk(Fake):
    """A Freshdesk account with two contacts and no tickets.

    Its list of what was updated since lags like the search: the documents don't say that it does not.
    """

    system = "freshdesk"

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.lag_s = SEARCH_LAG_S
        self.contacts: list[dict[str, Any]] = [
            {"id": 501, "name": "Mona Saleh", "phone": "+966501234567", "mobile": None, "email": "mona@example.com"},
            {"id": 502, "name": "Omar Saleh", "phone": None, "mobile": "0501234567", "email": "omar@example.com"},
        ]
        self.tickets: dict[int, dict[str, Any]] = {}
        self.notes: dict[int, list[dict[str, Any]]] = {}
        self.changed_at: dict[int, float] = {}

    # ------------------------------------------------------------ errors

    def unauthorised(self) -> Answer:
        return Answer(401, {"code": "invalid_credentials", "message": "You have to be logged in"})

    def limited(self) -> Answer:
        body = {"message": "You have exceeded the limit of requests per hour"}
        return Answer(429, body, {"retry-after": str(self.retry_after_s), "x-ratelimit-remaining": "0"})

    def unknown(self) -> Answer:
        return Answer(404, "")

    def _invalid(self, field: str, code: str = "invalid_value", status: int = 400) -> Refused:
        errors = [{"field": field, "message": "It should be one of these values", "code": code}]
        return Refused(status, {"description": "Validation failed", "errors": errors})

    # ------------------------------------------------------------ people

    @route("GET", "/api/v2/agents/me")
    def me(self, request: Request) -> Answer:
        return Answer(200, {"id": 1, "contact": {"name": "Hatif", "email": "hatif@example.com"}})

    @route("GET", "/api/v2/contacts")
    def list_contacts(self, request: Request) -> Answer:
        wanted = {name: value for name, value in request.query.items() if name in ("phone", "mobile", "email")}
        return Answer(200, [one for one in self.contacts if all(one[n] == value for n, value in wanted.items())])

    @route("GET", r"/api/v2/contacts/(\d+)")
    def show_contact(self, request: Request, contact: str) -> Answer:
        found = [one for one in self.contacts if one["id"] == int(contact)]
        return Answer(200, found[0]) if found else self.unknown()

    # ------------------------------------------------------------ tickets

    @route("GET", "/api/v2/tickets")
    def list_tickets(self, request: Request) -> Answer:
        query = request.query
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        if not 1 <= size <= 100:
            raise self._invalid("per_page")
        found = list(self.tickets.values())
        if "requester_id" in query:
            found = [one for one in found if one["requester_id"] == int(query["requester_id"])]
        if "updated_since" in query:
            since = calendar.timegm(time.strptime(query["updated_since"], "%Y-%m-%dT%H:%M:%SZ"))
            seen = [one for one in found if self.visible(self.changed_at[one["id"]])]
            found = [one for one in seen if self.changed_at[one["id"]] >= since]
        order = query.get("order_by", "created_at")
        down = query.get("order_type", "desc") == "desc"
        found.sort(key=lambda one: (one[order], one["id"]), reverse=down)
        return Answer(200, found[(page - 1) * size : page * size])

    @route("GET", "/api/v2/search/tickets")
    def search(self, request: Request) -> Answer:
        wanted = re.fullmatch(r"\"(cf_\w+):'([^']*)'\"", request.query.get("query", ""))
        if not wanted or len(request.query["query"]) > 512:
            raise self._invalid("query")
        name, value = wanted.groups()
        found = [one for one in self.tickets.values() if one["custom_fields"].get(name) == value]
        seen = [one for one in found if self.visible(self.changed_at[one["id"]])]
        return Answer(200, {"total": len(seen), "results": seen[:30]})

    @route("POST", "/api/v2/tickets")
    def create(self, request: Request) -> Answer:
        asked = request.json()
        self._check(asked)
        for name in ("subject", "description", "status", "priority"):
            if asked.get(name) in (None, ""):
                raise self._invalid(name, "missing_field")
        requester = asked.get("requester_id") or self._contact(asked)
        if requester not in [one["id"] for one in self.contacts]:
            raise self._invalid("requester_id")
        made = {
            "id": len(self.tickets) + 1,
            "subject": asked["subject"],
            "status": asked["status"],
            "priority": asked["priority"],
            "source": asked.get("source", 2),
            "requester_id": requester,
            "tags": asked.get("tags", []),
            "custom_fields": asked.get("custom_fields", {}),
            "due_by": asked.get("due_by"),
            "created_at": self.now(),
            "updated_at": self.now(),
        }
        self.tickets[made["id"]] = made
        self.changed_at[made["id"]] = self.clock()
        self.effects[made["custom_fields"].get("cf_hatif_key", "")] += 1
        return Answer(201, made)

    @route("GET", r"/api/v2/tickets/(\d+)")
    def show(self, request: Request, ticket: str) -> Answer:
        return Answer(200, self._found(ticket))

    @route("PUT", r"/api/v2/tickets/(\d+)")
    def update(self, request: Request, ticket: str) -> Answer:
        held, asked = self._found(ticket), request.json()
        self._check(asked)
        for tag in set(asked.get("tags", [])) - set(held["tags"]):
            self.effects[f"{ticket}:{tag}"] += 1
        held.update(asked)
        self._changed(held)
        return Answer(200, held)

    @route("GET", r"/api/v2/tickets/(\d+)/conversations")
    def conversations(self, request: Request, ticket: str) -> Answer:
        self._found(ticket)
        size, page = int(request.query.get("per_page", 30)), int(request.query.get("page", 1))
        return Answer(200, self.notes.get(int(ticket), [])[(page - 1) * size : page * size])

    @route("POST", r"/api/v2/tickets/(\d+)/notes")
    def note(self, request: Request, ticket: str) -> Answer:
        held, asked = self._found(ticket), request.json()
        if not asked.get("body"):
            raise self._invalid("body", "missing_field")
        text = html.unescape(re.sub(r"<[^>]*>", "\n", asked["body"]))
        notes = self.notes.setdefault(int(ticket), [])
        made = {"id": len(notes) + 1, "body": asked["body"], "body_text": text, "private": asked.get("private", True)}
        notes.append(made)
        self._changed(held)
        if mark := re.search(r"\[([0-9a-f]{40})\]", text):
            self.effects[mark[1]] += 1
        return Answer(201, made)

    def _contact(self, asked: dict[str, Any]) -> int | None:
        """The contact of this phone or address, made when there is none; a phone alone needs a name."""
        for one in self.contacts:
            if asked.get("email") and one["email"] == asked["email"]:
                return one["id"]
            if asked.get("phone") and asked["phone"] in (one["phone"], one["mobile"]):
                return one["id"]
        if not asked.get("email") and not (asked.get("phone") and asked.get("name")):
            raise self._invalid("requester_id", "missing_field")
        made = {"id": 501 + len(self.contacts), "mobile": None, "name": asked.get("name")}
        self.contacts.append(made | {"phone": asked.get("phone"), "email": asked.get("email")})
        return made["id"]

    def _changed(self, held: dict[str, Any]) -> None:
        held["updated_at"] = self.now()
        self.changed_at[held["id"]] = self.clock()

    def _found(self, ticket: str) -> dict[str, Any]:
        if int(ticket) not in self.tickets:
            raise Refused(404, "")
        return self.tickets[int(ticket)]

    def _check(self, asked: dict[str, Any]) -> None:
        for name in set(asked) - FIELDS:
            raise self._invalid(name, "invalid_field")
        for name in set(asked.get("custom_fields", {})) - CUSTOM:
            raise self._invalid(name, "invalid_field")
        due = asked.get("due_by"), asked.get("fr_due_by")
        if any(due) and (None in due or min(map(_seconds, due)) <= self.clock()):
            raise self._invalid("due_by")
        if asked.get("status", 2) not in (2, 3, 4, 5) or asked.get("priority", 1) not in (1, 2, 3, 4):
            raise self._invalid("status")


def _seconds(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


if __name__ == "__main__":
    fake = FakeFreshdesk(Clock(runs=True))
    fake.let_in("api-key", "X")
    main(fake)
