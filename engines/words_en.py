"""Values as English words."""

from __future__ import annotations

ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
TENS = (
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1_000, "thousand"))
MONTHS: tuple[str, ...] = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
PERIODS = {"am": "in the morning", "pm": "in the afternoon", "evening": "in the evening"}
CURRENCIES = {
    "AED": ("dirham", "dirhams", "fils", "fils"),
    "SAR": ("riyal", "riyals", "halala", "halalas"),
    "QAR": ("riyal", "riyals", "dirham", "dirhams"),
    "OMR": ("rial", "rials", "baisa", "baisas"),
    "KWD": ("dinar", "dinars", "fils", "fils"),
    "BHD": ("dinar", "dinars", "fils", "fils"),
    "EGP": ("pound", "pounds", "piastre", "piastres"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
}
UNITS = {
    "km": "kilometres",
    "kg": "kilograms",
    "cm": "centimetres",
    "mm": "millimetres",
    "m": "metres",
    "kw": "kilowatts",
    "w": "watts",
    "l": "litres",
    "gb": "gigabytes",
    "tb": "terabytes",
    "h": "hours",
    "hrs": "hours",
    "min": "minutes",
}
SYMBOLS = {"%": "percent", "&": "and", "@": "at", "+": "plus", "=": "equals", "#": "number", "°": "degrees"}
ALWAYS = "twenty four hours a day, seven days a week"
PAUSE = ", "
TO, MINUS, OVER = "to", "minus", "over"
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number(value: int, *, before: str = "") -> str:
    """0 and above; `before` is the word that follows, which English does not need."""
    if value < 20:
        return ONES[value]
    if value < 100:
        return TENS[value // 10 - 2] + (f" {ONES[value % 10]}" if value % 10 else "")
    if value < 1_000:
        return f"{ONES[value // 100]} hundred" + (f" and {number(value % 100)}" if value % 100 else "")
    for size, name in SCALES:
        if value >= size:
            rest = value % size
            joint = " and " if 0 < rest < 100 else " "
            return f"{number(value // size)} {name}" + (joint + number(rest) if rest else "")
    raise AssertionError("every number from 1,000 on has a scale")


def decimal(whole: int, fraction: str) -> str:
    return f"{number(whole)} point {digits(fraction)}"


def digits(text: str) -> str:
    return " ".join(ONES[int(digit)] for digit in text)


def ordinal(value: int) -> str:
    first, _, last = number(value).rpartition(" ")
    last = _IRREGULAR.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{first} {last}".strip()


def year(value: int) -> str:
    high, low = divmod(value, 100)
    if value < 1_000 or 2_000 <= value < 2_010 or value >= 2_100:
        return number(value)
    if not low:
        return f"{number(high)} hundred"
    return f"{number(high)} {'oh ' if low < 10 else ''}{number(low)}"


def date(day: int, month: int, year_: int | None) -> str:
    spoken = f"the {ordinal(day)} of {MONTHS[month - 1]}"
    return spoken if year_ is None else f"{spoken} {year(year_)}"


def clock(hour: int, minute: int, period: str | None) -> str:
    """`hour` 0..23; `period` "am", "pm" or None where the text does not say."""
    if period is None and (hour > 12 or hour == 0):
        period = "pm" if hour > 12 else "am"
    if hour % 12 == 0 and minute == 0 and period:
        return "noon" if period == "pm" else "midnight"
    if period == "pm" and (hour % 12) >= 5:
        period = "evening"
    face = number(hour % 12 or 12)
    minutes = "" if minute == 0 else f" oh {number(minute)}" if minute < 10 else f" {number(minute)}"
    if not minutes and period is None:
        return f"{face} o'clock"
    return f"{face}{minutes}" + (f" {PERIODS[period]}" if period else "")


def money(whole: int, minor: int, code: str) -> str:
    one, many, one_minor, many_minor = CURRENCIES[code]
    parts = [f"{number(whole)} {one if whole == 1 else many}"] if whole or not minor else []
    if minor:
        parts.append(f"{number(minor)} {one_minor if minor == 1 else many_minor}")
    return " and ".join(parts)


def percent(value: str) -> str:
    return f"{value} percent"
