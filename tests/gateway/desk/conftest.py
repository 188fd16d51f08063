"""A caller on a line, and an advisor whose desk is open."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from domain.accounts import Role, User
from domain.speech import Language
from gateway.passwords import hash_password
from tests.gateway.house import PASSWORD, SHOP, House
from tests.gateway.offers import OFFER

OFFERED = {"type": "offer", "sdp": OFFER}
HASHED = hash_password(PASSWORD)


@dataclass
class Desk:
    """One person with an open page: it answers pings on a thread of its own."""

    house: House
    user: User
    tab: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    heard: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        token = self.house.deps.tokens.access(self.user)
        self.http = self.house.client(Authorization=f"Bearer {token}")
        self._opening = connect(f"{self.house.url.replace('http', 'ws')}/v1/live", origin=self.house.url, proxy=None)
        self._socket = self._opening.__enter__()
        self._socket.send(json.dumps({"type": "auth", "token": token, "tab": self.tab}))
        self._thread = threading.Thread(target=self._listen, name="desk", daemon=True)
        self._thread.start()
        self.house.until(lambda: {"type": "ready"} in self.heard)

    def _listen(self) -> None:
        try:
            for text in self._socket:
                message = json.loads(text)
                if message["type"] == "ping":
                    self._socket.send(json.dumps({"type": "pong", "n": message["n"]}))
                else:
                    self.heard.append(message)
        except ConnectionClosed:
            return

    def close(self) -> None:
        self._opening.__exit__(None, None, None)
        self._thread.join(10)

    def stand(self, state: str = "ready") -> dict[str, Any]:
        answer = self.http.put("/v1/desk/presence", json={"state": state, "tab": self.tab})
        assert answer.status_code == 200, answer.text
        return answer.json()["presence"]

    def shown(self) -> dict[str, Any]:
        """Asked again, as a page does, when a busy machine's database was late."""

        def answered() -> dict[str, Any] | None:
            answer = self.http.get("/v1/desk")
            assert answer.status_code in (200, 503), answer.text
            return answer.json() if answer.status_code == 200 else None

        return self.house.until(answered)

    def rings(self) -> dict[str, Any]:
        """The handoff that is offered here, once it is."""
        return self.house.until(lambda: self.shown()["offer"])

    def ask(self, handoff_id: str, act: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/v1/desk/handoffs/{handoff_id}/{act}", json=body)

    def done(self, handoff_id: str, act: str, **body: Any) -> Any:
        answer = self.ask(handoff_id, act, **body)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.status_code == 200 else None


@pytest.fixture
def open_desk(house: House) -> Iterator[Callable[..., Desk]]:
    """Opens the desk of a fresh person each time."""
    desks: list[Desk] = []

    def opening(role: Role = Role.ADVISOR, tenant_id: str = SHOP) -> Desk:
        name = f"u{uuid.uuid4().hex[:8]}"
        user = User(
            user_id=name,
            tenant_id=tenant_id,
            email=f"{name}@shop.example",
            name="Aisha",
            role=role,
            languages=tuple(Language),
        )
        house.run(house.deps.accounts.create_user(user, HASHED))
        desks.append(Desk(house, user))
        return desks[-1]

    yield opening
    for desk in desks:
        # Nobody is offered what the next test's callers ask for.
        desk.http.put("/v1/desk/presence", json={"state": "away", "tab": desk.tab})
        desk.close()


@dataclass
class Caller:
    http: httpx.Client
    call_id: str

    def wants_a_person(self) -> httpx.Response:
        return self.http.post(f"/v1/calls/{self.call_id}/handoff")

    def hang_up(self) -> None:
        assert self.http.delete(f"/v1/calls/{self.call_id}").status_code == 204


@pytest.fixture
def call_in(house: House) -> Iterator[Callable[..., Caller]]:
    callers: list[tuple[Caller, str]] = []

    def calling(tenant_id: str = SHOP) -> Caller:
        http = house.as_caller(tenant_id)
        answer = http.post("/v1/calls", json={"offer": OFFERED, "language": "en"})
        assert answer.status_code == 201, answer.text
        callers.append((Caller(http, answer.json()["call_id"]), tenant_id))
        return callers[-1][0]

    yield calling
    for caller, tenant_id in callers:
        caller.hang_up()
        house.until_ended(caller.call_id, tenant_id)


@pytest.fixture
def refused() -> Callable[[httpx.Response], tuple[int, str]]:
    def of(answer: httpx.Response) -> tuple[int, str]:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code, answer.json()["code"]

    return of


@pytest.fixture
def audited(house: House) -> Callable[..., list[tuple[str, str, str]]]:
    """Actor, action and code, of what is on record about a subject."""

    def lines(subject: str, tenant_id: str = SHOP) -> list[tuple[str, str, str]]:
        found = house.run(house.deps.audit.lines(tenant_id))  # type: ignore[attr-defined]
        return [(line.actor, line.action, line.detail.get("code", "")) for line in found if line.subject == subject]

    return lines
