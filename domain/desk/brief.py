"""The brief: what an advisor should know about a caller in four seconds, made by rule from what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from domain.answering.escalation import AMOUNT, TOOL_DOWN
from domain.answering.policy import EMERGENCY, FAILURES
from domain.desk.customer import CustomerKnown
from domain.desk.handoffs import BY_MODEL, Brief, IntentAt, MoodAt, OpenFact, Tried
from domain.handoff import HandoffStart
from domain.mood.estimate import BAD, caller_turns
from domain.mood.reader import estimate
from domain.post_call import HANDOFF_INTENT
from domain.speech import Language, Speaker, Turn, TurnKind
from domain.tenant import Words

SENTENCE_CHARS = 240
TRIED_CHARS = 120
"""First words of an answer: enough to recognise it."""
MOST_TRIED = 6
"""The newest; all of them are in the transcript."""

SAFETY_FIRST = "safety_first"
APOLOGISE = "apologise"
ASK_AGAIN = "ask_again"
"""The agent did not understand: let the caller say it in their own words."""
ANSWER_LAST_REQUEST = "answer_last_request"
CHECK_OPEN_FACTS = "check_open_facts"
READ_NOTES = "read_notes"
TRY_SYSTEM_AGAIN = "try_system_again"
DECIDE_AMOUNT = "decide_amount"
GREET = "greet"
SUGGESTIONS = (
    SAFETY_FIRST,
    APOLOGISE,
    ASK_AGAIN,
    ANSWER_LAST_REQUEST,
    CHECK_OPEN_FACTS,
    READ_NOTES,
    TRY_SYSTEM_AGAIN,
    DECIDE_AMOUNT,
    GREET,
)
"""Suggested next actions, by a code that the desk puts into words."""


class CallerFacts(Protocol):
    """What other systems know of a call's caller."""

    async def open_facts(self, tenant_id: str, call_id: str) -> Sequence[OpenFact]:
        """Never fails: an empty list where nothing is known, or nobody answers in time."""
        ...


def write_brief(
    start: HandoffStart,
    turns: Sequence[Turn],
    *,
    default_language: Language,
    open_facts: Sequence[OpenFact] = (),
    notes: Sequence[str] = (),
    about: str | None = None,
) -> Brief:
    """`turns` in order, those of earlier handoffs too; `about` is why we called, where we did."""
    moods = moods_of(turns)
    said = [turn for turn in turns if turn.speaker is Speaker.CALLER]
    answers = [turn for turn in turns if _is_answer(turn)]
    failed = [turn for turn in turns if turn.speaker is Speaker.AGENT and turn.kind is TurnKind.APOLOGY]
    leading = _leading(said, start.seq)
    requests = [turn for turn in said if turn is not leading]
    answered = bool(answers) and bool(requests) and answers[-1].started_ms >= requests[-1].ended_ms
    return Brief(
        language=start.language or (said[-1].language if said else default_language),
        reason=start.reason,
        urgent=start.urgent,
        sentence=_cut(leading.text, SENTENCE_CHARS) if leading else None,
        about=_cut(about, SENTENCE_CHARS) if about else None,
        first_request=_cut(requests[0].text, SENTENCE_CHARS) if requests else None,
        summary=_summary(len(said), len(answers), len(failed)),
        mood=moods[-1].mood if moods else None,
        moods=moods,
        intents=_intents(answers),
        tried=tuple(
            Tried(intent=turn.intent, text=_cut(turn.text, TRIED_CHARS), at_ms=turn.started_ms)
            for turn in answers[-MOST_TRIED:]
        ),
        open_facts=tuple(open_facts),
        next_actions=_next_actions(
            start.reason,
            upset=any(each.mood in BAD for each in moods[-1:]),
            unanswered=bool(requests) and not answered,
            facts=bool(open_facts),
            notes=bool(notes),
        ),
        notes=tuple(notes),
        seconds=max((turn.ended_ms for turn in turns), default=0) // 1000,
    )


