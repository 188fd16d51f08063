"""Written values in a text, found and read out: dates, times, money, phones, ids, ranges, and numbers of every kind."""

from __future__ import annotations

import contextlib
import datetime
import re
import unicodedata
from types import ModuleType

from domain.speech import Language
from engines import words_ar, words_en

LONGEST_NUMBER = 11
"""Digits; longer ones, and those of seven and more without separators, are identifiers and are read singly."""
LONGEST_QUANTITY = 6
DIGIT_GROUP = 3

_PERIOD = r"(?:\s*(?P<{0}>[ap]\.?m\b\.?|صباحا|صباحًا|مساء|مساءً|ص\b|م\b))"
_CODES = "|".join(words_en.CURRENCIES)
_CURRENCY_WORDS = {
    "AED": "dirhams?|dhs?|درهم|دراهم|د\\.إ",
    "SAR": "riyals?|ريال|ريالات",
    "KWD": "dinars?|دينار|دنانير",
    "EGP": "جنيه|جنيهات",
    "USD": "dollars?|\\$|دولار|دولارات",
    "EUR": "euros?|€|يورو",
    "GBP": "pounds?|£",
}
_CURRENCY = f"(?:{_CODES}|{'|'.join(_CURRENCY_WORDS.values())})"
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_MONTH_NAMES = "|".join(words_en.MONTHS)
_ID_WORD = (
    r"(?:order|appointment|booking|reference|ticket|invoice|account|number|no\.|code|pin|id|"
    r"رقم|الرقم|طلبك|طلب|الطلب|موعدك|الموعد|حجزك|الحجز|الرمز|رمز|كود|الكود)"
)

# The first alternative that fits at a place wins, so identifiers come before anything that would count them.
_VALUE = re.compile(
    "|".join(
        (
            r"(?P<iso>\b(?P<iy>(?:19|20)\d\d)-(?P<im>\d{1,2})-(?P<id>\d{1,2})\b)",
            r"(?P<date>\b(?P<dd>\d{1,2})[/.-](?P<dm>\d{1,2})[/.-](?P<dy>(?:19|20)\d\d)\b)",
            rf"(?P<dayfirst>\b(?:the\s+)?(?P<fd>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<fm>{_MONTH_NAMES})\b(?:,?\s+(?P<fy>(?:19|20)\d\d)\b)?)",
            rf"(?P<monthfirst>\b(?P<mm>{_MONTH_NAMES})\s+(?P<md>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<my>(?:19|20)\d\d)\b)?)",
            r"(?P<phone>\+\d(?:[\s-]?\d){6,17}\b|\b(?:00|0|800|600)(?:[\s-]?\d){5,14}\b)",
            rf"(?P<time>\b(?P<th>[01]?\d|2[0-4]):(?P<tm>[0-5]\d)\b{_PERIOD.format('tp')}?)",
            rf"(?P<hour>\b(?P<hh>1[0-2]|0?[1-9]){_PERIOD.format('hp')})",
            rf"(?P<before>(?P<bc>{_CURRENCY})\s?(?P<ba>{_AMOUNT}))",
            rf"(?P<after>\b(?P<aa>{_AMOUNT})\s?(?P<ac>{_CURRENCY})(?!\w))",
            rf"(?P<percent>\b(?P<pa>{_AMOUNT})\s?%|%\s?(?P<pb>{_AMOUNT}))",
            rf"(?P<identifier>(?<!\w)(?P<iw>{_ID_WORD}(?:\s+(?:number|no\.|رقم|is|هو))*[\s:#]+)(?P<in>\d{{3,}})\b)",
            r"(?P<lettered>\b(?P<ll>(?-i:[A-Z]{1,4}))[\s-]?(?P<ld>\d{2,})\b)",
            r"(?P<ordinal>\b(?P<on>\d{1,3})(?:st|nd|rd|th)\b)",
            rf"(?P<unit>\b(?P<ua>{_AMOUNT})\s?(?P<uu>{'|'.join(words_en.UNITS)})\b)",
            r"(?P<inyear>\b(?P<yw>in|since|year|of)\s+(?P<yy>(?:19|20)\d\d)\b)",
            r"(?P<to>(?<=[\dmM%صم])\s?[-–—]\s?(?=\d))",
            r"(?P<always>\b24\s?/\s?7\b)",
            r"(?P<over>(?<=\d)/(?=\d))",
            r"(?P<minus>(?<![\w-])-(?=\d))",
            rf"(?P<amount>{_AMOUNT})",
        )
    ),
    re.IGNORECASE,
)
_KINDS = (
    *("iso", "date", "dayfirst", "monthfirst", "phone", "time", "hour", "before", "after", "percent"),
    *("identifier", "lettered", "ordinal", "unit", "inyear", "to", "always", "over", "minus", "amount"),
)
_FOLDS = str.maketrans({"٫": ".", "٬": ",", "٪": "%", "−": "-", "⁄": "/", "\u00a0": " ", "\u202f": " "})
_MARKUP = re.compile(r"[*_`~<>|\\^{}\[\]]+")


def folded(text: str) -> str:
    """Every kind of digit as an ASCII one, and the Arabic separators and percent sign as theirs."""
    plain = "".join(_plain(letter) for letter in text)
    return plain.translate(_FOLDS)


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    value = unicodedata.digit(letter, None)
    if value is not None:
        return str(value)
    # "½" is " 1⁄2"; "ⅷ" and "①" have no decimal digit of their own either.
    return f" {unicodedata.normalize('NFKC', letter)}" if letter.isnumeric() and not letter.isalpha() else letter


