"""Zendesk Support's documented HTTP: idempotency keys on creation for two hours, a search that lags, audits."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.connectors.fakes.consent import Consent
from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route

KEY_LIVES_S = 2 * 3600
SEARCH_LAG_S = 180
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
CLIENT = {"client_id": "hatif", "client_secret": "app-secret"}

AGENT = {"id": 1, "name": "Hatif", "phone": "+966112223333", "email": "hatif@example.com", "role": "admin"}
"""In whose name a ticket without a requester is."""


class FakeZendesk(Consent, Fake):
    """A Zendesk account with two customers and no tickets."""

    system = "zendesk"
    open_paths = ("/oauth/", "/api/v2/users/me")

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.lag_s = SEARCH_LAG_S
        self.users: list[dict[str, Any]] = [
            {"id": 9001, "name": "Mona Saleh", "phone": "+966501234567", "email": "mona@example.com"},
            {"id": 9002, "name": "Omar Saleh", "phone": "+966501234567", "email": "omar@example.com"},
        ]
        self.tickets: dict[int, dict[str, Any]] = {}
        self.audits: dict[int, list[dict[str, Any]]] = {}
        self.made_at: dict[int, float] = {}
        self.changed_at: dict[int, float] = {}
        self.keys: dict[str, tuple[float, str, Answer]] = {}
        self.refresh_tokens = {"refresh-1"}
        self._tokens = 0
        self._audits = 0

    # ------------------------------------------------------------ signing in

    @route("POST", "/oauth/tokens")
    def token(self, request: Request) -> Answer:
        asked = request.json()
        if any(asked.get(name) != value for name, value in CLIENT.items()):
            return Answer(401, {"error": "invalid_client"})
        if asked.get("grant_type") == "authorization_code":
            if not self.redeemed(asked):
                return Answer(400, {"error": "invalid_grant"})
        elif asked.get("refresh_token") not in self.refresh_tokens:
            return Answer(400, {"error": "invalid_grant"})
        self.refresh_tokens.discard(asked.get("refresh_token"))  # they rotate
        self._tokens += 1
        self.credentials.add(f"Bearer fresh-{self._tokens}")
        self.refresh_tokens.add(f"refresh-{self._tokens + 1}")
        return Answer(
            200,
            {
                "access_token": f"fresh-{self._tokens}",
                "refresh_token": f"refresh-{self._tokens + 1}",
                "token_type": "bearer",
                "expires_in": 1800,
            },
        )

    @route("GET", "/api/v2/users/me")
    def me(self, request: Request) -> Answer:
        if not self.signed_in(request):
            return Answer(200, {"user": {"id": None, "name": "Anonymous user", "email": "invalid@example.com"}})
        return Answer(200, {"user": {"id": 1, "name": "Hatif", "email": "hatif@example.com"}})

    # ------------------------------------------------------------ people

    @route("GET", "/api/v2/users/search")
    def search_users(self, request: Request) -> Answer:
        query = request.query.get("query", "")
        if phone := re.fullmatch(r"phone:(\d+)", query):
            found = [user for user in self.users if re.sub(r"\D", "", user["phone"] or "").endswith(phone[1])]
        elif address := re.fullmatch(r'email:"([^"]+)"', query):
            found = [user for user in self.users if user["email"] == address[1].lower()]
        else:
            return Answer(400, {"error": "invalid", "description": "Invalid search"})
        return Answer(200, {"users": found, "count": len(found), "next_page": None})

    @route("GET", r"/api/v2/users/(\d+)")
    def show_user(self, request: Request, user: str) -> Answer:
        known = [*({**one, "role": "end-user"} for one in self.users), AGENT]
        found = [one for one in known if one["id"] == int(user)]
        return Answer(200, {"user": found[0]}) if found else self.unknown()

    @route("GET", r"/api/v2/users/(\d+)/tickets/requested")
    def requested(self, request: Request, user: str) -> Answer:
        found = [one for one in self.tickets.values() if one["requester_id"] == int(user)]
        found.sort(key=lambda one: (one["updated_at"], one["id"]), reverse=request.query.get("sort_order") == "desc")
        return Answer(200, {"tickets": found[: int(request.query.get("per_page", 100))], "next_page": None})

    # ------------------------------------------------------------ tickets

    @route("GET", "/api/v2/tickets")
    def list_tickets(self, request: Request) -> Answer:
        wanted = request.query.get("external_id")
        found = [one for one in self.tickets.values() if wanted is None or one["external_id"] == wanted]
        seen = [one for one in found if wanted is None or self.visible(self.made_at[one["id"]])]
        return Answer(200, {"tickets": seen[:100], "next_page": None})

    @route("POST", "/api/v2/tickets")
    def create(self, request: Request) -> Answer:
        key = request.headers.get("idempotency-key")
        digest = json.dumps(request.json(), sort_keys=True)
        if key in self.keys and self.clock() - self.keys[key][0] < KEY_LIVES_S:
            _, first, answer = self.keys[key]
            if first != digest:
                text = "Request parameters don't match the given idempotency key"
                return Answer(400, {"error": "IdempotentRequestError", "description": text})
            return Answer(answer.status, answer.body, {"x-idempotency-lookup": "hit"})
        asked = request.json()["ticket"]
        self._check(asked)
        if not (asked.get("comment") or {}).get("body"):
            raise Refused(422, {"error": "RecordInvalid", "details": {"base": [{"error": "BlankValue"}]}})
        if asked.get("requester_id") not in (None, *(user["id"] for user in self.users)):
            raise Refused(422, {"error": "RecordInvalid", "details": {"requester": [{"error": "InvalidValue"}]}})
        made = {
            "id": len(self.tickets) + 101,
            "external_id": asked.get("external_id"),
            "subject": asked.get("subject"),
            "status": asked.get("status", "new"),
            "priority": asked.get("priority"),
            "requester_id": asked.get("requester_id", 1),
            "type": asked.get("type"),
            "due_at": asked.get("due_at") if asked.get("type") == "task" else None,
            "tags": asked.get("tags", []),
            "created_at": self.now(),
            "updated_at": self.now(),
        }
        self.tickets[made["id"]] = made
        self.made_at[made["id"]] = self.changed_at[made["id"]] = self.clock()
        self._audit(made["id"], asked)
        self.effects[made["external_id"] or ""] += 1
        answer = Answer(201, {"ticket": dict(made)}, {"x-idempotency-lookup": "miss"})
        if key:
            self.keys[key] = (self.clock(), digest, answer)
        return answer

    @route("GET", r"/api/v2/tickets/(\d+)")
    def show(self, request: Request, ticket: str) -> Answer:
        return Answer(200, {"ticket": self._found(ticket)})

    @route("PUT", r"/api/v2/tickets/(\d+)")
    def update(self, request: Request, ticket: str) -> Answer:
        held, asked = self._found(ticket), request.json()["ticket"]
        self._check(asked)
        if held["status"] == "closed":
            raise Refused(422, {"error": "RecordInvalid", "description": "Closed prevents ticket update"})
        if asked.get("safe_update") and asked.get("updated_stamp") != held["updated_at"]:
            raise Refused(409, {"error": "UpdateConflict", "description": "Safe Update prevented the update"})
        for name in ("status", "priority", "subject"):
            held[name] = asked.get(name, held[name])
        held["updated_at"] = self.now()
        self.changed_at[held["id"]] = self.clock()
        self._audit(held["id"], asked)
        key = (asked.get("metadata") or {}).get("hatif_key")
        if key:
            self.effects[key] += 1
        return Answer(200, {"ticket": dict(held)})

    @route("GET", r"/api/v2/tickets/(\d+)/audits")
    def list_audits(self, request: Request, ticket: str) -> Answer:
        self._found(ticket)
        size, after = int(request.query.get("page[size]", 100)), int(request.query.get("page[after]", 0))
        audits = self.audits.get(int(ticket), [])
        page, more = audits[after : after + size], after + size < len(audits)
        return Answer(200, {"audits": page, "meta": {"has_more": more, "after_cursor": str(after + size)}})

    @route("GET", r"/api/v2/tickets/(\d+)/tags")
    def tags(self, request: Request, ticket: str) -> Answer:
        return Answer(200, {"tags": self._found(ticket)["tags"]})

    @route("PUT", r"/api/v2/tickets/(\d+)/tags")
    def add_tags(self, request: Request, ticket: str) -> Answer:
        held = self._found(ticket)
        for tag in request.json()["tags"]:
            if tag not in held["tags"]:
                held["tags"].append(tag)
                self.effects[f"{ticket}:{tag}"] += 1
        return Answer(200, {"tags": held["tags"]})

    @route("GET", "/api/v2/incremental/tickets/cursor")
    def export(self, request: Request) -> Answer:
        size = int(request.query.get("per_page", 1000))
        start, after = request.query.get("start_time"), 0
        if start is None:
            start, _, skipped = request.query["cursor"].partition("-")
            after = int(skipped)
        elif int(start) > self.clock() - 60:
            raise Refused(422, {"error": "StartTimeTooRecent"})
        changes = sorted(self.changed_at.items(), key=lambda one: one[1])
        ready = [self.tickets[number] for number, at in changes if int(start) <= at <= self.clock() - 60]
        page, end = ready[after : after + size], after + size >= len(ready)
        return Answer(200, {"tickets": page, "after_cursor": f"{start}-{after + size}", "end_of_stream": end})

    def _found(self, ticket: str) -> dict[str, Any]:
        if int(ticket) not in self.tickets:
            raise Refused(404, {"error": "RecordNotFound", "description": "Not found"})
        return self.tickets[int(ticket)]

    def _check(self, asked: dict[str, Any]) -> None:
        if asked.get("status", "open") not in STATUSES or asked.get("priority", "low") not in PRIORITIES:
            raise Refused(422, {"error": "RecordInvalid", "description": "Record validation errors"})

    def _audit(self, ticket: int, asked: dict[str, Any]) -> None:
        self._audits += 1
        event = {"type": "Comment", "body": (asked.get("comment") or {}).get("body"), "public": False}
        audit = {"id": self._audits, "metadata": {"custom": asked.get("metadata") or {}}, "events": [event]}
        self.audits.setdefault(ticket, []).append(audit)


if __name__ == "__main__":
    fake = FakeZendesk(Clock(runs=True))
    fake.let_in("hatif@example.com/token", "api-token")
    main(fake)
