"""Which sentences are kept as audio, so that they are heard while no voice is there to say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain import sentences as line
from domain.hours import local_date, openings_on, say_now, time_on, zone_of
from domain.menu import sentences as menu
from domain.speech import Language
from domain.tenant import TenantProfile, Words
from domain.wording.politeness import Politeness, worded

DAYS_AHEAD = 8
"""Whatever is kept once a day or oftener is there for a week without a voice."""

Text = tuple[Language, str]


def apologies() -> list[Text]:
    """Without these no line should be answered."""
    return _texts(line.RECORDED)


def fixed(politeness: Politeness = Politeness.EVERYDAY) -> list[Text]:
    """The same for every tenant that speaks as politely."""
    everyday = _texts((*line.RECORDED, *menu.SPOKEN, *menu.AROUND_A_PERSON))
    return [(language, worded(text, language, politeness)) for language, text in everyday]


def of_tenant(profile: TenantProfile, now: datetime) -> list[Text]:
    """All that is said of its opening hours from `now`, an aware time, for DAYS_AHEAD."""
    said = [
        (language, text)
        for moment in _changes(profile, now)
        for language in Language
        if (text := say_now(profile, moment, language)) is not None
    ]
    return list(dict.fromkeys(said))


def _texts(sentences: Sequence[Words]) -> list[Text]:
    return [(language, text) for sentence in sentences for language, text in sentence.items()]


def _changes(profile: TenantProfile, now: datetime) -> list[datetime]:
    """When what is said of the opening hours changes: at midnight, as it opens, as it closes."""
    zone, today = zone_of(profile), local_date(profile, now)
    found = [now]
    for ahead in range(-1, DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        found.append(time_on(day, "00:00", zone))
        for opening in openings_on(profile, day):
            found += [opening.opens, opening.closes]
    return [moment for moment in found if moment >= now]
