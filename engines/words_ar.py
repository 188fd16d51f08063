"""Values as Arabic words, over arabic-tts-frontend for its numbers, dates and clock."""

from __future__ import annotations

import importlib
from typing import Any

_frontend: Any = importlib.import_module("arabic_tts_frontend.numbers")
_normalise: Any = importlib.import_module("arabic_tts_frontend.normalize").normalise

PERIODS = {"am": "صباحًا", "pm": "مساءً", "noon": "ظهرًا"}
# One, two, three to ten, and eleven to ninety-nine of it each want another form.
Counted = tuple[str, str, str, str]
CURRENCIES: dict[str, tuple[Counted, Counted]] = {
    "AED": (("درهم", "درهمان", "دراهم", "درهمًا"), ("فلس", "فلسان", "فلوس", "فلسًا")),
    "SAR": (("ريال", "ريالان", "ريالات", "ريالًا"), ("هللة", "هللتان", "هللات", "هللة")),
    "QAR": (("ريال", "ريالان", "ريالات", "ريالًا"), ("درهم", "درهمان", "دراهم", "درهمًا")),
    "OMR": (("ريال", "ريالان", "ريالات", "ريالًا"), ("بيسة", "بيستان", "بيسات", "بيسة")),
    "KWD": (("دينار", "ديناران", "دنانير", "دينارًا"), ("فلس", "فلسان", "فلوس", "فلسًا")),
    "BHD": (("دينار", "ديناران", "دنانير", "دينارًا"), ("فلس", "فلسان", "فلوس", "فلسًا")),
    "EGP": (("جنيه", "جنيهان", "جنيهات", "جنيهًا"), ("قرش", "قرشان", "قروش", "قرشًا")),
    "USD": (("دولار", "دولاران", "دولارات", "دولارًا"), ("سنت", "سنتان", "سنتات", "سنتًا")),
    "EUR": (("يورو", "يورو", "يورو", "يورو"), ("سنت", "سنتان", "سنتات", "سنتًا")),
    "GBP": (
        ("جنيه إسترليني", "جنيهان إسترلينيان", "جنيهات إسترلينية", "جنيهًا إسترلينيًا"),
        ("بنس", "بنسان", "بنسات", "بنسًا"),
    ),
}
UNITS = {
    "km": "كيلومتر",
    "kg": "كيلوغرام",
    "cm": "سنتيمتر",
    "mm": "مليمتر",
    "m": "متر",
    "kw": "كيلوواط",
    "w": "واط",
    "l": "لتر",
    "gb": "غيغابايت",
    "tb": "تيرابايت",
    "h": "ساعة",
    "hrs": "ساعة",
    "min": "دقيقة",
}
SYMBOLS = {"%": "بالمئة", "&": "و", "@": "آت", "+": "زائد", "=": "يساوي", "#": "رقم", "°": "درجة"}
ALWAYS = "على مدار الساعة طوال أيام الأسبوع"
PAUSE = "، "
TO, MINUS, OVER = "إلى", "ناقص", "على"
_FEMININE = ("ة", "ات")
_FEMININE_PLURALS = frozenset({"دقائق", "ليال", "ليالي", "سنين", "قطع", "مرات", "سنوات"})
_ORDINALS = ("", "الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر")


def number(value: int, *, before: str = "") -> str:
    """0 and above; `before` is the noun that follows, which decides the gender."""
    feminine = before.endswith(_FEMININE) or before in _FEMININE_PLURALS
    return str(_frontend.verbalise(value, feminine=feminine))


def decimal(whole: int, fraction: str) -> str:
    spoken = number(int(fraction)) if len(fraction) <= 2 and not fraction.startswith("0") else digits(fraction)
    return f"{number(whole)} فاصلة {spoken}"


def digits(text: str) -> str:
    return str(_frontend.digit_by_digit(text))


def ordinal(value: int) -> str:
    return _ORDINALS[value] if 0 < value < len(_ORDINALS) else number(value)


def year(value: int) -> str:
    return number(value)


def date(day: int, month: int, year_: int | None) -> str:
    spoken = str(_normalise(f"{day}/{month}/{year_ or 2000}").tts)
    if day == 1:
        spoken = spoken.replace("واحد", "الأول من", 1)
    return spoken if year_ is not None else spoken.partition(" عام ")[0]


def clock(hour: int, minute: int, period: str | None) -> str:
    """`hour` 0..23; `period` "am", "pm" or None where the text does not say."""
    if period is None and (hour > 12 or hour == 0):
        period = "pm" if hour > 12 else "am"
    if period == "pm" and hour % 12 == 0:
        period = "noon"
    face = str(_normalise(f"{hour % 12 or 12}:{minute:02}").tts)
    if 3 <= minute <= 10:
        face = face.replace("دقيقة", "دقائق")
    return face + (f" {PERIODS[period]}" if period else "")


def money(whole: int, minor: int, code: str) -> str:
    major_forms, minor_forms = CURRENCIES[code]
    parts = [counted(whole, major_forms)] if whole or not minor else []
    if minor:
        parts.append(counted(minor, minor_forms))
    return " و".join(parts)


def counted(value: int, forms: Counted) -> str:
    one, two, few, many = forms
    rest = value % 100
    if value == 1:
        return f"{one} {number(1, before=one)}"
    if value == 2:
        return two
    if 3 <= rest <= 10:
        return f"{number(value, before=one)} {few}"
    return f"{number(value, before=one)} {many if 11 <= rest <= 99 else one}"


def percent(value: str) -> str:
    return f"{value} بالمئة"
