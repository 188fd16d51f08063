"""Counts and places in words: "about two minutes", "خمس دقائق", "second in line"."""

from __future__ import annotations

from domain.speech import Language
from domain.tenant import Words

EN, AR = Language.EN, Language.AR

_S_PER_MINUTE = 60
_EXACT_MINUTES = 10
"""Above it an estimate is rounded up to five minutes: it isn't known better."""
_STEP_MINUTES = 5
_LONGEST_MINUTES = 60

_ORDINALS = {
    EN: ("next", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    AR: ("التالي", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر"),
}
_EN_MINUTES = {
    **dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1)),
    **{15: "fifteen", 20: "twenty", 25: "twenty-five", 30: "thirty", 35: "thirty-five", 40: "forty"},
    **{45: "forty-five", 50: "fifty", 55: "fifty-five", 60: "sixty"},
}
# One and two are the noun alone, three to ten take the plural, all above the singular. Oblique case, as after "حوالي".
_AR_MINUTES = {
    1: "دقيقة واحدة",
    2: "دقيقتين",
    **{
        count: f"{word} دقائق"
        for count, word in enumerate(("ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر"), start=3)
    },
    **{
        count: f"{word} دقيقة"
        for count, word in (
            (15, "خمس عشرة"),
            (20, "عشرين"),
            (25, "خمس وعشرين"),
            (30, "ثلاثين"),
            (35, "خمس وثلاثين"),
            (40, "أربعين"),
            (45, "خمس وأربعين"),
            (50, "خمسين"),
            (55, "خمس وخمسين"),
            (60, "ستين"),
        )
    },
}
_LESS_THAN_A_MINUTE: Words = {EN: "less than a minute", AR: "أقل من دقيقة"}
_ABOUT: Words = {EN: "about {minutes}", AR: "حوالي {minutes}"}
_MORE_THAN_AN_HOUR: Words = {EN: "more than an hour", AR: "أكثر من ساعة"}
_NEXT: Words = {EN: "You are next in line", AR: "دورك هو التالي"}
_PLACE: Words = {EN: "You are {place} in line", AR: "ترتيبك {place} في الانتظار"}
_PLACE_BY_NUMBER: Words = {EN: "You are number {place} in line", AR: "ترتيبك رقم {place} في الانتظار"}


def about_minutes(wait_s: int, language: Language) -> str:
    """An estimated wait, rounded up: "less than a minute", "about two minutes", "more than an hour"."""
    minutes = -(-max(wait_s, 0) // _S_PER_MINUTE)
    if wait_s < _S_PER_MINUTE:
        return _LESS_THAN_A_MINUTE[language]
    if minutes > _EXACT_MINUTES:
        minutes = -(-minutes // _STEP_MINUTES) * _STEP_MINUTES
    if minutes > _LONGEST_MINUTES:
        return _MORE_THAN_AN_HOUR[language]
    if language is AR:
        return _ABOUT[AR].format(minutes=_AR_MINUTES[minutes])
    return _ABOUT[EN].format(minutes=f"{_EN_MINUTES[minutes]} minute{'' if minutes == 1 else 's'}")


def place_in_line(position: int, language: Language) -> str:
    """Without the full stop: "You are second in line"; beyond ten by the number."""
    if position <= 1:
        return _NEXT[language]
    ordinals = _ORDINALS[language]
    if position <= len(ordinals):
        return _PLACE[language].format(place=ordinals[position - 1])
    return _PLACE_BY_NUMBER[language].format(place=position)
