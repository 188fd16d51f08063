"""Slots filled by rules: numbers of orders and appointments, phones, days and times, from what was heard.

The text has gone through SpokenValues.heard: numbers are digits. Small models are poor at copying these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from domain.answering.spelling import ascii_digits, fold

_SHORTEST_NUMBER, _LONGEST_NUMBER = 3, 12
"""Digits of an order or appointment number; shorter ones are days, hours and amounts."""

_DIGIT_WORDS = {
    fold(word): digit
    for digit, words in enumerate(
        (
            "zero oh صفر",
            "one واحد واحدة",
            "two اثنين اثنان تنين",
            "three ثلاثة ثلاث تلاتة",
            "four أربعة أربع",
            "five خمسة خمس",
            "six ستة ست",
            "seven سبعة سبع",
            "eight ثمانية ثمان تمنية",
            "nine تسعة تسع",
        )
    )
    for word in words.split()
}
_ARABIC_AND = "و"


def _digit_groups(text: str) -> list[str]:
    """Runs of digits, with those that were dictated in pieces ("45 72", "four five seven two") put together."""
    groups: list[str] = []
    joined = False
    for word in fold(text).split():
        digits = _digits_of(word)
        if digits is None:
            joined = False
        elif joined:
            groups[-1] += digits
        else:
            groups.append(digits)
            joined = True
    return groups


def _digits_of(word: str) -> str | None:
    if word.isdecimal():
        return word
    digit = _DIGIT_WORDS.get(word, _DIGIT_WORDS.get(word.removeprefix(_ARABIC_AND)))
    return None if digit is None else str(digit)


def without_digits(text: str) -> str:
    """The words of `text`, folded, that are no digits."""
    return " ".join(word for word in fold(text).split() if _digits_of(word) is None)


def record_number(text: str, known: Iterable[str] = ()) -> str | None:
    """The number of an order or appointment in `text`: a known one first, else the longest that could be one."""
    groups = _digit_groups(text)
    listed = set(known)
    for group in groups:
        if group in listed:
            return group
    for group in groups:  # "order number 1 4572" and other slips around the right digits
        inside = [number for number in listed if number in group and len(group) <= len(number) + 1]
        if inside:
            return inside[0]
    likely = [group for group in groups if _SHORTEST_NUMBER <= len(group) <= _LONGEST_NUMBER]
    return max(likely, key=len) if likely else None


SHORTEST_PHONE = 9
"""Digits from which a number is a telephone's: a landline of the Emirates with its area. Orders have fewer."""


def phones_said(text: str) -> list[str]:
    """The numbers in `text` that are long enough for a telephone, in order and as they were said."""
    return [group for group in _digit_groups(text) if len(group) >= SHORTEST_PHONE]


def order_numbers(text: str) -> list[str]:
    """The numbers that could be an order's or appointment's, and not a telephone's, in order."""
    return [group for group in _digit_groups(text) if _SHORTEST_NUMBER <= len(group) < SHORTEST_PHONE]


def short_numbers(text: str, shortest: int) -> list[str]:
    """The numbers of at least so many digits that are too short for a telephone, in order."""
    return [group for group in _digit_groups(text) if shortest <= len(group) < SHORTEST_PHONE]


_UAE_PHONE = re.compile(r"^(?:\+?971|00971|0)?(?P<rest>5\d{8}|[2-479]\d{7}|800\d{2,9})$")
"""Mobile (05x), landline (0 + area digit) and toll-free (800…) numbers of the Emirates."""


def phone_number(text: str) -> str | None:
    """A telephone number of the Emirates as +971…; None when there is none."""
    compact = re.sub(r"(?<=\d)[\s\-().]+(?=\d)", "", ascii_digits(text))
    for candidate in [*re.findall(r"\+?\d+", compact), *_digit_groups(text)]:
        found = _UAE_PHONE.match(candidate)
        if found is not None:
            return "+971" + found["rest"]
    return None


