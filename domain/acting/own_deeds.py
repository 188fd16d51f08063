"""What is said around a tenant's own tool that has an effect: the question before it, and what became of it.

Pure, like domain.acting.tool_talk. It is never begun on a guess: the caller hears what it would be, and says yes.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.acting.action import ActionState, ActResult
from domain.acting.tenant_tool import ACTION, TenantTool
from domain.answering import tickets, triggers
from domain.answering.dialogue import ANYTHING_ELSE, PERSON, TOOL, TOOL_CONFIRM, Dialogue
from domain.answering.replies import Reply, yes_or_no
from domain.answering.spelling import fold
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import Words

EN, AR = Language.EN, Language.AR
SHALL_I: Words = {
    EN: "{about}: {values}. Shall I do that now?",
    AR: "{about}: {values}. هل أنفذ ذلك الآن؟",
}
NOT_THEN: Words = {
    EN: "All right, I leave it. Is there anything else?",
    AR: "حسناً، لن أفعل ذلك. هل هناك شيء آخر؟",
}
DOING: Words = {
    EN: "One moment, I am doing that for you.",
    AR: "لحظة من فضلك، أنفذ ذلك لك.",
}
DONE: Words = {
    EN: "That is done.",
    AR: "تم ذلك.",
}
DONE_BEFORE: Words = {
    EN: "I have done that already. {done}",
    AR: "لقد فعلت ذلك من قبل. {done}",
}
UNDER_WAY: Words = {
    EN: "That is on its way. I will tell you as soon as it is done.",
    AR: "طلبك قيد التنفيذ. سأخبرك عندما يتم.",
}
NOT_POSSIBLE: Words = {
    EN: "I'm sorry, that wasn't possible. Shall I connect you to a colleague?",
    AR: "أعتذر، لم يكن ذلك ممكناً. هل أوصلك بأحد الزملاء؟",
}
NOT_CERTAIN: Words = {
    EN: "I'm not certain that it went through. A colleague will check it and contact you.",
    AR: "لست متأكداً من أن ذلك تم. سيتحقق أحد الزملاء ويتواصل معك.",
}


def ask(tool: TenantTool, slots: Mapping[str, str | int], language: Language) -> Move:
    values = "، ".join(map(str, slots.values())) if language is AR else ", ".join(map(str, slots.values()))
    text = SHALL_I[language].format(about=tool.about[language], values=values)
    if not slots:
        text = text.replace(": .", ".")
    return Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=f"{TOOL_CONFIRM}{tool.name}")


def awaits_yes(dialogue: Dialogue) -> str | None:
    """The tool that the agent asked about last."""
    intent = dialogue.last_intent or ""
    return intent.removeprefix(TOOL_CONFIRM) if intent.startswith(TOOL_CONFIRM) else None


def confirmed(tool: TenantTool, slots: Mapping[str, str | int], heard: str, language: Language) -> list[Move]:
    """Nothing where the words answer neither way: then they are about something else."""
    folded = fold(heard)
    if triggers.says_no(folded):
        return [Say(text=NOT_THEN[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
    if yes_or_no(folded) is not Reply.YES:
        return []
    act = Act(
        action=f"{ACTION}{tool.name}",
        slots={"subject": _subject(slots), **{field: str(value) for field, value in slots.items()}},
        done=dict(tool.answer),
        needs_approval=tool.needs_advisor,
    )
    return [Say(text=DOING[language], language=language, kind=TurnKind.FILLER), act]


def told(result: ActResult, done: Words, language: Language) -> tuple[str, str]:
    """The sentence about what became of any action, and its intent. `done` is a tenant's own for one of its tools."""
    if not result.action.startswith(ACTION):
        return tickets.told(result, language)
    intent = f"{TOOL}{result.action.removeprefix(ACTION)}"
    match result.state:
        case ActionState.DONE:
            sentence = _done(result, done, language)
            return (DONE_BEFORE[language].format(done=sentence) if result.known else sentence), intent
        case ActionState.RUNNING:
            return UNDER_WAY[language], intent
        case ActionState.WAITING_APPROVAL:
            return tickets.WAITS_FOR_APPROVAL[language], intent
        case ActionState.REJECTED:
            return NOT_POSSIBLE[language], PERSON
        case ActionState.UNKNOWN:
            return NOT_CERTAIN[language], intent


def _done(result: ActResult, done: Words, language: Language) -> str:
    sentence = done.get(language, DONE[language])
    if "{reference}" not in sentence:
        return sentence
    return sentence.replace("{reference}", result.reference) if result.reference else DONE[language]


def _subject(slots: Mapping[str, str | int]) -> str:
    """One word for each field: asked for again with the same, it is the same action."""
    return " ".join(f"{field}={'_'.join(fold(str(value)).split())}" for field, value in sorted(slots.items()))
