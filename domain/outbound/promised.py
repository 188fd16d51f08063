"""A promised callback that is dialled by itself: whether, what is said first, and what its result means."""

from __future__ import annotations

from enum import StrEnum

from domain.desk.callbacks import CallbackReason, Contact
from domain.outbound.calling_out import OutboundResult
from domain.outbound.opening import HOW_CAN_I_HELP, IT_IS, Opening
from domain.speech import Language
from domain.tenant import CallbackDialling, TenantProfile, Words

BY_ITSELF = "outbound"
"""Who has claimed a callback that is dialled by itself."""

EN, AR = Language.EN, Language.AR

WHY: dict[CallbackReason, Words] = {
    CallbackReason.CALLER_CHOSE: {
        EN: "You asked us to call you back.",
        AR: "طلبت منا أن نعاود الاتصال بك.",
    },
    CallbackReason.CLOSED: {
        EN: "You called us outside of our working hours.",
        AR: "اتصلت بنا خارج أوقات العمل.",
    },
    CallbackReason.NOBODY_FREE: {
        EN: "You called us when nobody was free.",
        AR: "اتصلت بنا ولم يكن أحد متفرغاً.",
    },
    CallbackReason.LOST: {
        EN: "You called us, and we were cut off.",
        AR: "اتصلت بنا وانقطع الاتصال.",
    },
    CallbackReason.NOT_UNDERSTOOD: {
        EN: "You called us, and I could not hear you well.",
        AR: "اتصلت بنا ولم أسمعك جيداً.",
    },
    CallbackReason.MESSAGE_LEFT: {
        EN: "You left us a message.",
        AR: "تركت لنا رسالة صوتية.",
    },
}
TO_A_COLLEAGUE: Words = {
    EN: "I'm connecting you to a colleague now.",
    AR: "سأوصلك الآن بأحد الزملاء.",
}


class DialNow(StrEnum):
    YES = "yes"
    LATER = "later"
    """Not at this moment: nobody is ready to take the call."""
    NO = "no"
    """People keep this promise."""


class AfterDial(StrEnum):
    """What becomes of a promise."""

    KEPT = "kept"
    TRIED = "tried"
    """Once more later, as after a try of a person's."""
    AGAIN = "again"
    """Nothing was dialled, and soon it may be."""
    BY_PEOPLE = "by_people"
    """It may have rung, or it may not be dialled by us: in this window only a person calls."""


def dial_now(profile: TenantProfile, contact: Contact, *, is_anybody_ready: bool) -> DialNow:
    """Of a promise that is due. A caller whose page is still open is called over that, by a person."""
    if profile.callback_dialling is CallbackDialling.BY_HAND or contact.number is None or contact.call_lives:
        return DialNow.NO
    if profile.callback_dialling is CallbackDialling.ADVISOR and not is_anybody_ready:
        return DialNow.LATER
    return DialNow.YES


def opening_of(reason: CallbackReason, profile: TenantProfile, language: Language, about: str | None) -> Opening:
    """Whoever picks up need not be the caller: what they wanted is for the agent alone."""
    to_advisor = profile.callback_dialling is CallbackDialling.ADVISOR
    last = TO_A_COLLEAGUE if to_advisor else HOW_CAN_I_HELP
    said = (IT_IS[language].format(name=profile.name[language]), WHY[reason][language], last[language])
    return Opening(language=language, text=" ".join(said), about=about)


def after_dial(result: OutboundResult) -> AfterDial:
    match result:
        case OutboundResult.ANSWERED:
            return AfterDial.KEPT
        case OutboundResult.NO_LINE | OutboundResult.NO_ROOM | OutboundResult.TOO_MANY:
            return AfterDial.AGAIN
        case OutboundResult.UNKNOWN | OutboundResult.NOT_ALLOWED | OutboundResult.STOPPED:
            return AfterDial.BY_PEOPLE
        case (
            OutboundResult.MACHINE
            | OutboundResult.BUSY
            | OutboundResult.NO_ANSWER
            | OutboundResult.REJECTED
            | OutboundResult.UNREACHABLE
            # The rules of calling say what is next, and give up whom nobody may call.
            | OutboundResult.NO_NUMBER
            | OutboundResult.DO_NOT_CALL
            | OutboundResult.NOT_NOW
        ):
            return AfterDial.TRIED
