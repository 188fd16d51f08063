"""Campaigns by rule: what a list may hold, when and how fast people are called, and who is called again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.campaigns.book import Campaign, CampaignAct, CampaignState, Claimed, Person
from domain.campaigns.contacts import Contact, RefusedRow, columns_of, contact_list
from domain.campaigns.outcomes import NOTHING_WAS_DIALLED, OF_RESULT, ContactOutcome, again_at
from domain.campaigns.pace import LONGEST_PAUSE_S, Engaged, pause_s, room
from domain.campaigns.plan import CampaignPlan, Purpose, checked, next_window, opening_for
from domain.campaigns.report import report_of
from domain.errors import Refused
from domain.outbound.calling_out import OutboundResult
from domain.speech import Language
from domain.tenant import CallingHours
from tests.domain.test_calling_out import SHOP, november
from workers.phone.number_plan import facts_of

EN, AR = Language.EN, Language.AR
NOOR = replace(SHOP, name={EN: "Noor", AR: "نور"})
PLAN = CampaignPlan(
    name="Deliveries",
    purpose=Purpose.SERVICE,
    opening={EN: "Hello {name}, your {item} comes tomorrow.", AR: "{name}، يصل {item} غداً."},
    about="Deliveries of tomorrow.",
)
HEAD = "Number;Name;item;language;consent\n"


def listed(rows: str, plan: CampaignPlan = PLAN, head: str = HEAD):
    return contact_list(head + rows, plan, EN, facts_of)


def test_everybody_is_on_the_list_once_in_one_way_of_writing_their_number() -> None:
    found = listed(
        '050 123 4567;Sara;washing machine;ar;\n+971 50 123 4567;Omar;oven;;\n\n+442071234567;"O; B";hob;EN;yes\n'
    )
    assert found.columns == ("number", "name", "item", "language", "consent")
    assert found.contacts == (
        Contact(number="+971501234567", language=AR, fields={"name": "Sara", "item": "washing machine"}),
        Contact(number="+442071234567", language=EN, fields={"name": "O; B", "item": "hob"}, has_consented=True),
    )
    assert found.refused == (RefusedRow(line=3, code="duplicate", column="number"),)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("nobody;Sara;oven;;", "bad_number", "number"),
        (";Sara;oven;;", "bad_number", "number"),
        ("+97150;Sara;oven;;", "bad_number", "number"),
        ("+971900123456;Sara;oven;;", "costly_number", "number"),
        ("+971501234567;Sara;oven;fr;", "bad_language", "language"),
        ("+971501234567;;oven;;", "empty_field", "name"),
        ("+971501234567;Sara;oven", "wrong_width", None),
        ("+971501234567;Sara;oven;;;;", "wrong_width", None),
        (f"+971501234567;{'S' * 201};oven;;", "too_long", "name"),
        ("+971501234567;Sa\x07ra;oven;;", "too_long", "name"),
    ],
)
def test_a_row_that_can_not_be_called_is_refused_by_its_line(row: str, code: str, column: str | None) -> None:
    found = listed(f"+971501111111;First;oven;;\n{row}\n")
    assert [contact.fields["name"] for contact in found.contacts] == ["First"]
    assert found.refused == (RefusedRow(line=3, code=code, column=column),)


def test_marketing_calls_only_who_has_agreed() -> None:
    found = listed(
        "+971501234567;Sara;oven;;no\n+971501111111;Omar;oven;;Yes\n", replace(PLAN, purpose=Purpose.MARKETING)
    )
    assert [contact.fields["name"] for contact in found.contacts] == ["Omar"]
    assert found.refused == (RefusedRow(line=2, code="no_consent", column="consent"),)


@pytest.mark.parametrize(
    "text", ["", "name,item\nSara,oven\n", "number,number\n", "number,,name\n", 'number\n"+9715\n']
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        contact_list(text, replace(PLAN, opening={EN: "Hello", AR: "مرحبا"}), EN, facts_of)
    assert refused.value.code == "bad_list"


def test_comma_semicolon_and_tab_are_all_read_and_a_mark_at_the_beginning_is_none_of_the_name() -> None:
    for mark in ",;\t":
        assert columns_of(f"\ufeffnumber{mark}name\n") == ("number", "name")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "n" * 101}, "bad_name"),
        ({"days": ()}, "bad_days"),
        ({"days": (7,)}, "bad_days"),
        ({"earliest": "9"}, "bad_hours"),
        ({"earliest": "18:00"}, "bad_hours"),
        ({"a_minute": 0}, "bad_pace"),
        ({"at_once": 51}, "bad_pace"),
        ({"tries": 0}, "bad_pace"),
        ({"opening": {EN: "Hello"}}, "bad_opening"),
        ({"opening": {EN: "Hello {age}", AR: "مرحبا"}}, "unknown_column"),
        ({"about": "a" * 1_001}, "bad_about"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(change: dict[str, object], code: str) -> None:
    assert checked(PLAN, columns_of(HEAD)) == PLAN
    with pytest.raises(Refused) as refused:
        checked(replace(PLAN, **change), columns_of(HEAD))  # pyright: ignore[reportArgumentType]
    assert refused.value.code == code


def test_a_plan_has_one_form_however_it_was_written() -> None:
    sloppy = replace(
        PLAN,
        name=f" {PLAN.name}\n",
        about=f"{PLAN.about} ",
        days=(*reversed(PLAN.days), PLAN.days[0]),
        opening={language: f" {words} " for language, words in PLAN.opening.items()},
    )
    assert checked(sloppy, columns_of(HEAD)) == PLAN


def test_who_calls_and_that_it_is_no_human_being_is_said_first() -> None:
    said = opening_for(PLAN, NOOR, EN, {"name": "Sara", "item": "oven"})
    assert said.text == "Hello, this is the automated assistant of Noor. Hello Sara, your oven comes tomorrow."
    assert said.about == "Deliveries of tomorrow."
    assert opening_for(PLAN, NOOR, AR, {"name": "سارة", "item": "{name}"}).text.endswith("سارة، يصل {name} غداً.")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("23 12:00", "23 12:00"),  # a Monday
        ("23 08:00", "23 09:00"),
        ("23 17:59", "23 17:59"),
        ("23 18:00", "24 09:00"),
        ("27 18:30", "30 09:00"),
    ],
)
def test_people_are_called_within_the_campaign_s_hours_and_days(now: str, opens: str) -> None:
    assert next_window(SHOP, PLAN, november(now)) == november(opens)


def test_the_tenant_s_calling_hours_hold_as_well() -> None:
    shop = replace(SHOP, calling_hours=CallingHours(earliest="10:00", latest="12:00"))
    assert next_window(shop, PLAN, november("23 09:00")) == november("23 10:00")
    assert next_window(shop, PLAN, november("23 12:00")) == november("24 10:00")
    assert next_window(shop, replace(PLAN, latest="10:00"), november("23 09:00")) is None


@pytest.mark.parametrize(
    ("engaged", "free"),
    [
        (Engaged(calls=0, begun_lately=0), 3),
        (Engaged(calls=2, begun_lately=0), 1),
        (Engaged(calls=3, begun_lately=0), 0),
        (Engaged(calls=9, begun_lately=0), 0),
        (Engaged(calls=0, begun_lately=4), 2),
        (Engaged(calls=0, begun_lately=7), 0),
    ],
)
def test_as_many_calls_begin_as_pace_and_cap_allow(engaged: Engaged, free: int) -> None:
    assert room(replace(PLAN, at_once=9), 3, engaged) == free
    assert room(replace(PLAN, at_once=3), 9, engaged) == free


def test_who_is_handed_to_advisors_is_called_only_when_one_is_ready() -> None:
    plan = replace(PLAN, at_once=9, to_advisor=True)
    assert room(plan, 9, Engaged(calls=0, begun_lately=0, ready=2)) == 2
    assert room(plan, 9, Engaged(calls=1, begun_lately=1, ringing=1, ready=2)) == 1
    assert room(plan, 9, Engaged(calls=2, begun_lately=2, ringing=2, ready=2)) == 0


def test_without_a_line_it_slows_down() -> None:
    assert [pause_s(missed) for missed in (0, 1, 2, 3)] == [0.0, 30.0, 60.0, 120.0]
    assert pause_s(99) == LONGEST_PAUSE_S


@pytest.mark.parametrize(
    ("outcome", "tries", "again"),
    [
        (ContactOutcome.BUSY, 1, "24 09:00"),
        (ContactOutcome.NO_ANSWER, 1, "24 09:00"),
        (ContactOutcome.MACHINE, 1, "24 09:00"),
        (ContactOutcome.BUSY, 2, None),
        (ContactOutcome.ANSWERED, 1, None),
        (ContactOutcome.REFUSED, 1, None),
        (ContactOutcome.UNKNOWN, 1, None),
    ],
)
def test_nobody_is_called_twice_in_a_day(outcome: ContactOutcome, tries: int, again: str | None) -> None:
    found = again_at(SHOP, PLAN, outcome, tries=tries, now=november("23 12:00"))
    assert found == (None if again is None else november(again))


def test_every_result_of_dialling_means_something() -> None:
    assert {*OF_RESULT, *NOTHING_WAS_DIALLED} == set(OutboundResult)


def test_each_call_to_a_person_is_a_request_of_its_own() -> None:
    first = Claimed(campaign_id="c", position=7, asked=1, tries=0)
    calls = {claimed.call_id("t") for claimed in (first, replace(first, asked=2), replace(first, position=8))}
    assert len(calls) == 3
    assert first.call_id("t") == first.call_id("t") != first.call_id("u")


@pytest.mark.parametrize(
    ("state", "act", "code"),
    [
        (CampaignState.READY, CampaignAct.START, None),
        (CampaignState.READY, CampaignAct.PAUSE, "campaign_not_started"),
        (CampaignState.RUNNING, CampaignAct.PAUSE, None),
        (CampaignState.PAUSED, CampaignAct.RESUME, None),
        (CampaignState.STOPPED, CampaignAct.START, "campaign_over"),
        (CampaignState.FINISHED, CampaignAct.RESUME, "campaign_over"),
    ],
)
def test_what_may_be_asked_of_one(state: CampaignState, act: CampaignAct, code: str | None) -> None:
    ended_at = 1.0 if state in (CampaignState.STOPPED, CampaignState.FINISHED) else None
    campaign = Campaign(
        campaign_id="c",
        state=state,
        plan=PLAN,
        people=1,
        created_by="-",
        created_at=0.0,
        ended_at=ended_at,
    )
    if code is None:
        assert campaign.may(act) is act
        return
    with pytest.raises(Refused) as refused:
        campaign.may(act)
    assert refused.value.code == code


def test_a_report_has_everybody_and_nothing_that_a_spreadsheet_computes() -> None:
    called = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Dubai"))
    sara = Contact(number="+971501234567", language=EN, fields={"name": "=HYPERLINK()", "item": "oven, red"})
    omar = Contact(number="+971501111111", language=AR, fields={"name": "عمر"})
    people = [
        Person(
            position=1,
            contact=sara,
            state="done",
            tries=1,
            outcome=ContactOutcome.ANSWERED,
            called_at=called.timestamp(),
            call_id="call",
        ),
        Person(position=2, contact=omar, state="waiting", tries=0),
    ]
    assert report_of(people, ZoneInfo("Asia/Dubai")).splitlines() == [
        "number,language,outcome,tries,called_at,call,name,item",
        '+971501234567,en,answered,1,2026-11-23T12:00:00+04:00,call,\'=HYPERLINK(),"oven, red"',
        "+971501111111,ar,not_called,0,,,عمر,",
    ]
