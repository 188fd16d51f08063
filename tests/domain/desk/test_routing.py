"""Who is offered a caller, the place in the queue, and what happens when nobody is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.people import Advisor, Presence, PresenceState
from domain.desk.routing import (
    LANGUAGE_FIRST_S,
    LONGEST_HANDLING_S,
    Candidate,
    GiveChoice,
    InLine,
    KeepWaiting,
    Need,
    OfferTo,
    PromiseAtOpening,
    best_advisor,
    candidate,
    estimated_wait_s,
    handling_average,
    next_step,
    position,
)
from domain.speech import Language
from tests.domain.profiles import AR, EN

STATES = {
    "R": PresenceState.READY,
    "r": PresenceState.RINGING,
    "B": PresenceState.BUSY,
    "W": PresenceState.WRAP_UP,
    "a": PresenceState.AWAY,
    "o": PresenceState.OFFLINE,
}
LANGUAGES = {"ar": {AR}, "en": {EN}, "both": {AR, EN}, "-": set[Language]()}


def drawn(*rows: str) -> list[Candidate]:
    """ "name state languages queues skills idle_since": "mona R ar sales,care vip 10"."""
    found: list[Candidate] = []
    for row in rows:
        name, state, languages, queues, skills, idle = row.split()
        found.append(
            Candidate(
                advisor_id=name,
                presence=STATES[state],
                languages=frozenset(LANGUAGES[languages]),
                queues=frozenset(queues.split(",")),
                skills=frozenset(skills.split(",")) - {"-"},
                idle_since_s=float(idle),
            )
        )
    return found


CARE_AR = Need(queue="care", language=AR)
VIP = Need(queue="care", language=AR, skills=frozenset({"vip"}))


@pytest.mark.parametrize(
    ("rows", "need", "waited_s", "best"),
    [
        pytest.param(["mona R ar care - 20", "sara R ar care - 10"], CARE_AR, 0, "sara", id="the longest idle"),
        pytest.param(["mona R ar care - 10", "adam R ar care - 10"], CARE_AR, 0, "adam", id="a tie has one answer"),
        pytest.param(["mona R ar care - 20", "john R en care - 10"], CARE_AR, 0, "mona", id="language before idleness"),
        pytest.param(["john R en care - 10"], CARE_AR, 0, "john", id="another language rather than nobody"),
        pytest.param(["john R en care - 10", "mona B ar care - 1"], CARE_AR, 0, None, id="a fluent one is at work"),
        pytest.param(
            ["john R en care - 10", "mona B ar care - 1"], CARE_AR, LANGUAGE_FIRST_S, "john", id="... for so long"
        ),
        pytest.param(["john R en care - 10", "mona a ar care - 1"], CARE_AR, 0, "john", id="... and isn't away"),
        pytest.param(["john R en care - 10", "mona B ar sales - 1"], CARE_AR, 0, "john", id="... in this queue"),
        pytest.param(["mona R ar sales - 10"], CARE_AR, 999, None, id="the queue is never given up"),
        pytest.param(["mona R ar care - 10"], VIP, 999, None, id="skills are never given up"),
        pytest.param(["mona R ar care - 10", "sara R ar care vip,tax 20"], VIP, 0, "sara", id="the skilled one"),
        pytest.param(["mona B ar care - 1", "sara a ar care - 1", "amal o ar care - 1"], CARE_AR, 0, None, id="ready"),
        pytest.param(
            ["mona R ar care - 10", "sara R ar care - 20"],
            Need(queue="care", language=AR, tried=frozenset({"mona"})),
            0,
            "sara",
            id="not twice the same",
        ),
        pytest.param(
            ["mona R ar care - 10", "sara R ar care - 20"],
            Need(queue="care", language=AR, only="sara"),
            0,
            "sara",
            id="the one who is meant",
        ),
        pytest.param([], CARE_AR, 0, None, id="nobody at all"),
    ],
)
def test_who_is_offered_the_caller(rows, need, waited_s, best):
    found = best_advisor(drawn(*rows), need, waited_s)
    assert (found.advisor_id if found else None) == best


def test_a_candidate_is_an_advisor_where_they_stand():
    advisor = Advisor(user_id="mona", name="Mona", languages=frozenset({AR}), skills=frozenset({"vip"}))
    presence = Presence(advisor_id="mona", state=PresenceState.READY, since=5.0, idle_since=3.0)
    (drawn_one,) = drawn("mona R ar care vip 3")
    assert candidate(advisor, presence, frozenset({"care"})) == drawn_one


# ---------------------------------------------------------------- place


def line(*rows: str) -> list[InLine]:
    return [InLine(handoff_id=row[0], since_s=float(row[1:].rstrip("!")), urgent=row.endswith("!")) for row in rows]


@pytest.mark.parametrize(
    ("waiting", "order"),
    [
        (("a1", "b2", "c3"), "abc"),
        (("c3", "a1", "b2"), "abc"),
        (("a1", "b2", "c3!"), "cab"),
        (("a1!", "b2", "c0!"), "cab"),
        (("b1", "a1"), "ab"),
    ],
)
def test_the_order_of_a_line(waiting, order):
    assert [position(each, line(*waiting)) for each in order] == list(range(1, len(order) + 1))


def test_who_does_not_wait_has_no_place():
    assert position("z", line("a1")) is None
    assert position("z", []) is None


@pytest.mark.parametrize(
    ("place", "ready", "engaged", "wait_s"),
    [
        (1, 1, 0, 0),
        (1, 0, 1, 100),
        (1, 0, 2, 50),
        (2, 0, 2, 100),
        (3, 1, 1, 100),
        (1, 0, 0, None),
        (1, 0, 3, 34),
    ],
)
def test_an_estimate(place, ready, engaged, wait_s):
    assert estimated_wait_s(place, ready=ready, engaged=engaged, handling_s=100.0) == wait_s


@given(st.integers(1, 50), st.integers(0, 10), st.integers(0, 10))
def test_nobody_further_back_waits_less(place, ready, engaged):
    here = estimated_wait_s(place, ready=ready, engaged=engaged)
    behind = estimated_wait_s(place + 1, ready=ready, engaged=engaged)
    assert (here is None) <= (behind is None)
    if here is not None and behind is not None:
        assert here <= behind


def test_the_average_follows_the_calls():
    assert handling_average(None, 100.0) == 100.0
    assert handling_average(100.0, 200.0) == 120.0
    assert handling_average(100.0, -5.0) == 80.0
    assert handling_average(None, 1e9) == LONGEST_HANDLING_S
    average = 0.0
    for _ in range(50):
        average = handling_average(average, 300.0)
    assert 299 < average <= 300


# ---------------------------------------------------------------- what next

OPENS = datetime(2026, 11, 24, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "waited_s", "is_open", "step"),
    [
        pytest.param(["mona R ar care - 1"], 0, True, OfferTo(advisor_id="mona"), id="somebody is free"),
        pytest.param(["mona R ar care - 1"], 500, True, OfferTo(advisor_id="mona"), id="also after the longest wait"),
        pytest.param(["mona R ar care - 1"], 0, False, OfferTo(advisor_id="mona"), id="also after hours"),
        pytest.param(["mona B ar care - 1"], 89, True, KeepWaiting(), id="somebody will be free"),
        pytest.param(["mona W ar care - 1"], 90, True, GiveChoice(), id="waited long enough"),
        pytest.param(["mona a ar care - 1"], 0, True, GiveChoice(), id="nobody to wait for"),
        pytest.param([], 0, True, GiveChoice(), id="nobody at all"),
        pytest.param(["mona o ar care - 1"], 0, False, PromiseAtOpening(opens=OPENS), id="closed"),
        pytest.param(["mona B ar care - 1"], 10, False, KeepWaiting(), id="the last call before closing"),
        pytest.param(["mona B ar care - 1"], 90, False, GiveChoice(), id="the last call, waited long enough"),
        pytest.param(["mona R ar sales - 1"], 0, False, PromiseAtOpening(opens=OPENS), id="closed for this queue"),
    ],
)
def test_what_to_do_next(rows, waited_s, is_open, step):
    found = next_step(drawn(*rows), CARE_AR, waited_s=waited_s, max_wait_s=90, is_open=is_open, opens=OPENS)
    assert found == step