class Reader:
    """Reads values in one language's words."""

    def __init__(self, language: Language) -> None:
        self._words: ModuleType = words_en if language is Language.EN else words_ar

    def read(self, text: str) -> str:
        """`text` without a digit, and without signs that a voice would stumble over."""
        words = self._words
        read = _VALUE.sub(self._value, _MARKUP.sub(" ", folded(text)))
        for sign, word in words.SYMBOLS.items():
            read = read.replace(sign, f" {word} ")
        read = "".join(f" {words.number(int(letter))} " if letter.isdigit() else letter for letter in folded(read))
        return re.sub(r"\s+([.,،؛؟!:;?])", r"\1", re.sub(r"[ \t]{2,}", " ", read)).strip()

    def _value(self, found: re.Match[str]) -> str:
        kind = next(kind for kind in _KINDS if found[kind] is not None)
        return f" {self._read(kind, found)} "

    def _read(self, kind: str, found: re.Match[str]) -> str:
        words = self._words
        match kind:
            case "iso":
                return self._date(found[0], found["id"], found["im"], found["iy"])
            case "date":
                return self._date(found[0], found["dd"], found["dm"], found["dy"])
            case "dayfirst":
                return self._date(found[0], found["fd"], _month(found["fm"]), found["fy"])
            case "monthfirst":
                return self._date(found[0], found["md"], _month(found["mm"]), found["my"])
            case "phone":
                return self._phone(found[0])
            case "time":
                return words.clock(int(found["th"]) % 24, int(found["tm"]), _period(found["tp"]))
            case "hour":
                return words.clock(int(found["hh"]), 0, _period(found["hp"]))
            case "before":
                return self._money(found["ba"], found["bc"])
            case "after":
                return self._money(found["aa"], found["ac"])
            case "percent":
                return words.percent(self._amount(found["pa"] or found["pb"]))
            case "identifier":
                return found["iw"] + self._singly(found["in"])
            case "lettered":
                return f"{' '.join(found['ll'])} {self._singly(found['ld'])}"
            case "ordinal":
                return words.ordinal(int(found["on"]))
            case "unit":
                return f"{self._amount(found['ua'])} {words.UNITS[found['uu'].lower()]}"
            case "inyear":
                return f"{found['yw']} {words.year(int(found['yy']))}"
            case "to":
                return words.TO
            case "always":
                return words.ALWAYS
            case "over":
                return words.OVER
            case "minus":
                return words.MINUS
            case _:
                return self._amount(found["amount"], _next_word(found))

    def _date(self, whole: str, day: str, month: str, year: str | None) -> str:
        with contextlib.suppress(ValueError):
            # A day without a year may be the 29th of February.
            checked = datetime.date(int(year or 2000), int(month), int(day))
            return self._words.date(checked.day, checked.month, checked.year if year else None)
        return " ".join(self._amount(part) for part in re.findall(r"\d+", whole))

    def _money(self, amount: str, currency: str) -> str:
        whole, _, fraction = amount.replace(",", "").partition(".")
        code = currency.upper()
        if code not in words_en.CURRENCIES:
            code = next(c for c, pattern in _CURRENCY_WORDS.items() if re.fullmatch(pattern, currency, re.IGNORECASE))
        if len(whole) > LONGEST_NUMBER or len(fraction) > 2:
            return f"{self._amount(amount)} {self._words.money(0, 0, code).split()[-1]}"
        return self._words.money(int(whole), int(fraction.ljust(2, "0") or 0), code)

    def _amount(self, amount: str, before: str = "") -> str:
        amount = amount.rstrip(",")
        whole, point, fraction = amount.partition(".")
        plain = whole.replace(",", "")
        identifier = plain.startswith("0") and len(plain) > 1
        identifier = identifier or ("," not in whole and len(plain) > LONGEST_QUANTITY) or len(plain) > LONGEST_NUMBER
        if point:
            spoken = self._words.decimal(0, fraction).split(" ", 1)[1]
            return f"{self._singly(plain)} {spoken}" if identifier else self._words.decimal(int(plain), fraction)
        return self._singly(plain) if identifier else self._words.number(int(plain), before=before)

    def _phone(self, text: str) -> str:
        """Digit by digit, in the groups as they are written where they are."""
        plus = f"{self._words.SYMBOLS['+']} " if text.startswith("+") else ""
        groups = re.findall(r"\d+", text)
        if len(groups) == 1:
            return plus + self._singly(groups[0])
        return plus + self._words.PAUSE.join(self._words.digits(group) for group in groups)

    def _singly(self, plain: str) -> str:
        """Digit by digit, with a short pause after each group."""
        if len(plain) <= DIGIT_GROUP + 1:
            return self._words.digits(plain)
        groups = [plain[at : at + DIGIT_GROUP] for at in range(0, len(plain), DIGIT_GROUP)]
        if len(groups[-1]) == 1:
            groups[-2:] = [groups[-2] + groups[-1]]
        return self._words.PAUSE.join(self._words.digits(group) for group in groups)


def _month(name: str) -> str:
    return str(words_en.MONTHS.index(name.capitalize()) + 1)


def _period(found: str | None) -> str | None:
    if not found:
        return None
    return "am" if found[0] in "aAص" else "pm"


def _next_word(found: re.Match[str]) -> str:
    following = re.match(r"\s+(\w+)", found.string[found.end() :])
    return following[1] if following else ""
