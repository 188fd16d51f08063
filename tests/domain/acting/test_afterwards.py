"""What a CRM is told of a call that is over: as much as its connection wants, and only of calls that were any."""

from dataclasses import replace

import pytest

from domain.acting.action import ActionRow, ActionState
from domain.acting.afterwards import LOG_CALL, START_WORKFLOW, LogCalls, Wanted, due, interaction, wanted
from domain.acting.vendors import VENDORS
from domain.call import CallRow, CallState, Channel, Outcome
from domain.desk.customer import Address, FoundBy

CALL = CallRow(
    call_id="c-1",
    tenant_id="t-1",
    channel=Channel.PHONE,
    state=CallState.ENDED,
    lease=1,
    started_at=1_772_357_400.0,
    ended_at=1_772_357_475.4,
    outcome=Outcome.CALLER_HUNG_UP,
    language="en",
    disposition="callback_needed",
    summary="Asked for a repair.",
)
NUMBER = Address(by=FoundBy.NUMBER, value="+966501234567")
ALL = Wanted(log_calls=LogCalls.SUMMARY, start_workflows=True)


def action(name, reference, state=ActionState.DONE, key="k", **slots):
    return ActionRow(
        tenant_id="t-1",
        call_id="c-1",
        key=key,
        action=name,
        state=state,
        lease=1,
        started_at=0.0,
        slots=slots,
        reference=reference,
    )


def told(asked=ALL, call=CALL, addresses=(NUMBER,), actions=()):
    return list(due(asked, call, addresses, actions))


def test_a_call_is_filed_under_its_callers_number():
    assert told() == [(LOG_CALL, {"phone": "+966501234567", "summary": "Asked for a repair."})]
    assert told(addresses=()) == [], "there is nobody to file it under"
    by_address = Address(by=FoundBy.EMAIL, value="mona@example.com")
    assert told(addresses=[by_address])[0][1]["email"] == "mona@example.com"


def test_a_call_with_tickets_is_noted_on_the_first_and_each_is_told_how_it_ended():
    tickets = [
        action("create_ticket", "101", key="a"),
        action("update_ticket", "101", key="b"),
        action("book_visit", "102", key="c"),
        action("send_sms", "SM9", key="d"),
        action("create_ticket", "103", ActionState.UNKNOWN, key="e"),
    ]
    log, *workflows = told(addresses=(), actions=tickets)
    assert log == (LOG_CALL, {"ticket": "101", "summary": "Asked for a repair."})
    assert workflows == [
        (START_WORKFLOW, {"ticket": "101", "workflow": "callback_needed"}),
        (START_WORKFLOW, {"ticket": "102", "workflow": "callback_needed"}),
    ]


def test_a_ticket_that_was_taken_back_is_told_nothing():
    taken_back = [action("create_ticket", "101", key="a"), action("cancel", "101", key="b", of_key="a")]
    assert [name for name, _ in told(actions=taken_back)] == [LOG_CALL]
    assert "ticket" not in told(actions=taken_back)[0][1]


def test_without_the_summary_nothing_that_was_said_goes_there():
    bare = replace(ALL, log_calls=LogCalls.BARE)
    assert told(bare) == [(LOG_CALL, {"phone": "+966501234567"})]


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, disposition="no_request"),
        replace(CALL, disposition=None),
        replace(CALL, outcome=Outcome.BUSY),
        replace(CALL, outcome=Outcome.REFUSED),
        replace(CALL, summary=None),
    ],
    ids=["no request", "not summed up", "busy", "refused", "erased"],
)
def test_what_was_no_call_and_what_was_erased_is_not_told(call):
    assert told(call=call, actions=[action("create_ticket", "101")]) == []


def test_a_connection_that_never_said_so_is_told_nothing():
    assert told(wanted({"user": "a@b.example"}), actions=[action("create_ticket", "101")]) == []
    assert wanted({"log_calls": "bare", "start_workflows": "yes"}) == Wanted(
        log_calls=LogCalls.BARE, start_workflows=True
    )


def test_what_a_new_connection_is_told_where_nobody_says():
    """Where a logged call would be a ticket, nobody gets one unasked."""
    told = {system: vendor.log_calls for system, vendor in VENDORS.items()}
    no, summary = LogCalls.NO, LogCalls.SUMMARY
    assert told == {
        "zendesk": no,
        "freshdesk": no,
        "twilio": no,
        "whatsapp": no,
        "hubspot": summary,
        "salesforce": summary,
    }


def test_the_entry_says_by_what_when_how_long_and_how_it_ended():
    entry = interaction(CALL, "", "+966501234567", "9001", None)
    assert (entry.title, entry.duration_s, entry.customer_id) == ("Phone call, callback needed", 75, "9001")
    assert entry.started_at.isoformat() == "2026-03-01T09:30:00+00:00"
