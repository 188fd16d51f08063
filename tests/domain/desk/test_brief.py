"""The brief of a caller, from what was said."""

from __future__ import annotations

import pytest

from domain.answering.escalation import AMOUNT, TOOL_DOWN
from domain.answering.policy import CALLER_ASKED, EMERGENCY, FAILURES
from domain.desk import brief as briefs
from domain.desk.brief import SENTENCE_CHARS, write_brief
from domain.desk.handoffs import Brief, IntentAt, OpenFact, Tried
from domain.handoff import BY_CONVERSATION, HandoffStart
from domain.post_call import HANDOFF_INTENT
from domain.speech import Language, Speaker, Turn, TurnKind


def start(reason: str = CALLER_ASKED, seq: int | None = None, language: Language | None = None) -> HandoffStart:
    return HandoffStart(
        handoff_id="c-1",
        number=1,
        call_id="c",
        tenant_id="t",
        reason=reason,
        by=BY_CONVERSATION,
        seq=seq,
        language=language,
    )


def caller(seq: int, text: str, language: Language = Language.EN) -> Turn:
    return Turn(
        seq=seq,
        speaker=Speaker.CALLER,
        text=text,
        language=language,
        started_ms=seq * 1000,
        ended_ms=seq * 1000 + 800,
    )


def agent(seq: int, text: str, intent: str | None = None, kind: TurnKind = TurnKind.ANSWER) -> Turn:
    return Turn(
        seq=seq,
        speaker=Speaker.AGENT,
        text=text,
        language=Language.EN,
        started_ms=seq * 1000,
        ended_ms=seq * 1000 + 900,
        kind=kind,
        intent=intent,
    )


TALK = (
    agent(1, "Hello", kind=TurnKind.GREETING),
    caller(2, "When do you open?"),
    agent(3, "At nine.", "opening_hours"),
    agent(4, "Also on Fridays.", "opening_hours"),
    caller(5, "Where is my order 1024?"),
    agent(6, "It arrives tomorrow.", "record_status"),
    caller(7, "I want to speak to a person"),
    agent(8, "Let me get a colleague.", f"{HANDOFF_INTENT}{CALLER_ASKED}"),
)


def made(*turns: Turn, reason: str = CALLER_ASKED, seq: int | None = None) -> Brief:
    return write_brief(start(reason, seq), turns, default_language=Language.AR)


def test_what_led_here_what_was_asked_and_what_was_tried() -> None:
    brief = made(*TALK, seq=7)
    assert brief.sentence == "I want to speak to a person"
    assert brief.first_request == "When do you open?"
    assert brief.language is Language.EN
    assert brief.intents == (
        IntentAt(intent="opening_hours", at_ms=3000),
        IntentAt(intent="record_status", at_ms=6000),
    )
    assert brief.tried[-1] == Tried(intent="record_status", text="It arrives tomorrow.", at_ms=6000)
    assert [each.text for each in brief.tried] == ["At nine.", "Also on Fridays.", "It arrives tomorrow."]
    assert brief.summary[Language.EN] == "The caller spoke 3 times, the agent answered 3 times."
    assert brief.summary[Language.AR] == "تكلّم المتصل: 3، أجاب المساعد: 3."
    assert brief.seconds == 8
    assert brief.next_actions == (briefs.GREET,)
    assert brief.mood == "neutral"


def test_a_call_without_a_word_has_a_brief_too() -> None:
    brief = made()
    assert (brief.sentence, brief.first_request, brief.mood, brief.seconds) == (None, None, None, 0)
    assert brief.language is Language.AR, "the tenant's own"
    assert brief.summary[Language.EN] == "The caller has said nothing, the agent has answered nothing."


def test_the_one_sentence_is_not_told_twice() -> None:
    brief = made(caller(1, "A person please"), seq=1)
    assert (brief.sentence, brief.first_request) == ("A person please", None)


def test_an_unanswered_request_is_the_next_thing_to_do() -> None:
    assert made(*TALK[:5], caller(6, "A person"), seq=6).next_actions == (briefs.ANSWER_LAST_REQUEST,)


@pytest.mark.parametrize(
    ("reason", "action"),
    [
        (EMERGENCY, briefs.SAFETY_FIRST),
        (FAILURES, briefs.APOLOGISE),
        (TOOL_DOWN, briefs.TRY_SYSTEM_AGAIN),
        (AMOUNT, briefs.DECIDE_AMOUNT),
    ],
)
def test_the_reason_says_what_to_begin_with(reason: str, action: str) -> None:
    assert made(*TALK, reason=reason).next_actions[0] == action


def test_the_mood_over_time_is_told_where_it_changed() -> None:
    brief = made(
        caller(1, "When do you open?"),
        caller(2, "And on Friday?"),
        caller(3, "This is outrageous, you are useless and I am furious!!"),
    )
    assert [each.at_ms for each in brief.moods] == [1000, 3000]
    assert brief.moods[-1].because
    assert brief.mood == "angry"
    assert briefs.APOLOGISE in brief.next_actions


def test_open_facts_and_notes_of_earlier_advisors() -> None:
    fact = OpenFact(system="zendesk", kind="ticket", text="Broken kettle")
    brief = write_brief(start(), TALK, default_language=Language.EN, open_facts=[fact], notes=["Refund agreed"])
    assert (brief.open_facts, brief.notes) == ((fact,), ("Refund agreed",))
    assert brief.next_actions == (briefs.READ_NOTES, briefs.CHECK_OPEN_FACTS)


def test_long_words_are_cut_at_a_word() -> None:
    brief = made(caller(1, "please " * 200))
    assert brief.sentence is not None
    assert len(brief.sentence) <= SENTENCE_CHARS
    assert brief.sentence.endswith("please…")


def test_failures_are_counted() -> None:
    brief = made(caller(1, "hm"), agent(2, "Sorry?", kind=TurnKind.APOLOGY), reason=FAILURES)
    assert (
        brief.summary[Language.EN]
        == "The caller spoke once, the agent has answered nothing and did not understand once."
    )
    assert brief.tried == ()
