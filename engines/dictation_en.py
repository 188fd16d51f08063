"""Dictated English values, as a recogniser writes them, into digits: "double three", "forty five", "half past nine"."""

from __future__ import annotations

import re

from engines.words_en import ONES, TENS

_DIGITS = {word: value for value, word in enumerate(ONES[:10])}
_TENS = dict(zip(TENS, range(20, 100, 10), strict=True))
_SMALL = {word: value for value, word in enumerate(ONES)} | _TENS
LEAST_SPELT = 3
"""Digits that are one number when they are said alone: "seven eight" may be two answers, "seven eight nine" is not."""
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_REPEATS = {"double": 2, "triple": 3}
_ZEROS = frozenset({"oh", "o"})
"""Only between digits: alone, "oh" is a sigh."""

_NUMBER_WORD = "|".join([*_SMALL, *_SCALES, *_REPEATS, "oh", "o"])
_AND = r"(?:(?:(?<=hundred )|(?<=thousand )|(?<=million ))and\s+)?"
_RUN = re.compile(
    rf"\b(?:{_NUMBER_WORD}|\d+)\b(?:(?:[\s-]+|,\s*){_AND}(?:{_NUMBER_WORD}|\d+)\b)*",
    re.IGNORECASE,
)
_ONE_SCALE = re.compile(r"(?<!half )\ba\s+(?=(?:hundred|thousand|million)\b)", re.IGNORECASE)
_NAMES_AN_ID = re.compile(
    r"\b(?:order|appointment|booking|reference|ticket|invoice|account|number|code|pin|id|digits)\b\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_COUNTS_BEFORE = re.compile(r"\b(?:past|quarter to|minutes to|point)\s+$", re.IGNORECASE)
_COUNTS_AFTER = re.compile(
    r"\s+(?:o'?clock|[ap]\.?m\b|percent|per cent|dirham|riyal|dollar|euro|pound|dinar|point|minutes (?:past|to)|past"
    r"|in the (?:morning|afternoon|evening)|fils|cents)",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:at|by|until|till|before|after|around)\s+$", re.IGNORECASE)
_CURRENCY = {"dirham": "AED", "riyal": "SAR", "dollar": "USD", "euro": "EUR", "pound": "GBP", "dinar": "KWD"}
_MONEY = re.compile(
    r"\b(\d+)\s+(dirham|riyal|dollar|euro|pound|dinar)s?\b(?:\s+and\s+(\d{1,2})\s+(?:fils|halalas?|cents?|pence))?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\b(\d+)\s+(?:percent|per cent)\b", re.IGNORECASE)
_POINT = re.compile(r"\b(\d+) point (\d+)\b", re.IGNORECASE)
_TIME = re.compile(
    r"\b(?:(half|quarter|\d{1,2})(?:\s+minutes)?\s+(past|(?<=quarter )to|(?<=minutes )to)\s+)?"
    r"(\d{1,2})(?:[\s:]+([0-5]?\d))?\s*"
    r"(o'?clock|[ap]\.?m\b\.?|in the (?:morning|afternoon|evening)|at night)?",
    re.IGNORECASE,
)
"""Matches any short number; `_time` turns down what is not a time."""


def digits_of(text: str) -> str:
    """`text` with dictated numbers, ids, phones, money, percentages and times as digits; the rest untouched."""
    written = _RUN.sub(_run, _ONE_SCALE.sub("one ", text))
    written = _POINT.sub(r"\1.\2", written)
    written = _TIME.sub(_time, written)
    written = _PERCENT.sub(r"\1%", written)
    return _MONEY.sub(_money, written)


def _run(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()], found.string[found.end() :]
    words = [word for word in re.split(r"[\s,-]+", found[0].lower()) if word != "and"]
    is_id = _NAMES_AN_ID.search(before) is not None
    if words[0] in _SCALES or (words[0] in _ZEROS and len(words) < LEAST_SPELT and not is_id):
        return found[0]
    if any(word in _SCALES for word in words):
        return " ".join(str(value) for value in _scaled(words))
    groups = _groups(words)
    if not groups:
        return found[0]
    if len(groups) == 1 and words[0] in _DIGITS and not is_id:
        # "One of them" is no value, "one percent" is.
        return groups[0] if _COUNTS_BEFORE.search(before) or _COUNTS_AFTER.match(after) else found[0]
    if len(groups) == 2 and _AT.search(before) and 0 < int(groups[0]) <= 12 and 10 <= int(groups[1]) < 60:
        return f"{int(groups[0]):02}:{groups[1]}"
    return ("" if is_id or _one_value(words, groups) or _COUNTS_BEFORE.search(before) else " ").join(groups)


def _one_value(words: list[str], groups: list[str]) -> bool:
    """Whether groups said one after the other are one number: spelt digits, pairs, or anything with a "double"."""
    spelt = len(groups) >= LEAST_SPELT and all(len(group) == 1 for group in groups)
    pairs = len(groups) > 1 and all(len(group) == 2 for group in groups)
    return spelt or pairs or not _REPEATS.keys().isdisjoint(words)


def _groups(words: list[str]) -> list[str]:
    """Of "forty five seventy two" ["45", "72"], of "double three one" ["33", "1"]."""
    groups: list[str] = []
    repeat, tens_open = 1, False
    for word in words:
        if word in _REPEATS:
            repeat = _REPEATS[word]
            continue
        value = "0" if word in _ZEROS else word if word.isdigit() else str(_SMALL.get(word, ""))
        if tens_open and len(value) == 1 and value != "0":
            groups[-1] = groups[-1][0] + value
            tens_open = False
        else:
            groups.append(value * repeat)
            tens_open = word in _TENS and repeat == 1
        repeat = 1
    return [group for group in groups if group]


def _scaled(words: list[str]) -> list[int]:
    """Of "four thousand five hundred seventy two" [4572]; a small number after a finished one begins another."""
    values: list[int] = []
    total, part = 0, 0
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0
            continue
        value = int(word) if word.isdigit() else _SMALL.get(word, 0)
        room = 100 if part % 100 == 0 else 10 if part % 10 == 0 and part % 100 >= 20 else 1
        if value >= room and (part or total) and room < 100:
            values.append(total + part)
            total, part = 0, 0
        part += value
    return [*values, total + part]


def _time(found: re.Match[str]) -> str:
    offset, direction, hour_text, minute_text, period = found.groups()
    hour = int(hour_text)
    minute = int(minute_text or 0)
    said = (period or "").lower().replace(".", "")
    if not 0 < hour <= 12 or not (offset or said) or (offset and minute_text):
        return found[0]
    if offset:
        away = {"half": 30, "quarter": 15}.get(offset.lower()) or int(offset)
        if away >= 60 or (direction == "to" and away == 30):
            return found[0]
        hour, minute = (hour, away) if direction.lower() == "past" else (hour - 1 or 12, 60 - away)
    afternoon = said in {"pm", "in the afternoon", "in the evening", "at night"}
    morning = said in {"am", "in the morning"}
    if afternoon and hour != 12:
        hour += 12
    if morning and hour == 12:
        hour = 0
    trailing = " " if found[0].endswith(" ") else ""
    return f"{hour:02}:{minute:02}{trailing}"


def _money(found: re.Match[str]) -> str:
    minor = f".{int(found[3]):02}" if found[3] else ""
    return f"{found[1]}{minor} {_CURRENCY[found[2].lower()]}"
