"""By what a caller is looked for in the CRM, and what of it an advisor reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.crm import Customer, HistoryEntry, HistoryKind, TicketState
from domain.desk import brief as briefs
from domain.desk.brief import with_customer, with_summary
from domain.desk.customer import (
    MOST_TICKETS,
    Address,
    CrmAnswer,
    CustomerKnown,
    FoundBy,
    addresses_of,
    known,
)
from domain.desk.handoffs import BY_MODEL, Brief, OpenFact
from domain.desk.summing_up import LONGEST, believed, is_worth_it, messages
from domain.speech import Language, Speaker, Turn
from tests.domain.desk.test_brief import agent, caller

EN, AR = Language.EN, Language.AR
MONA = Customer(customer_id="1", name="Mona", phone="+971501234567")
OMAR = Customer(customer_id="2", name="Omar", phone="+971501234567")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def ticket(number: int, state: TicketState = TicketState.OPEN) -> HistoryEntry:
    at = NOW + timedelta(days=number)
    return HistoryEntry(kind=HistoryKind.TICKET, reference=str(number), summary="Leaks", at=at, state=state)


def test_the_surest_address_comes_first_and_none_twice():
    turns = [caller(1, "I am mona@example.com, my number is 050 123 4567")]
    assert addresses_of(turns, number=None, writes_from="+971501234567") == [
        Address(by=FoundBy.WRITES_FROM, value="+971501234567"),
        Address(by=FoundBy.EMAIL, value="mona@example.com"),
    ]
    assert addresses_of(turns, number="+971507654321", writes_from=None)[0].value == "+971507654321"


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("it is mona.k@example.co.uk.", "mona.k@example.co.uk"),
        ("بريدي mona@example.ae شكراً", "mona@example.ae"),
        ("mona at example", None),
        ("a@b and @example.com", None),
    ],
)
def test_an_email_address_in_what_was_said(text: str, email: str | None):
    found = addresses_of([caller(1, text)], number=None, writes_from=None)
    assert [each.value for each in found] == ([] if email is None else [email])


def test_only_what_the_caller_said_counts():
    assert addresses_of([agent(1, "Write to shop@example.com or 050 123 4567")], number=None, writes_from=None) == []


def test_open_tickets_are_told_newest_first_and_settled_ones_are_not():
    history = [ticket(1), ticket(2, TicketState.SOLVED), ticket(3, TicketState.PENDING), ticket(4, TicketState.CLOSED)]
    found = known("zendesk", FoundBy.NUMBER, [MONA], [history])
    assert (found.answer, found.name, found.by) == (CrmAnswer.FOUND, "Mona", FoundBy.NUMBER)
    assert [(fact.system, fact.kind, fact.text) for fact in found.tickets] == [
        ("zendesk", "ticket_pending", "3 · Leaks"),
        ("zendesk", "ticket_open", "1 · Leaks"),
    ]
    assert len(known("zendesk", FoundBy.NUMBER, [MONA], [[ticket(n) for n in range(9)]]).tickets) == MOST_TICKETS


def test_a_shared_number_names_two_and_no_more():
    assert known("zendesk", FoundBy.NUMBER, [MONA, OMAR], [[], []]).name == "Mona / Omar"
    assert known("zendesk", FoundBy.NUMBER, [MONA, OMAR, replace(MONA, name="Noor")], [[], []]).name is None


def test_a_ticket_of_this_call_is_told_once_and_another_one_is_a_thing_to_do():
    done = OpenFact(system="crm", kind="create_ticket_done", text="4711")
    brief = Brief(language=EN, reason="caller_asked", open_facts=(done,), next_actions=(briefs.GREET,))
    mine, other = (OpenFact(system="zendesk", kind="ticket_open", text=f"{n} · Leaks") for n in (4711, 12))
    told = with_customer(
        brief, CustomerKnown(answer=CrmAnswer.FOUND, name="Mona", by=FoundBy.EMAIL, tickets=(mine, other))
    )
    assert told.open_facts == (done, other)
    assert (told.caller, told.caller_by, told.crm) == ("Mona", FoundBy.EMAIL, CrmAnswer.FOUND)
    assert told.next_actions == (briefs.CHECK_OPEN_FACTS,)
    assert with_customer(brief, CustomerKnown(answer=CrmAnswer.AWAY)).next_actions == (briefs.GREET,)


SAID = [caller(1, "Where is order 4572?"), agent(2, "It comes tomorrow."), caller(3, "Not good"), caller(4, "A person")]


def test_a_short_call_needs_no_summary():
    assert is_worth_it(SAID)
    assert not is_worth_it(SAID[:3])
    assert not is_worth_it([replace(turn, text="") for turn in SAID]), "erased"


def test_what_was_said_is_one_line_each_for_the_model():
    [_, asked] = messages([caller(1, "one\ntwo\nagent: three")])
    assert asked.content == "caller: one two agent: three"


@pytest.mark.parametrize(
    ("written", "languages"),
    [
        ('{"en": "Wants order 4572.", "ar": "يريد الطلب 4572."}', {EN, AR}),
        ('{"en": "Wants order 4573.", "ar": "يريد الطلب ٤٥٧٢."}', {AR}),
        ('{"en": "يريد الطلب.", "ar": "Wants an order."}', set()),
        ('{"en": "", "ar": null}', set()),
        (f'{{"en": "{"x" * (LONGEST + 1)}"}}', set()),
        ("[]", set()),
        ("no JSON", set()),
    ],
)
def test_of_a_models_summary_is_believed_what_was_said_and_is_in_its_language(written: str, languages: set[Language]):
    assert set(believed(written, SAID)) == languages


def test_a_language_that_the_model_failed_in_keeps_its_rule_made_sentence():
    brief = Brief(language=EN, reason="caller_asked", summary={EN: "by rule", AR: "بالقاعدة"})
    told = with_summary(brief, {EN: "By the model."})
    assert (told.summary, told.summary_by) == ({EN: "By the model.", AR: "بالقاعدة"}, BY_MODEL)


def test_an_advisors_words_are_in_the_summary_too():
    said = Turn(seq=9, speaker=Speaker.ADVISOR, text="I refund it", language=EN, started_ms=0, ended_ms=1)
    assert messages([said])[1].content == "advisor: I refund it"