_WEEKDAYS = {
    fold(word): weekday
    for weekday, words in enumerate(
        (
            "monday mondays mon الاثنين الإثنين اثنين",
            "tuesday tuesdays الثلاثاء الثلاثا ثلاثاء",
            "wednesday wednesdays الأربعاء الاربعا أربعاء",
            "thursday thursdays الخميس خميس",
            "friday fridays الجمعة جمعة",
            "saturday saturdays السبت سبت",
            "sunday sundays الأحد",
        )
    )
    for word in words.split()
}
_RELATIVE_DAYS = {
    fold(word): ahead
    for ahead, words in enumerate(
        (
            "today tonight now اليوم الليلة الحين الآن النهاردة هسه هلا",
            "tomorrow غدا غدًا باجر باكر بكرا بكره بكرة",
        )
    )
    for word in words.split()
}
_AFTER = {"after", "بعد"}


def day(text: str, today: date) -> date | None:
    """The day that `text` speaks of: a weekday is the next one, today included; or "2026-12-02", "2/12"."""
    words = fold(text).split()
    for position, word in enumerate(words):
        bare = next((form for form in (word, word[1:]) if form in _WEEKDAYS or form in _RELATIVE_DAYS), None)
        if bare is None or (bare != word and word[0] not in "وبل"):
            continue
        if bare in _WEEKDAYS:
            return today + timedelta(days=(_WEEKDAYS[bare] - today.weekday()) % 7)
        after = position > 0 and words[position - 1] in _AFTER and _RELATIVE_DAYS[bare] == 1
        return today + timedelta(days=_RELATIVE_DAYS[bare] + after)
    return _written_date(ascii_digits(text), today)


def _written_date(text: str, today: date) -> date | None:
    iso = re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text)
    short = re.search(r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}))?\b", text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if short:
            named = date(int(short[3] or today.year), int(short[2]), int(short[1]))
            return named if short[3] or named >= today else named.replace(year=named.year + 1)
    except ValueError:
        return None
    return None


_TIME = re.compile(
    r"(?<![\d/])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s*(?P<half>a\.?m\b|p\.?m\b|o'?clock\b|صباح\w*|الصبح|الصباح|ظهر\w*|"
    r"الظهر|عصر\w*|العصر|مساء\w*|المسا\w*|المغرب|ليل\w*|الليل|بالليل)?",
    re.IGNORECASE,
)
_EVENING = ("p", "ظهر", "الظهر", "عصر", "العصر", "مسا", "المسا", "المغرب", "ليل", "الليل", "بالليل")
_SPELLED = {
    word: hour
    for hour, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
}
_SPELLED_HOUR = re.compile(
    rf"\b(?:((?:at|by|around|after|before) )({'|'.join(_SPELLED)})\b(?! (?:point|time|day|of|more))"
    rf"|()({'|'.join(_SPELLED)})(?= ?(?:[ap]\.?m\b|o'?clock)))",
    re.IGNORECASE,
)
"""Hours that a dictation leaves as words: "at five", "five o'clock"."""
_CLOCK_CUES = re.compile(r"\bat\b|\bby\b|\bfrom\b|الساعة|الساعه", re.IGNORECASE)


def _hour_in_digits(found: re.Match[str]) -> str:
    cue, word = found[1] or "", found[2] or found[4]
    return f"{cue}{_SPELLED[word.casefold()]}"


def time_of_day(text: str) -> str | None:
    """A time as "HH:MM"; a bare number only counts after "at" or "الساعة"."""
    plain = _SPELLED_HOUR.sub(_hour_in_digits, ascii_digits(text))
    cue = _CLOCK_CUES.search(plain)
    for found in _TIME.finditer(plain):
        hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").casefold()
        if not (half or found["minute"] or (cue and found.start() >= cue.end())) or hour > 24 or minute > 59:
            continue
        evening = half.startswith(_EVENING)
        if evening and hour < 12:
            hour += 12
        elif half and not evening and hour == 12 and not half.startswith("o"):
            hour = 0
        return f"{hour % 24:02d}:{minute:02d}"
    return None
