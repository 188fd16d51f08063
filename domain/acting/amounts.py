"""Amounts of money in what callers ask to be done, as far as the agent must not decide about them."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.answering.spelling import ascii_digits, fold
from domain.answering.wordlist import WordList

_FIGURES = r"(?:\d{1,3}(?:[ ,]\d{3})+|\d+)(?:\.\d+)?"
"""Thousands may be apart: "1 500", "1,500"."""
_MONEY = re.compile(
    rf"(?:(?:aed|dhs?|usd|eur|\$|€)\s*(?P<after>{_FIGURES}))"
    rf"|(?:(?P<before>{_FIGURES})\s*(?:aed|dhs?|dirhams?|usd|dollars?|euros?|\$|€|درهم|دراهم|درهما|دولار|يورو))",
    re.IGNORECASE,
)
_MOVES_MONEY = WordList(
    """refund, refund me, refunded, a refund, money back, pay me, pay back, pay me back, compensate, compensation,
    reimburse, reimbursement, credit me, charge me, transfer me, transfer to me, cash back, استرجاع, استرداد, استرد,
    استرجع, رجعوا, رجعولي, رجعوا لي, ترجعوا, ترجعولي, ارجاع, اعاده المبلغ, تعويض, عوضوني, تعوضوني, حولوا, تحويل, خصم,
    ادفعوا, تدفعوا لي, فلوسي, مبلغي"""
)


def amount_to_move(text: str) -> Decimal | None:
    """The highest amount that `text`, with figures for numbers, asks to be paid; None where it asks for none."""
    if not _MOVES_MONEY.found_in(fold(text)):
        return None
    found = [match["after"] or match["before"] for match in _MONEY.finditer(ascii_digits(text))]
    return max((Decimal(re.sub(r"[ ,]", "", amount)) for amount in found), default=None)
