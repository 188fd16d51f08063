"""What is said around a tenant's own tool: what it still needs, whether the answer is the caller's, and the answer.

Pure, like domain.acting.order_talk, and of words with their numbers in digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.acting.assurance import Assured, KnownCaller, judge
from domain.acting.order_talk import NOT_PROVEN, phones_in
from domain.acting.tenant_tool import TenantTool, told
from domain.answering import policy, slots
from domain.answering.dialogue import TOOL, TOOL_FACT, TOOL_SLOT, Dialogue
from domain.answering.spelling import fold
from domain.moves import Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import Words

EN, AR = Language.EN, Language.AR
NOTHING_FOUND: Words = {
    EN: "I can't find anything under that. Please check it and tell me again.",
    AR: "لا أجد شيئاً بهذه البيانات. من فضلك تأكد منها وقلها مرة أخرى.",
}
ASK_FACT: Words = {
    EN: "To be sure that I tell the right person, what is the phone number on it?",
    AR: "حتى أتأكد أنني أخبر الشخص المعني، ما هو رقم الهاتف المسجل عليه؟",
}
"""The same whether or not there is anything: a stranger learns nothing from it, nor from the next."""
WRONG_FACT: Words = {
    EN: "I find nothing under that with this phone number. Please tell me the whole phone number once more.",
    AR: "لا أجد شيئاً بهذه البيانات مع رقم الهاتف هذا. من فضلك قل رقم الهاتف كاملاً مرة أخرى.",
}
TO_PERSON: Words = {
    EN: "I can't find anything by what you told me. Let me get a colleague for you.",
    AR: "لم أستطع العثور على شيء بهذه البيانات. سأوصلك بأحد الزملاء.",
}
LONGEST_VALUE = 80
"""Characters of a text slot; what is longer is a story and no value."""
_COUNTED: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "one واحد واحده",
            "two اثنين اثنان ثنتين",
            "three ثلاثه ثلاث",
            "four اربعه اربع",
            "five خمسه خمس",
            "six سته ست",
            "seven سبعه سبع",
            "eight ثمانيه ثمان ثماني",
            "nine تسعه تسع",
            "ten عشره عشر",
        ),
        start=1,
    )
    for word in words.split()
}
"""Small numbers stay words in what was heard: "one" is a number only where one was asked for."""
_NUMBER = re.compile(r"\d+")


def awaited(intent: str | None, heard: str) -> tuple[str | None, str | None]:
    """The tool and the slot that the agent asked for last; no slot where it asked for the proof."""
    if intent is not None and intent.startswith(TOOL_SLOT):
        name, _, field = intent.removeprefix(TOOL_SLOT).partition(":")
        return name, field
    if intent is not None and intent.startswith(TOOL_FACT) and slots.phones_said(heard):
        return intent.removeprefix(TOOL_FACT), None
    return None, None


def filled(tool: TenantTool, heard: str, awaited_field: str | None) -> dict[str, str | int]:
    """The slots that the words fill: a number or a listed word wherever it is said, any text only when asked for."""
    found: dict[str, str | int] = {}
    numbers = [number for number in _NUMBER.findall(heard) if len(number) < slots.SHORTEST_PHONE]
    for field in sorted(_required(tool), key=lambda field: (field != awaited_field, not _is_number(tool, field))):
        shape: Mapping[str, Any] = tool.takes["properties"].get(field, {})
        listed = shape.get("enum")
        if isinstance(listed, list):
            said = f" {fold(heard)} "
            options = [str(each) for each in listed]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            value = next((option for option in options if f" {fold(option)} " in said), None)
            found.update({field: value} if value is not None else {})
        elif shape.get("type") == "integer" and numbers:
            found[field] = int(numbers.pop(0))
        elif shape.get("type") == "integer" and field == awaited_field:
            counted = [_COUNTED[word] for word in fold(heard).split() if word in _COUNTED]
            found.update({field: counted[0]} if counted else {})
        elif shape.get("type") == "string" and numbers:
            found[field] = numbers.pop(0)
        elif shape.get("type") == "string" and field == awaited_field and 0 < len(heard.strip()) <= LONGEST_VALUE:
            found[field] = heard.strip()
    return found


def missing(tool: TenantTool, have: Mapping[str, str | int]) -> str | None:
    return next((field for field in _required(tool) if field not in have), None)


def ask(tool: TenantTool, field: str, language: Language, dialogue: Dialogue, *, again: bool) -> Move:
    """The tenant's own question for a slot; a caller who can't fill it after three is given to a person."""
    if again and dialogue.failures + 1 >= policy.FAILURES_BEFORE_PERSON:
        return policy.fail(dialogue, language, "")[0]
    text = tool.asks[field][language]
    return Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=f"{TOOL_SLOT}{tool.name}:{field}")


def moves(
    tool: TenantTool,
    output: Mapping[str, Any] | None,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    language: Language,
) -> list[Move]:
    """`output` is None where the tool knows nothing under these slots."""
    phones = phones_in((*said, heard))
    known = output or {}
    on_record = str(known.get(tool.proof) or "") if tool.proof is not None else None
    match judge(tool.assurance, KnownCaller(said=phones), on_record):
        case Assured.GRANTED if output is None:
            return policy.fail(dialogue, language, NOTHING_FOUND[language])
        case Assured.GRANTED:
            text = told(tool, known)[language]
            return [Say(text=text, language=language, kind=TurnKind.ANSWER, intent=f"{TOOL}{tool.name}")]
        case Assured.PERSON:
            return [policy.to_person(NOT_PROVEN, TO_PERSON[language], language)]
        case Assured.ASK | Assured.ASK_AGAIN:
            words = WRONG_FACT if slots.phones_said(heard) else ASK_FACT
            intent = f"{TOOL_FACT}{tool.name}"
            return [Say(text=words[language], language=language, kind=TurnKind.CLARIFY, intent=intent)]


def gathered(tool: TenantTool, parts: Sequence[tuple[str, str]]) -> dict[str, str | int]:
    """The slots that all words for a tool fill: what was asked for counts, and what was said for another stays."""
    found: dict[str, str | int] = {}
    for awaited_field, heard in parts:
        for field, value in filled(tool, heard, awaited_field or None).items():
            if field == awaited_field or field not in found:
                found[field] = value
    return {field: found[field] for field in _required(tool) if field in found}


def _is_number(tool: TenantTool, field: str) -> bool:
    return tool.takes["properties"].get(field, {}).get("type") == "integer"


def _required(tool: TenantTool) -> list[str]:
    return [str(field) for field in tool.takes.get("required", ())]
