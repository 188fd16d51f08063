"""The live socket over the real feed: who may open it, what it tells, presence, and every way in which it ends."""

import json
import time
import uuid
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import gateway.live.door
import gateway.live.socket
from domain.accounts import Role, User, UserChange
from domain.desk.handoffs import DESK_CHANGED, DESK_RINGS, NewHandoff
from domain.desk.people import PresenceState
from domain.speech import Language
from gateway.live.socket import MOST_SOCKETS
from gateway.passwords import hash_password
from gateway.tokens import ACCESS_S
from storage.desk.handoffs import PostgresHandoffs
from tests.gateway.house import CLINIC, PASSWORD, SHOP

pytestmark = pytest.mark.servers

WITHIN_S = 20
TAB, OTHER_TAB = "tab-one-1", "tab-two-2"


@pytest.fixture
def advisor(house):
    """A fresh advisor, whose presence no other test touches."""
    name = f"u{uuid.uuid4().hex[:8]}"
    user = User(user_id=name, tenant_id=SHOP, email=f"{name}@shop.example", name="Aisha", role=Role.ADVISOR)
    house.run(house.deps.accounts.create_user(user, hash_password(PASSWORD)))
    return user


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(gateway.live.socket, "PING_EVERY_S", 0.05)


class Page:
    """What a browser's page does with its socket."""

    def __init__(self, house, socket: ClientConnection) -> None:
        self.house = house
        self.socket = socket

    def say(self, **message) -> None:
        self.socket.send(json.dumps(message))

    def introduce(self, user: User | None = None, *, tab: str | None = None, token: str | None = None) -> "Page":
        self.say(type="auth", token=token or self.house.deps.tokens.access(user), **({"tab": tab} if tab else {}))
        return self

    def hear(self, *, answering: bool = True) -> dict:
        """The next message that is no ping."""
        while (message := json.loads(self.socket.recv(WITHIN_S)))["type"] == "ping":
            if answering:
                self.say(type="pong", n=message["n"])
        return message

    def hear_of(self, *wanted: dict) -> None:
        """Until all of these have come; a page may be told the same more than once."""
        missing = list(wanted)
        while missing:
            message = self.hear()
            missing = [each for each in missing if each != message]

    def ended(self, *, answering: bool = True) -> tuple[int, str]:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.hear(answering=answering)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


@pytest.fixture
def page(house):
    """Opens sockets, and closes them at the end."""
    with ExitStack() as opened:

        def open_page(origin: str | None = house.url) -> Page:
            opening = connect(f"{house.url.replace('http', 'ws')}/v1/live", origin=origin, proxy=None)
            return Page(house, opened.enter_context(opening))

        yield open_page


def presence(house, user):
    return house.run(house.deps.presences.presence(user.tenant_id, user.user_id))


def until(house, user, state):
    deadline = time.monotonic() + WITHIN_S
    while presence(house, user).state is not state:
        assert time.monotonic() < deadline, presence(house, user)
        time.sleep(0.02)


# ---------------------------------------------------------------- the door


def test_a_person_is_let_in_and_told_that_it_listens(page, advisor):
    assert page().introduce(advisor).hear() == {"type": "ready"}


def test_a_client_without_a_browser_has_no_origin(page, advisor):
    assert page(origin=None).introduce(advisor).hear() == {"type": "ready"}


def test_another_sites_page_is_refused_before_anything_is_said(page):
    with pytest.raises(InvalidStatus) as refused:
        page(origin="https://www.elsewhere.example")
    assert refused.value.response.status_code == 403


def test_silence_at_the_door_is_not_waited_for(page, monkeypatch):
    monkeypatch.setattr(gateway.live.door, "INTRODUCED_WITHIN_S", 0.05)
    assert page().ended() == (4408, "timeout")


def test_only_people_with_a_token_of_today_come_in(house, page, advisor):
    old = house.tokens_at(-ACCESS_S - 5).access(advisor)
    for token in (old, house.call_token(), "x.y.z", house.deps.tokens.access(advisor)[:-3] + "abc"):
        assert page().introduce(token=token).ended() == (4401, "unauthenticated")


def test_a_viewer_has_no_desk(house, page):
    viewer = house.run(house.deps.accounts.user(SHOP, f"{SHOP}-viewer"))
    assert page().introduce(viewer).ended() == (4403, "forbidden")


def test_a_one_time_password_is_replaced_first(house, page, advisor):
    house.run(house.deps.accounts.set_password(SHOP, advisor.user_id, "x", until=time.time() + 60))
    assert page().introduce(advisor).ended() == (4403, "password_change_needed")


NONSENSE = [
    "",
    "hello",
    "[]",
    "{}",
    '{"type":"sing"}',
    '{"type":"pong","n":0}',
    '{"type":"pong","n":"1"}',
    '{"type":"auth"}',
    '{"type":"auth","token":""}',
    '{"type":"auth","token":"x","tab":"no spaces please"}',
    '{"type":"auth","token":"x","tab":"short"}',
    '{"type":"auth","token":"x","role":"admin"}',
    '{"type":"auth","token":"' + "x" * 5000 + '"}',
    '{"type":"auth","token":"\\ud800"}',
    "[" * 4000,
    " " * 9000,
    b"\x00\x01",
]


