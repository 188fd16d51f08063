"""What becomes of a promised callback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.desk.callbacks import CallbackReason, CallbackResult, CallbackRow, CallbackState, Contact
from domain.desk.contact import spoken_number
from domain.desk.promises import come_due, first_promise, moved, put_off
from domain.speech import Language, Speaker, Turn
from domain.tenant import OpenHours, TenantProfile

NUMBER = "+971501234567"
KNOWN = Contact(number=NUMBER)
SHOP = TenantProfile(
    tenant_id="t",
    slug="t",
    name={},
    persona={},
    greeting={},
    default_language=Language.EN,
    emergency_number="998",
    time_zone="UTC",
    hours=tuple(OpenHours(weekday=day, opens="09:00", closes="17:00") for day in (0, 1, 2, 3, 5)),
)


def at(day: int, hour: int, minute: int = 0) -> float:
    """In November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


ROW = CallbackRow(
    callback_id="c-1",
    call_id="c",
    state=CallbackState.DUE,
    reason=CallbackReason.CALLER_CHOSE,
    language=Language.EN,
    created_at=at(23, 10),
    next_try_at=at(23, 10),
    window_ends_at=at(23, 17),
)


def promised_at(now: float, contact: Contact = KNOWN, reason: CallbackReason = CallbackReason.CALLER_CHOSE):
    new = first_promise("c-1", "c", reason, Language.EN, SHOP, contact, now=now, due_at=None)
    return None if new is None else (new.next_try_at, new.window_ends_at)


def test_now_while_open_else_at_the_next_opening() -> None:
    assert promised_at(at(23, 10)) == (at(23, 10), at(23, 17))
    assert promised_at(at(27, 22)) == (at(28, 9), at(28, 17)), "Friday night → Saturday"


def test_a_wish_is_kept() -> None:
    new = first_promise("c-1", "c", CallbackReason.CLOSED, Language.EN, SHOP, KNOWN, now=at(23, 10), due_at=at(24, 12))
    assert new is not None
    assert new.next_try_at == at(24, 12)


def test_nobody_is_promised_a_call_who_may_not_be_called_or_was_lost_without_a_number() -> None:
    assert promised_at(at(23, 10), Contact(number=NUMBER, is_forbidden=True)) is None
    assert promised_at(at(23, 10), Contact(), CallbackReason.LOST) is None
    assert promised_at(at(23, 10), Contact(), CallbackReason.CALLER_CHOSE) is not None


def test_its_time_has_come() -> None:
    due = come_due(replace(ROW, state=CallbackState.PROMISED), SHOP, KNOWN, now=at(23, 10))
    assert (due.state, due.window_ends_at) == (CallbackState.DUE, at(23, 17))


def test_a_time_at_which_nobody_may_be_called_is_moved() -> None:
    later = come_due(replace(ROW, state=CallbackState.PROMISED), SHOP, KNOWN, now=at(23, 18))
    assert (later.state, later.next_try_at) == (CallbackState.PROMISED, at(24, 9))


@pytest.mark.parametrize(
    ("contact", "result"),
    [
        (Contact(), CallbackResult.NO_CONTACT),
        (Contact(number=NUMBER, is_forbidden=True), CallbackResult.DO_NOT_CALL),
    ],
)
def test_a_promise_that_can_not_be_kept_is_given_up(contact: Contact, result: CallbackResult) -> None:
    over = come_due(ROW, SHOP, contact, now=at(23, 10))
    assert (over.state, over.result, over.ended_at) == (CallbackState.FAILED, result, at(23, 10))


def test_a_caller_who_is_still_there_needs_no_number() -> None:
    assert come_due(ROW, SHOP, Contact(call_lives=True), now=at(23, 10)).state is CallbackState.DUE


def test_after_a_try_in_vain_there_are_others_and_an_end() -> None:
    tried = replace(ROW, state=CallbackState.CLAIMED, claimed_by="sara")
    waits: list[float] = []
    now = at(23, 10)
    while tried.result is None:
        tried = put_off(tried, SHOP, KNOWN, now=now)
        waits.append(tried.next_try_at)
        now = tried.next_try_at
    assert waits[:3] == [at(23, 10, 5), at(23, 10, 35), at(24, 9)]
    assert (tried.state, tried.result) == (CallbackState.FAILED, CallbackResult.NOT_REACHED)
    assert tried.claimed_by is None


def test_one_that_nobody_claimed_to_the_end_says_so() -> None:
    last = put_off(replace(ROW, tries=3), SHOP, KNOWN, now=at(23, 10))
    assert last.result is CallbackResult.NOBODY_CLAIMED


def test_a_moved_one_is_for_a_time_at_which_calling_is_allowed() -> None:
    assert moved(ROW, SHOP, at=at(25, 12)).next_try_at == at(25, 12)
    assert moved(ROW, SHOP, at=at(27, 3)).next_try_at == at(28, 9)


def said(text: str, speaker: Speaker = Speaker.CALLER) -> Turn:
    return Turn(seq=1, speaker=speaker, text=text, language=Language.EN, started_ms=0, ended_ms=1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("call me on 050 123 4567 please", NUMBER),
        ("my number is +971-50-1234567", NUMBER),
        ("رقمي ٠٥٠١٢٣٤٥٦٧", NUMBER),
        ("my order is 1024", None),
        ("in 2026 I paid 12,500", None),
        ("", None),
    ],
)
def test_the_number_that_a_caller_says(text: str, number: str | None) -> None:
    assert spoken_number([said(text)]) == number


def test_the_last_number_counts_and_the_agents_do_not() -> None:
    turns = [said("050 111 1111"), said("no, 050 123 4567"), said("Call 0509999999", Speaker.AGENT)]
    assert spoken_number(turns) == NUMBER
