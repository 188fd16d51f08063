"""What a conversation has come to, folded from its finished turns, so that it can be rebuilt from the store."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from domain.answering.spelling import ascii_digits
from domain.speech import Language, Speaker, Turn, TurnKind

RECORD_STATUS = "record_status"
"""Intent of everything about the caller's own order or appointment."""
ASK_NUMBER = "ask_number"
ASK_FACT = "ask_fact"
WRONG_FACT = "wrong_fact"
"""Intents of the question for what proves that an order is the caller's own, and of what is said when that is wrong."""
ASK_TROUBLE = "ask_trouble"
ASK_NOTE = "ask_note"
"""Intents of the questions what a ticket is about, and what to add to one."""
ERRAND = "errand:"
ERRAND_AGAIN = "errand_again:"
"""Before an errand's kind and step, in the intents of its questions: what is missing, and the same once more."""
CANCELLED = "cancelled:"
"""Before an action's name, in the intent of a turn that told that it was taken back."""
DEEDS = {
    "ticket_made": "create_ticket",
    "ticket_known": "create_ticket",
    "visit_booked": "book_visit",
    "callback_scheduled": "schedule_callback",
}
"""What was done, by the intent of the turn that told it, where it can be taken back."""
TICKET_UPDATED = "ticket_updated"
TOOL = "tool:"
TOOL_SLOT = "tool_slot:"
TOOL_FACT = "tool_fact:"
TOOL_CONFIRM = "tool_confirm:"
"""Before a tool's name, in the intents of its answer and of the questions for a slot, for the proof and for a yes."""
TEXTING = "texting:"
"""Before what was asked or said about a text message that the caller wants, see domain.texting.talk."""
PERSON = "person"
SMALLTALK = "smalltalk"
UNKNOWN = "unknown"
DOCUMENTS_AWAY = "documents_away"
"""Intent of the offer of a person for a question that only the documents could answer, which can't be looked into."""
LANGUAGE = "language"
ANYTHING_ELSE = "anything_else"
"""Intents of the agent's own turns, beside the tenant's facts."""

_NOT_FACTS = {SMALLTALK, ANYTHING_ELSE, LANGUAGE, PERSON, "emergency", "opt_out"}
KNOWLEDGE_PREFIX = "knowledge:"
"""Before the source, in the intent of a turn that quoted a document."""
HANDOFF_PREFIX = "handoff:"
"""Before the reason, in the intent of a turn that announced a Handoff."""
_QUESTIONS_BACK = {ASK_NUMBER, ASK_FACT}
"""Clarifying turns that are a step forward and not a failure."""

HISTORY_TURNS = 4
"""Turns kept for the model: two exchanges. Each costs it about 0.3 s per 20 words on two cores."""

