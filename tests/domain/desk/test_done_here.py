"""What the brief tells of actions."""

from dataclasses import replace

from domain.acting.action import ActionRow, ActionState
from domain.desk.done_here import TEXT_CHARS, facts_of

ROW = ActionRow(
    tenant_id="t",
    call_id="c",
    key="k",
    action="create_ticket",
    state=ActionState.DONE,
    lease=1,
    started_at=1.0,
    slots={"trouble": "the fridge leaks"},
    reference="4711",
)


def test_what_waits_for_somebody_comes_before_what_was_done() -> None:
    waits = replace(ROW, state=ActionState.UNKNOWN, reference=None)
    assert [(fact.kind, fact.text) for fact in facts_of([ROW, waits])] == [
        ("create_ticket_unknown", "the fridge leaks"),
        ("create_ticket_done", "4711"),
    ]


def test_what_was_refused_is_no_fact() -> None:
    assert facts_of([replace(ROW, state=ActionState.REJECTED)]) == []


def test_a_text_is_short_and_an_erased_one_is_its_code() -> None:
    long = replace(ROW, reference=None, state=ActionState.RUNNING, slots={"trouble": "x" * 500})
    assert len(facts_of([long])[0].text) == TEXT_CHARS
    assert facts_of([replace(long, slots={})])[0].text == "create_ticket"
