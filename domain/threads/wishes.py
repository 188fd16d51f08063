"""Whether somebody wants no messages any more, or wants them again: the words that every service knows, and Arabic."""

from __future__ import annotations

from enum import StrEnum

from domain.answering.spelling import fold

_OUT = frozenset(
    map(
        fold,
        (
            *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "opt out", "optout", "revoke"),
            *("إيقاف", "ايقاف", "أوقف", "أوقفوا", "توقف", "إلغاء", "إلغاء الاشتراك", "الغ الاشتراك", "قف"),
            *("أوقفوا الرسائل", "أوقف الرسائل", "لا ترسلوا", "لا تراسلني", "لا تراسلوني"),
        ),
    )
)
_IN = frozenset(
    map(
        fold,
        (*("start", "unstop", "subscribe", "opt in", "resume"), *("ابدأ", "بدء", "اشتراك", "تفعيل", "استئناف")),
    )
)


class Wish(StrEnum):
    OUT = "out"
    IN = "in"


def wish_in(text: str) -> Wish | None:
    """Only a message that says nothing else: "stop" within a sentence may be about a bus."""
    folded = fold(text).strip()
    if folded in _OUT:
        return Wish.OUT
    return Wish.IN if folded in _IN else None
