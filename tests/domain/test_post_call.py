"""Summaries made by rule, dispositions and figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.call import Outcome
from domain.post_call import VOICE_MESSAGE, CallFigures, Disposition, figures, rule_made_summary
from domain.speech import Language, Speaker, Turn, TurnKind

ASKED = Turn(seq=2, speaker=Speaker.CALLER, text="when?", language=Language.EN, started_ms=1000, ended_ms=2000)
GREETED = replace(ASKED, seq=1, speaker=Speaker.AGENT, kind=TurnKind.GREETING, started_ms=0, ended_ms=900)
ANSWERED = replace(
    ASKED, seq=3, speaker=Speaker.AGENT, kind=TurnKind.ANSWER, intent="hours", started_ms=3200, ended_ms=4000
)
SORRY = replace(ANSWERED, kind=TurnKind.APOLOGY, intent=None)


@pytest.mark.parametrize(
    ("turns", "outcome", "disposition"),
    [
        ([], Outcome.CALLER_SILENT, Disposition.NO_REQUEST),
        ([GREETED], Outcome.LOST, Disposition.NO_REQUEST),
        ([GREETED, ASKED, ANSWERED], Outcome.CALLER_HUNG_UP, Disposition.RESOLVED),
        ([GREETED, ASKED, SORRY], Outcome.CALLER_HUNG_UP, Disposition.UNRESOLVED),
        ([ASKED, ANSWERED, replace(ASKED, seq=4)], Outcome.CALLER_HUNG_UP, Disposition.UNRESOLVED),
        ([ASKED, ANSWERED], Outcome.LOST, Disposition.CUT_OFF),
        ([ASKED, ANSWERED], Outcome.HANDED_OFF, Disposition.HANDED_OFF),
        (
            [ASKED, replace(ANSWERED, intent="handoff:failures")],
            Outcome.CALLER_HUNG_UP,
            Disposition.CALLBACK_NEEDED,
        ),
        ([replace(ASKED, intent=VOICE_MESSAGE)], Outcome.CALLER_HUNG_UP, Disposition.CALLBACK_NEEDED),
        ([ASKED, replace(ANSWERED, kind=TurnKind.CLARIFY)], Outcome.CALLER_HUNG_UP, Disposition.UNRESOLVED),
    ],
)
def test_the_disposition(turns: list[Turn], outcome: Outcome, disposition: Disposition) -> None:
    assert rule_made_summary(turns, outcome).disposition is disposition


def test_the_summary_holds_counts_and_intents_but_no_words() -> None:
    again = [replace(ASKED, seq=4), replace(ANSWERED, seq=5), replace(ANSWERED, seq=6, intent="address")]
    summary = rule_made_summary([GREETED, ASKED, ANSWERED, *again], Outcome.AGENT_SAID_GOODBYE)
    assert summary.text == "2 requests, 3 answers, about hours, address; agent said goodbye."


def test_the_figures() -> None:
    slow = [replace(ASKED, seq=4, started_ms=5000, ended_ms=6000), replace(ANSWERED, seq=5, started_ms=8000)]
    turns = [GREETED, ASKED, replace(ANSWERED, interrupted=True), *slow]
    assert figures(turns) == CallFigures(turns=5, caller_turns=2, interruptions=1, duration_ms=6000, reply_ms=1600)
    assert figures([]) == CallFigures(turns=0, caller_turns=0, interruptions=0, duration_ms=0, reply_ms=None)