ADVISED_ANSWERS = 3
"""Answers for which an advisor's note or a supervisor's guidance holds: a subject rarely takes more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """The state that policy decides on. It changes by turns that really happened, never by an abandoned answer."""

    default_language: Language
    preferred: Language | None = None
    """The language that the caller asked for."""
    failures: int = 0
    """Turns in a row in which the agent didn't understand, didn't know, or broke."""
    last_intent: str | None = None
    """Intent of the agent's last turn."""
    last_fact: str | None = None
    """The last intent that was answered, also when courtesies followed."""
    last_answer: str = ""
    cut_short: bool = False
    """The agent's last turn was talked over."""
    last_told: str = ""
    """The last words that told the caller something, as far as they were heard: what can be sent to them."""
    last_question: str = ""
    answered_question: str = ""
    """The caller's question that a fact has answered, for those that lean on it."""
    history: tuple[Turn, ...] = ()
    said: tuple[str, ...] = ()
    """Everything that the caller said or typed: what they are believed by, see domain.acting.assurance."""
    asking: str = ""
    """What the caller said since the agent last answered or asked."""
    asked_to_prove: str = ""
    """The caller's words for which a proof was asked: they name the order."""
    for_tool: tuple[tuple[str, str], ...] = ()
    """What the caller said for the tool about which a question is open: the field that they were asked for, if any, and
    their words."""
    errand: str = ""
    """The caller's words of the errand about which a question is open."""
    deeds: tuple[str, ...] = ()
    """The actions that this call did, the latest last, without those that were taken back."""
    ticket: str | None = None
    """The number of the ticket that this call opened last, as it was told."""
    advice: str = ""
    """What somebody at work wants the agent to know."""
    advised_answers: int = 0
    """Answers for which the advice still holds."""

    @property
    def awaits_number(self) -> bool:
        return self.last_intent == ASK_NUMBER

    @property
    def awaits_fact(self) -> bool:
        return self.last_intent in {ASK_FACT, WRONG_FACT}

    @property
    def errand_step(self) -> tuple[str, str] | None:
        """The errand's kind and the step about which the agent asked last."""
        if self.last_intent == ASK_NOTE:
            return "note", "words"
        for prefix in (ERRAND, ERRAND_AGAIN):
            if self.last_intent is not None and self.last_intent.startswith(prefix):
                kind, _, step = self.last_intent.removeprefix(prefix).partition(":")
                return kind, step
        return None

    @property
    def awaits_more(self) -> bool:
        return self.last_intent == ANYTHING_ELSE

    def language_for(self, spoken: Language | None) -> Language:
        """The language to answer in, `spoken` being the caller's where it is certain."""
        if self.preferred is not None:
            return self.preferred
        if spoken is not None:
            return spoken
        return self.history[-1].language if self.history else self.default_language

    @property
    def heard_advisor(self) -> bool:
        """Whether an advisor spoke with the caller a moment ago."""
        return any(turn.speaker is Speaker.ADVISOR for turn in self.history)

    def with_advice(self, text: str) -> Dialogue:
        return replace(self, advice=text, advised_answers=ADVISED_ANSWERS)

    def after(self, turn: Turn) -> Dialogue:
        """The state once `turn`, of either side, is over."""
        history = (*self.history, turn)[-HISTORY_TURNS:]
        if turn.speaker is Speaker.ADVISOR:
            return replace(self, history=history, failures=0)
        if turn.speaker is not Speaker.AGENT:
            return replace(
                self,
                history=history,
                last_question=turn.text or self.last_question,
                said=(*self.said, turn.text),
                asking=f"{self.asking} {turn.text}".strip(),
            )
        match turn.kind:
            case TurnKind.ANSWER:
                answered = _fact_in(turn)
                left = max(0, self.advised_answers - 1)
                return replace(
                    self,
                    history=history,
                    advised_answers=left,
                    advice=self.advice if left else "",
                    failures=0,
                    preferred=turn.language if turn.intent == LANGUAGE else self.preferred,
                    last_intent=turn.intent,
                    last_fact=answered or self.last_fact,
                    answered_question=self.last_question if answered else self.answered_question,
                    last_answer=turn.text or self.last_answer,
                    last_told=turn.text if answered and turn.text else self.last_told,
                    cut_short=turn.interrupted,
                    asking="",
                    for_tool=(),
                    errand="",
                    deeds=_deeds_after(self.deeds, turn.intent),
                    ticket=_ticket_after(self.ticket, turn),
                )
            case TurnKind.CLARIFY | TurnKind.APOLOGY:
                failed = not _is_question_back(turn.intent)
                return replace(
                    self,
                    history=history,
                    failures=self.failures + failed,
                    last_intent=turn.intent,
                    last_answer=turn.text or self.last_answer,
                    cut_short=turn.interrupted,
                    asking="",
                    asked_to_prove=self.asking if turn.intent == ASK_FACT else self.asked_to_prove,
                    for_tool=self._for_tool_after(turn.intent),
                    errand=self._errand_after(turn.intent),
                )
            case TurnKind.GREETING | TurnKind.FILLER | TurnKind.PROMPT | TurnKind.GOODBYE | None:
                return replace(self, history=history)

    def _for_tool_after(self, intent: str | None) -> tuple[tuple[str, str], ...]:
        """With the words that led to this question; one about another tool begins anew."""
        asked, before = tool_asked(intent), tool_asked(self.last_intent)
        if asked is None:
            return ()
        if before is None or before[0] != asked[0]:
            return (("", self.asking),)
        return (*self.for_tool, (before[1], self.asking))

    def _errand_after(self, intent: str | None) -> str:
        """Its words so far, once this question is asked; a question of another kind begins anew."""
        asked = replace(self, last_intent=intent).errand_step
        if asked is None:
            return ""
        if intent == self.last_intent == ASK_NOTE:
            # What could not be taken down is no part of it.
            return self.errand
        goes_on = self.errand_step is not None and self.errand_step[0] == asked[0]
        return f"{self.errand}\n{self.asking}".strip() if goes_on else self.asking


def tool_asked(intent: str | None) -> tuple[str, str] | None:
    """The tool that a question of ours was for, and the field, where it asked for one."""
    for prefix in (TOOL_SLOT, TOOL_FACT, TOOL_CONFIRM):
        if intent is not None and intent.startswith(prefix):
            name, _, field = intent.removeprefix(prefix).partition(":")
            return name, field
    return None


def _is_question_back(intent: str | None) -> bool:
    return intent in _QUESTIONS_BACK or (
        intent is not None and intent.startswith((TOOL_FACT, TOOL_CONFIRM, ERRAND, TEXTING))
    )


def _deeds_after(deeds: tuple[str, ...], intent: str | None) -> tuple[str, ...]:
    if intent in DEEDS:
        return (*(deed for deed in deeds if deed != DEEDS[intent]), DEEDS[intent])
    undone = (intent or "").removeprefix(CANCELLED) if (intent or "").startswith(CANCELLED) else None
    return tuple(deed for deed in deeds if deed != undone)


def _ticket_after(ticket: str | None, turn: Turn) -> str | None:
    if turn.intent == f"{CANCELLED}create_ticket":
        return None
    if DEEDS.get(turn.intent or "") != "create_ticket":
        return ticket
    told = re.findall(r"\d+", ascii_digits(turn.text))
    return told[-1] if told else ticket


def _fact_in(turn: Turn) -> str | None:
    if turn.intent is None or turn.intent in _NOT_FACTS or turn.intent.startswith((HANDOFF_PREFIX, TEXTING)):
        return None
    return turn.intent
