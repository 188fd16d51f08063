"""The model's prompt: a prefix per tenant that never changes, so that it stays warm, and the question last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from domain.dialogue import PERSON, RECORD_STATUS, SMALLTALK, UNKNOWN, Dialogue
from domain.ports import ChatMessage
from domain.speech import Language, Speaker
from domain.tenant import TenantProfile

ANSWER_TOKENS = 64
"""The intent takes about eight tokens and one short sentence thirty in English, fifty in Arabic."""

_HISTORY_CHARS = 240
"""Of what was said before, from its end: about 60 tokens, 0.9 s on two cores."""

_SMALLTALK_SHOTS = {
    "Nice weather in Dubai today, isn't it?": "Yes, lovely! How can I help you?",
    "الجو حلو اليوم": "نعم، الجو جميل! كيف أقدر أساعدك؟",
}
_UNKNOWN_SHOTS = (
    "Who is the president of America?",
    "كم سعر الذهب اليوم؟",
    "the a window for and seven",
    "كان في الشط يا ناس ولا",
)


def prefix(profile: TenantProfile) -> list[ChatMessage]:
    """Who the agent is, what it may choose, and one example each way for every topic."""
    topics = [f"- {fact.intent}: {fact.about}" for fact in profile.facts]
    if profile.records:
        topics.append(f"- {RECORD_STATUS}: the caller's own {profile.record_word[Language.EN]}, where or when it is")
    system = "\n".join(
        [
            profile.persona[Language.EN],
            "Say in JSON which topic the caller asks about.",
            "Topics:",
            *topics,
            f"- {PERSON}: wants to talk to a human",
            f"- {SMALLTALK}: friendly talk that asks for nothing; then also answer in one short sentence",
            f"- {UNKNOWN}: anything else, or words that make no sense",
        ]
    )
    messages = [ChatMessage("system", system)]
    for question, move in _shots(profile):
        messages += [ChatMessage("user", question), ChatMessage("assistant", json.dumps(move, ensure_ascii=False))]
    return messages


def _shots(profile: TenantProfile) -> list[tuple[str, dict[str, str]]]:
    asked = [(fact.intent, fact.examples) for fact in profile.facts]
    if profile.records:
        asked.append((RECORD_STATUS, profile.record_examples))
    # What comes last weighs most with a small model: with "unknown" at the end it chose that for 41 of 52 questions.
    shots: list[tuple[str, dict[str, str]]] = [(question, {"intent": UNKNOWN}) for question in _UNKNOWN_SHOTS]
    shots += [(said, {"intent": SMALLTALK, "say": answer}) for said, answer in _SMALLTALK_SHOTS.items()]
    for language in Language:
        for intent, examples in asked:
            # The second example: the first is mostly the topic's own name, which the list above has.
            given = examples.get(language, ())[1:2] or examples.get(language, ())[:1]
            shots += [(question, {"intent": intent}) for question in given]
    return shots


def question(text: str, dialogue: Dialogue) -> ChatMessage:
    """The caller's words, after as much of the conversation as the budget allows where they lean on it."""
    before = _history(dialogue)
    return ChatMessage("user", f"{before}\n{text}" if before else text)


def _history(dialogue: Dialogue) -> str:
    if dialogue.last_fact is None or not dialogue.answered_question:
        return ""
    lines = [
        f"({'caller' if turn.speaker is Speaker.CALLER else 'you'}: {turn.text})"
        for turn in dialogue.history
        if turn.text
    ]
    return "\n".join(lines)[-_HISTORY_CHARS:]


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