def with_customer(brief: Brief, customer: CustomerKnown) -> Brief:
    """With what the CRM knows; a ticket that was made in this call is told once, as what was done."""
    done = {fact.text for fact in brief.open_facts}
    tickets = [fact for fact in customer.tickets if fact.text.partition(" ")[0] not in done]
    facts = (*brief.open_facts, *tickets)
    actions = brief.next_actions
    if tickets and CHECK_OPEN_FACTS not in actions:
        actions = (*(action for action in actions if action != GREET), CHECK_OPEN_FACTS)
    return replace(
        brief,
        caller=customer.name,
        caller_by=customer.by,
        crm=customer.answer,
        open_facts=facts,
        next_actions=actions,
    )


def with_summary(brief: Brief, words: Words) -> Brief:
    """With what a model wrote, in the languages in which it did."""
    return replace(brief, summary={**brief.summary, **words}, summary_by=BY_MODEL)


def moods_of(turns: Sequence[Turn]) -> tuple[MoodAt, ...]:
    """Where the mood changed, as estimated from the caller's words."""
    said = caller_turns(turn for turn in turns if turn.speaker is Speaker.CALLER)
    found: list[MoodAt] = []
    for count in range(1, len(said) + 1):
        reading = estimate(said[:count])
        if not found or found[-1].mood != reading.mood:
            found.append(MoodAt(mood=reading.mood, at_ms=reading.at_ms, because=tuple(reading.evidence)))
    return tuple(found)


def _is_answer(turn: Turn) -> bool:
    promised_a_person = (turn.intent or "").startswith(HANDOFF_INTENT)
    return (
        turn.speaker is Speaker.AGENT
        and turn.kind in (TurnKind.ANSWER, TurnKind.CLARIFY)
        and bool(turn.text)
        and not promised_a_person
    )


def _leading(said: Sequence[Turn], seq: int | None) -> Turn | None:
    """The caller's turn that led to the handoff; without one, their last."""
    named = [turn for turn in said if turn.seq == seq]
    return next(iter([*named, *reversed(said)]), None)


def _intents(answers: Sequence[Turn]) -> tuple[IntentAt, ...]:
    """In order, one that goes on for several answers once."""
    found: list[IntentAt] = []
    for turn in answers:
        if turn.intent and (not found or found[-1].intent != turn.intent):
            found.append(IntentAt(intent=turn.intent, at_ms=turn.started_ms))
    return tuple(found)


def _summary(said: int, answered: int, failed: int) -> Words:
    spoke = f"spoke {_times(said)}" if said else "has said nothing"
    english = f"The caller {spoke}, the agent {f'answered {_times(answered)}' if answered else 'has answered nothing'}"
    arabic = f"تكلّم المتصل: {said}، أجاب المساعد: {answered}"
    if failed:
        english += f" and did not understand {_times(failed)}"
        arabic += f"، لم يفهم: {failed}"
    return {Language.EN: english + ".", Language.AR: arabic + "."}


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _next_actions(reason: str, *, upset: bool, unanswered: bool, facts: bool, notes: bool) -> tuple[str, ...]:
    actions = {
        SAFETY_FIRST: reason == EMERGENCY,
        READ_NOTES: notes,
        APOLOGISE: upset or reason == FAILURES,
        ASK_AGAIN: reason == FAILURES,
        TRY_SYSTEM_AGAIN: reason == TOOL_DOWN,
        DECIDE_AMOUNT: reason == AMOUNT,
        CHECK_OPEN_FACTS: facts,
        ANSWER_LAST_REQUEST: unanswered and reason != FAILURES,
    }
    return tuple(action for action, wanted in actions.items() if wanted) or (GREET,)


def _cut(text: str, most: int) -> str:
    """At the last whole word."""
    if len(text) <= most:
        return text
    return text[: most - 1].rpartition(" ")[0].rstrip() + "…"
