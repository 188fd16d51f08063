"""What the agent's last sentence asks for, as far as it tells how long the answer may take."""

from __future__ import annotations

import re
from enum import StrEnum

from domain.turn_taking.words import listed, plain_words


class Asked(StrEnum):
    ANYTHING = "anything"
    YES_OR_NO = "yes or no"
    """Answered in a word, and that word ends it."""
    NUMBER = "number"
    """Answered in groups of digits with pauses between them."""


_NUMBER = listed("number digit digits code pin رقم رقمك الرقم رقمكم هاتفك جوالك الكود الرمز ارقام أرقام أرقامه خانة")
_BIDS = listed(
    "what what's which tell give say enter spell repeat please may can could ما كم أي شو وش ايش عطني اعطني "
    "أعطني قل قول ممكن"
)
_OPENS_YES_OR_NO = listed("is are was do does did shall should would will can could may have has هل")
_LEAVES_A_CHOICE = listed("what who whom where which how why when or متى وين اين أين كم كيف ليش لماذا ماذا أو او أم")
_ANSWER_IS_GIVEN = re.compile(r"\byes or no\b|نعم أو لا")


def asked_by(text: str) -> Asked:
    """`text` is what the agent has said up to the end of its sentence, in either language."""
    if _ANSWER_IS_GIVEN.search(text.lower()):
        return Asked.YES_OR_NO
    last = _last_sentence(text)
    words = plain_words(last)
    if _NUMBER.intersection(words) and _BIDS.intersection(words):
        return Asked.NUMBER
    opens = bool(words) and words[0] in _OPENS_YES_OR_NO
    if last.endswith(("?", "؟")) and opens and not _LEAVES_A_CHOICE.intersection(words):
        return Asked.YES_OR_NO
    return Asked.ANYTHING


def _last_sentence(text: str) -> str:
    sentences = re.findall(r"[^.!?؟]+[.!?؟]*", text)
    return sentences[-1].strip() if sentences else ""
