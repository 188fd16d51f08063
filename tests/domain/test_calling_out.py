"""Whether somebody may be called now, and when again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.desk.callbacks import Contact
from domain.outbound.calling_out import OutboundResult, call_of_try, next_dial, why_not
from domain.speech import Language
from domain.tenant import DialTries, TenantProfile

NUMBER = "+971501234567"
SHOP = TenantProfile(
    tenant_id="t",
    slug="t",
    name={Language.EN: "Shop"},
    persona={Language.EN: "a shop"},
    greeting={Language.EN: "Hello"},
    default_language=Language.EN,
    emergency_number="998",
    time_zone="Asia/Dubai",
)
"""Its calling hours are the usual ones, 9 to 20."""


@pytest.mark.parametrize(
    ("hour", "contact", "why"),
    [
        (12, Contact(number=NUMBER, is_forbidden=False, call_lives=True), None),
        (8, Contact(number=NUMBER, is_forbidden=False, call_lives=True), OutboundResult.NOT_NOW),
        (21, Contact(number=NUMBER, is_forbidden=False, call_lives=True), OutboundResult.NOT_NOW),
        (12, Contact(number=NUMBER, is_forbidden=True, call_lives=True), OutboundResult.DO_NOT_CALL),
        (12, Contact(number=None, is_forbidden=False, call_lives=True), OutboundResult.NO_NUMBER),
    ],
)
def test_hours_the_list_and_a_missing_number_decide(hour: int, contact: Contact, why: OutboundResult | None) -> None:
    monday = datetime(2026, 11, 23, hour, tzinfo=ZoneInfo("Asia/Dubai"))
    assert why_not(SHOP, contact, monday) is why


REACHABLE = Contact(number=NUMBER, is_forbidden=False)
THRICE = replace(SHOP, dial_tries=DialTries(most=3, busy_min=5, no_answer_min=60))


@pytest.mark.parametrize(
    ("ended", "result", "tries", "again"),
    [
        ("23 12:00", OutboundResult.BUSY, 1, "23 12:05"),
        ("23 12:00", OutboundResult.NO_LINE, 2, "23 12:05"),
        ("23 12:00", OutboundResult.NO_ROOM, 1, "23 12:05"),
        ("23 12:00", OutboundResult.NO_ANSWER, 1, "23 13:00"),
        ("23 12:00", OutboundResult.MACHINE, 1, "23 13:00"),
        ("23 19:58", OutboundResult.BUSY, 1, "24 09:00"),
        ("27 19:30", OutboundResult.NO_ANSWER, 2, "30 09:00"),  # over the weekend
        ("23 12:00", OutboundResult.BUSY, 3, None),
        ("23 12:00", OutboundResult.ANSWERED, 1, None),
        ("23 12:00", OutboundResult.REJECTED, 1, None),
        ("23 12:00", OutboundResult.UNREACHABLE, 1, None),
        ("23 12:00", OutboundResult.UNKNOWN, 1, None),
        ("23 12:00", OutboundResult.STOPPED, 1, None),
    ],
)
def test_who_was_busy_or_out_is_called_again_within_the_calling_hours(
    ended: str, result: OutboundResult, tries: int, again: str | None
) -> None:
    found = next_dial(THRICE, REACHABLE, result, tries=tries, most=9, now=november(ended))
    assert found == (None if again is None else november(again))


def test_the_fewer_tries_count_and_nobody_on_the_list_is_called_again() -> None:
    noon, busy = november("23 12:00"), OutboundResult.BUSY
    assert next_dial(THRICE, REACHABLE, busy, tries=1, most=1, now=noon) is None
    assert next_dial(THRICE, REACHABLE, busy, tries=1, most=2, now=noon) is not None
    assert next_dial(THRICE, replace(REACHABLE, is_forbidden=True), busy, tries=1, most=3, now=noon) is None
    assert next_dial(THRICE, Contact(), busy, tries=1, most=3, now=noon) is None


def test_each_try_has_a_call_of_its_own_and_the_first_is_the_request() -> None:
    request = "7d1f1b0a-54cb-4b8e-9f4e-6f0f0b3c9a52"
    assert call_of_try(request, 1) == request
    assert len({call_of_try(request, number) for number in (1, 2, 3)}) == 3
    assert call_of_try(request, 2) == call_of_try(request, 2)


def november(text: str) -> datetime:
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Dubai"))
