"""Every code that a brief can hold is on the list for which the desk's pages must have words in both languages.

The list is web/src/desk/codes.json, and web/src/desk/codes.test.ts looks at the words. To write it anew:
python -m tests.domain.desk.test_codes, then `npm run format` in web
"""

from __future__ import annotations

import json
from pathlib import Path

from domain.acting import telling
from domain.acting.afterwards import AFTERWARDS
from domain.acting.errands import callback, ticket, visit
from domain.acting.limits import PER_CALL
from domain.acting.order_talk import NOT_PROVEN
from domain.answering import dialogue
from domain.answering.escalation import AMOUNT, TOOL_DOWN
from domain.answering.policy import CALLER_ASKED, EMERGENCY, FAILURES, KEY_ZERO, MODEL_PROPOSED
from domain.crm import TicketState
from domain.desk import brief
from domain.desk.customer import TICKET_KINDS, CrmAnswer, FoundBy
from domain.desk.done_here import KINDS, SYSTEM
from domain.handoff import CALLS_BACK, CAMPAIGN
from domain.mood.estimate import Evidence, Mood
from gateway.desk.board import SUPERVISOR_WANTED, TAKEN_OVER
from gateway.desk.hooks import BY_FOREIGN_DESK
from realtime.brain import HOURS
from workers.vendors.crm import CONNECTORS

LIST = Path(__file__).parents[3] / "web" / "src" / "desk" / "codes.json"


def codes() -> dict[str, list[str]]:
    by_agent = (CALLER_ASKED, KEY_ZERO, MODEL_PROPOSED, EMERGENCY, FAILURES, TOOL_DOWN, AMOUNT, NOT_PROVEN)
    by_people = (SUPERVISOR_WANTED, TAKEN_OVER, CALLS_BACK, CAMPAIGN, BY_FOREIGN_DESK)
    about_orders = (
        dialogue.RECORD_STATUS,
        dialogue.ASK_NUMBER,
        dialogue.ASK_FACT,
        dialogue.WRONG_FACT,
    )
    in_general = (
        dialogue.PERSON,
        dialogue.SMALLTALK,
        dialogue.UNKNOWN,
        dialogue.DOCUMENTS_AWAY,
        dialogue.LANGUAGE,
        dialogue.ANYTHING_ELSE,
        EMERGENCY,
        "opt_out",
        HOURS,
    )
    about_deeds = (
        dialogue.ASK_TROUBLE,
        dialogue.ASK_NOTE,
        dialogue.TICKET_UPDATED,
        *dialogue.DEEDS,
        telling.UNDONE,
        ticket.HISTORY_TOLD,
    )
    return {
        "reason": sorted((*by_agent, *by_people)),
        "mood": sorted(Mood),
        "evidence": sorted(Evidence),
        "action": sorted(brief.SUGGESTIONS),
        "fact": sorted(TICKET_KINDS.values()),
        "did": sorted(KINDS),
        "system": sorted((SYSTEM, *CONNECTORS)),
        "crm": sorted(CrmAnswer),
        "foundBy": sorted(FoundBy),
        "ticketState": sorted(TicketState),
        "task": sorted((*PER_CALL, *AFTERWARDS)),
        "errand": sorted((callback.KIND, visit.KIND)),
        "intent": sorted({*about_orders, *in_general, *about_deeds}),
    }


def test_the_pages_know_every_code() -> None:
    assert json.loads(LIST.read_text()) == codes()


if __name__ == "__main__":
    LIST.write_text(json.dumps(codes(), indent=2) + "\n")
