"""The model's prompt: a prefix per tenant that never changes, so that it stays warm, and the question last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from domain.answering.dialogue import PERSON, RECORD_STATUS, SMALLTALK, UNKNOWN, Dialogue
from domain.ports import ChatMessage
from domain.speech import Language, Speaker, script_language
from domain.tenant import TenantProfile
from domain.wording.politeness import Politeness, worded

ANSWER_TOKENS = 64
"""The intent takes about eight tokens and one short sentence thirty in English, fifty in Arabic."""

_HISTORY_CHARS = 240
"""Of what was said before, from its end: about 60 tokens, 0.9 s on two cores."""
_ADVICE_CHARS = 240
"""Of a note or guidance, from its beginning: written by people in a hurry, so the point comes first."""

_SHOTS = (
    ("Who is the president of America?", {"intent": UNKNOWN}),
    ("كم سعر الذهب اليوم؟", {"intent": UNKNOWN}),
    ("Nice weather in Dubai today, isn't it?", {"intent": SMALLTALK, "say": "Yes, lovely! How can I help you?"}),
    ("الجو حلو اليوم", {"intent": SMALLTALK, "say": "نعم، الجو جميل! كيف أقدر أساعدك؟"}),
)
"""In the prefix, before the tenant's own: what comes last weighs most with a small model. With two more questions
that make no sense, and these after the tenant's, it chose "unknown" for 41 of 52 questions."""

REGISTER_LINES: dict[Politeness, list[str]] = {
    Politeness.EVERYDAY: [],
    Politeness.FORMAL: [
        'Be formal. In English: no contractions, "may I", never "sir" or "madam". '
        "In Arabic: الفصحى، وبصيغة الجمع احتراماً: تفضلوا، لكم."
    ],
}
"""A line of the prompt about the model's own sentences."""


def prefix(profile: TenantProfile) -> list[ChatMessage]:
    """Who the agent is and what it may choose. About 350 tokens: 6 s on two cores, once."""
    topics = [f"- {fact.intent}: {fact.about}" for fact in profile.facts]
    if profile.record_word:
        topics.append(f"- {RECORD_STATUS}: the caller's own {profile.record_word[Language.EN]}, where or when it is")
    system = "\n".join(
        [
            profile.persona[Language.EN],
            *REGISTER_LINES[profile.politeness],
            "Say in JSON which topic the caller asks about.",
            "Topics:",
            *topics,
            f"- {PERSON}: wants to talk to a human",
            f"- {SMALLTALK}: friendly talk that asks for nothing; then also answer in one short sentence",
            f"- {UNKNOWN}: anything else, or words that make no sense",
        ]
    )
    shots = [(asked, {key: _said(text, profile) for key, text in move.items()}) for asked, move in _SHOTS]
    return [ChatMessage("system", system), *(message for shot in shots for message in _shot(*shot))]


def _said(text: str, profile: TenantProfile) -> str:
    return worded(text, script_language(text) or Language.EN, profile.politeness)


def _shot(question: str, move: dict[str, str]) -> tuple[ChatMessage, ChatMessage]:
    return ChatMessage("user", question), ChatMessage("assistant", json.dumps(move, ensure_ascii=False))


def question(text: str, examples: Sequence[tuple[str, str]], dialogue: Dialogue) -> list[ChatMessage]:
    """What follows the prefix: an example of each likely topic, then the caller's words.

    `examples` are pairs of topic and question, the likeliest first; they are given the other way round, so that the
    likeliest stands next to the question. The conversation so far comes with the words that lean on it.
    """
    shots = [message for intent, asked in reversed(examples) for message in _shot(asked, {"intent": intent})]
    before = _history(dialogue)
    return [*shots, ChatMessage("user", f"{before}\n{text}" if before else text)]


_CALLED = {Speaker.CALLER: "caller", Speaker.AGENT: "you", Speaker.ADVISOR: "your colleague"}


def _history(dialogue: Dialogue) -> str:
    advice = f"(your colleague notes: {dialogue.advice[:_ADVICE_CHARS]})" if dialogue.advice else ""
    leans_on_fact = dialogue.last_fact is not None and dialogue.answered_question
    if not leans_on_fact and not dialogue.heard_advisor:
        return advice
    lines = [f"({_CALLED[turn.speaker]}: {turn.text})" for turn in dialogue.history if turn.text]
    before = "\n".join(lines)[-_HISTORY_CHARS:]
    return f"{advice}\n{before}" if advice else before


def schema(intents: Sequence[str]) -> dict[str, Any]:
    """One move: the intent first, so that a grounded answer starts while the rest is not even written."""
    return {
        "type": "object",
        "properties": {
            "intent": {"type": "string", "enum": list(intents)},
            "say": {"type": "string", "maxLength": 200},
        },
        "required": ["intent"],
        "additionalProperties": False,
    }