@pytest.mark.parametrize("said", NONSENSE, ids=lambda said: repr(said)[:30])
def test_nonsense_ends_it_at_the_door_and_inside(page, advisor, said):
    stranger = page()
    stranger.socket.send(said)
    assert stranger.ended() == (4400, "bad_message")
    inside = page().introduce(advisor)
    assert inside.hear() == {"type": "ready"}
    inside.socket.send(said)
    assert inside.ended() == (4400, "bad_message")


def test_a_pong_is_no_introduction(page):
    stranger = page()
    stranger.say(type="pong", n=1)
    assert stranger.ended() == (4401, "unauthenticated")


def test_nobody_has_a_dozen_pages(page, advisor):
    pages = [page().introduce(advisor) for _ in range(MOST_SOCKETS)]
    assert [each.hear() for each in pages] == [{"type": "ready"}] * MOST_SOCKETS
    assert page().introduce(advisor).ended() == (4429, "too_many_sockets")
    pages[0].socket.close()
    assert page().introduce(advisor).hear() == {"type": "ready"}


# ---------------------------------------------------------------- what is told


def test_changes_are_told_to_whom_they_concern(house, page, advisor):
    call_id = str(uuid.uuid4())
    boss = house.run(house.deps.accounts.user(SHOP, f"{SHOP}-supervisor"))
    stranger = house.run(house.deps.accounts.user(CLINIC, f"{CLINIC}-supervisor"))
    pages = [page().introduce(each) for each in (advisor, boss, stranger)]
    assert [each.hear() for each in pages] == [{"type": "ready"}] * 3
    house.run(house.deps.feed.publish(SHOP, call_id, "call.turn"))
    house.run(house.deps.feed.publish(SHOP, call_id, DESK_CHANGED))
    house.run(house.deps.feed.publish(CLINIC, "theirs", "call.turn"))
    changed, desk, board = {"type": "changed", "what": "call"}, {"type": "changed", "what": "desk"}, "board"
    pages[0].hear_of({**changed, "call_id": call_id}, desk)
    pages[1].hear_of({**changed, "call_id": call_id}, desk, {"type": "changed", "what": board})
    # The first that another company's supervisor hears is about their own.
    assert pages[2].hear() == {**changed, "call_id": "theirs"}


def test_an_advisor_is_not_told_of_the_board(house, page, advisor):
    mine = page().introduce(advisor)
    mine.hear()
    house.run(house.deps.feed.publish(SHOP, "one", "call.turn"))
    assert mine.hear() == {"type": "changed", "what": "call", "call_id": "one"}
    house.run(house.deps.feed.publish(SHOP, "two", "call.turn"))
    assert mine.hear() == {"type": "changed", "what": "call", "call_id": "two"}


def test_a_call_rings_at_its_advisor_alone(house, page, advisor):
    call_id = str(uuid.uuid4())
    boss = house.run(house.deps.accounts.user(SHOP, f"{SHOP}-supervisor"))
    handoffs = PostgresHandoffs(house.database, house.deps.keys)
    mine, theirs = page().introduce(advisor, tab=TAB), page().introduce(boss, tab=OTHER_TAB)
    assert (mine.hear(), theirs.hear()) == ({"type": "ready"}, {"type": "ready"})
    house.run(house.deps.presences.choose(SHOP, advisor.user_id, TAB, PresenceState.READY))
    house.run(house.deps.accounts.change_user(SHOP, advisor.user_id, UserChange(languages=(Language.EN,))))
    house.run(house.deps.store.create_call(SHOP, call_id, "web", None))
    handoff_id = f"{call_id}-1"
    new = NewHandoff(
        handoff_id=handoff_id,
        call_id=call_id,
        number=1,
        reason="caller_asked",
        urgent=False,
        by="caller",
        language=Language.EN,
        queue_id="default",
        wanted_advisor=advisor.user_id,
    )
    house.run(handoffs.open(SHOP, new))
    claim = house.run(handoffs.claim_next(SHOP, handoff_id, 1))
    assert claim.advisor_id == advisor.user_id
    house.run(house.deps.feed.publish(SHOP, call_id, DESK_RINGS))
    mine.hear_of({"type": "ring", "handoff_id": handoff_id, "until": claim.until})
    assert theirs.hear()["type"] == "changed"


# ---------------------------------------------------------------- presence


