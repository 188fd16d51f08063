"""Taking back what was just done: "no, cancel that"."""

from __future__ import annotations

from domain.acting.errands.ticket import HISTORY_TOLD
from domain.answering.dialogue import ANYTHING_ELSE, DEEDS, TICKET_UPDATED, Dialogue
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import Words

CANCEL = "cancel"

EN, AR = Language.EN, Language.AR
CANCELLING: Words = {EN: "One moment, I am taking it back.", AR: "لحظة من فضلك، ألغي ذلك."}
STAYS: Words = {
    EN: "What was added stays in the ticket. To correct it, tell me what to add. Is there anything else?",
    AR: "ما أُضيف يبقى في التذكرة. لتصحيحه قل لي ماذا أضيف. هل هناك شيء آخر؟",
}
CANCELLED: dict[str, Words] = {
    "create_ticket": {
        EN: "Your ticket {reference} is closed again. Is there anything else?",
        AR: "أغلقت التذكرة رقم {reference}. هل هناك شيء آخر؟",
    },
    "book_visit": {
        EN: "The visit is cancelled. Nobody will come. Is there anything else?",
        AR: "ألغيت الزيارة، لن يأتي أحد. هل هناك شيء آخر؟",
    },
    "schedule_callback": {
        EN: "The call is cancelled. Nobody will call you. Is there anything else?",
        AR: "ألغيت الاتصال، لن يتصل بك أحد. هل هناك شيء آخر؟",
    },
}

_TAKE_BACK = WordList(
    """cancel, cancel that, cancel it, cancel this, undo that, undo it, take that back, take it back, scrap that,
    delete that, delete it, close it again,
    close my ticket, close the ticket, dont do that, i dont want that, i dont want it anymore, not that,
    الغ, الغه, الغها, الغي, الغيه, الغيها, الغوا, الغوه, الغوها, الغاء, الغا, كنسل, كنسله, كنسلها, كنسلوا, احذفها,
    احذفه, امسحها, امسحه, سكرها, تراجع, لا ابغيها, لا ابيها, ما ابيها, ما ابغيها, ما عاد ابيها, مابيها, بلاها"""
)
_NAMED = (
    (WordList("ticket, complaint, case, تذكره, شكوي, بلاغ"), "create_ticket"),
    (WordList("visit, technician, engineer, booking, appointment, زياره, فني, موعد, حجز"), "book_visit"),
    (WordList("callback, call back, call, اتصال, مكالمه"), "schedule_callback"),
)
_WHOLE = WordList(
    """cancel my ticket, cancel the ticket, cancel ticket, close my ticket, close the ticket, cancel my complaint,
    الغ التذكره, الغ تذكرتي, الغي التذكره, الغي تذكرتي, الغوا التذكره, كنسل التذكره, كنسل تذكرتي, كنسلوا التذكره,
    سكر التذكره, سكروا التذكره, الغاء التذكره, الغ الشكوي, الغي الشكوي, كنسل الشكوي"""
)
"""The ticket, and not only what was added to it."""
_MOST_WORDS = 10
"""A longer sentence says more than to take something back."""


def _just_spoken_of(dialogue: Dialogue) -> str | None:
    if dialogue.last_intent == HISTORY_TOLD and dialogue.ticket is not None:
        return "create_ticket" if dialogue.ticket in dialogue.last_answer else None
    return DEEDS.get(dialogue.last_intent or "")


def moves(text: str, dialogue: Dialogue, language: Language) -> list[Move] | None:
    """None where nothing is to be taken back: it names another thing, or nothing was done just before."""
    folded = fold(text)
    if dialogue.last_intent == TICKET_UPDATED and _TAKE_BACK.found_in(folded) and not _WHOLE.found_in(folded):
        return [Say(text=STAYS[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
    if not dialogue.deeds or not _TAKE_BACK.found_in(folded) or len(folded.split()) > _MOST_WORDS:
        return None
    named = next((what for words, what in _NAMED if words.found_in(folded)), None)
    what = named or _just_spoken_of(dialogue)
    if what is None or what not in dialogue.deeds:
        return None
    return [
        Say(text=CANCELLING[language], language=language, kind=TurnKind.FILLER),
        Act(action=CANCEL, slots={"subject": what, "what": what}),
    ]