def test_a_tab_is_there_while_it_answers(house, page, advisor, quick, monkeypatch):
    monkeypatch.setattr(gateway.live.socket, "GONE_AFTER_S", 0.6)
    mine = page().introduce(advisor, tab=TAB)
    assert mine.hear() == {"type": "ready"}
    began = presence(house, advisor)
    assert (began.state, began.tab) == (PresenceState.AWAY, TAB)
    house.run(house.deps.presences.choose(SHOP, advisor.user_id, TAB, PresenceState.READY))
    # Kept beyond its first end by answers alone.
    while presence(house, advisor).expires_at <= began.expires_at + 1:
        message = json.loads(mine.socket.recv(WITHIN_S))
        if message["type"] == "ping":
            mine.say(type="pong", n=message["n"])
    assert presence(house, advisor).state is PresenceState.READY
    assert mine.ended(answering=False) == (4408, "no_answer")
    until(house, advisor, PresenceState.OFFLINE)


def test_a_reload_keeps_what_the_advisor_was(house, page, advisor):
    first = page().introduce(advisor, tab=TAB)
    first.hear()
    house.run(house.deps.presences.choose(SHOP, advisor.user_id, TAB, PresenceState.READY))
    first.socket.close()
    again = page().introduce(advisor, tab=TAB)
    assert again.hear() == {"type": "ready"}
    assert presence(house, advisor).state is PresenceState.READY


def test_a_second_tab_takes_over(house, page, advisor):
    first = page().introduce(advisor, tab=TAB)
    first.hear()
    house.run(house.deps.presences.choose(SHOP, advisor.user_id, TAB, PresenceState.READY))
    second = page().introduce(advisor, tab=OTHER_TAB)
    assert second.hear() == {"type": "ready"}
    first.hear_of({"type": "tab_replaced"})
    assert first.ended() == (4409, "tab_replaced")
    now = presence(house, advisor)
    assert (now.state, now.tab) == (PresenceState.READY, OTHER_TAB)


def test_a_tab_that_missed_the_news_learns_of_it_by_its_next_answer(house, page, advisor, quick):
    first = page().introduce(advisor, tab=TAB)
    first.hear()
    # As another gateway would, whose event was lost.
    house.run(house.deps.presences.open_tab(SHOP, advisor.user_id, OTHER_TAB, time.time() + 10))
    first.hear_of({"type": "tab_replaced"})
    assert first.ended() == (4409, "tab_replaced")


def test_a_page_without_a_tab_changes_no_presence(house, page, advisor):
    assert page().introduce(advisor).hear() == {"type": "ready"}
    assert presence(house, advisor).state is PresenceState.OFFLINE


# ---------------------------------------------------------------- the end


def test_a_disabled_person_is_out_at_once(house, page, advisor):
    mine = page().introduce(advisor, tab=TAB)
    mine.hear()
    house.run(house.deps.presences.choose(SHOP, advisor.user_id, TAB, PresenceState.READY))
    answer = house.as_person(Role.ADMIN).patch(f"/v1/team/users/{advisor.user_id}", json={"disabled": True})
    assert answer.status_code == 200
    assert mine.ended() == (4401, "signed_out")
    until(house, advisor, PresenceState.OFFLINE)


def test_a_new_password_signs_out(house, page, advisor):
    mine = page().introduce(advisor)
    mine.hear()
    house.as_person(Role.ADMIN).post(f"/v1/team/users/{advisor.user_id}/reset-password")
    assert mine.ended() == (4401, "signed_out")


def test_who_is_no_advisor_any_more_has_no_desk(house, page, advisor):
    mine = page().introduce(advisor, tab=TAB)
    mine.hear()
    house.run(house.deps.accounts.change_user(SHOP, advisor.user_id, UserChange(role=Role.VIEWER)))
    assert mine.ended() == (4403, "forbidden")
    until(house, advisor, PresenceState.OFFLINE)


def test_who_has_become_a_supervisor_hears_of_the_board(house, page, advisor):
    mine = page().introduce(advisor)
    mine.hear()
    house.run(house.deps.accounts.change_user(SHOP, advisor.user_id, UserChange(role=Role.SUPERVISOR)))
    house.run(house.deps.feed.publish(SHOP, "one", "call.turn"))
    mine.hear_of({"type": "changed", "what": "board"})


def test_a_token_ends_it_and_a_newer_one_keeps_it(house, page, advisor, quick):
    ending = house.tokens_at(3.0 - ACCESS_S).access(advisor)
    left, kept = page().introduce(token=ending), page().introduce(token=ending)
    assert (left.hear(), kept.hear()) == ({"type": "ready"}, {"type": "ready"})
    kept.introduce(advisor)
    assert left.ended() == (4401, "expired")
    house.run(house.deps.feed.publish(SHOP, "still", "call.turn"))
    kept.hear_of({"type": "changed", "what": "call", "call_id": "still"})


def test_another_persons_token_does_not_renew(house, page, advisor):
    mine = page().introduce(advisor)
    mine.hear()
    mine.introduce(house.run(house.deps.accounts.user(SHOP, f"{SHOP}-supervisor")))
    assert mine.ended() == (4403, "another_person")


def test_the_number_of_open_sockets_is_counted(house, page, advisor):
    mine = page().introduce(advisor)
    mine.hear()
    assert house.deps.metrics.sockets._value.get() >= 1
    assert "hatif_gateway_sockets" in house.client().get("/metrics").text
