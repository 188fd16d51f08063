"""What a tenant's file says of its hours, and every mistake in it as one sentence that says where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.calendar.days import plan_of
from domain.errors import SetupError
from domain.hours import openings_on
from domain.tenant import AnnouncedMonth, CallbackDialling, CallingHours, DialTries, Holiday, OpenHours, Stretch
from domain.tenant_file.profile import parse_tenant
from tests.domain.profiles import AR, EN

HEAD = """
slug = "shop"
default_language = "en"
time_zone = "Asia/Dubai"
emergency_number = "997"
name = { en = "Noor", ar = "نور" }
persona = { en = "You are Noor.", ar = "أنت نور." }
greeting = { en = "Hello.", ar = "أهلاً." }

[[facts]]
intent = "hours"
about = "opening hours"
examples = { en = ["When do you open?"], ar = ["متى تفتحون؟"] }
answer = { en = "From 9.", ar = "من 9." }
"""
EID = 'name = { en = "Eid", ar = "العيد" }'


def profile(text: str):
    return parse_tenant(HEAD + text, "shop.toml", lambda slug: slug)


def test_nothing_is_needed():
    plain = profile("")
    assert (plain.hours, plain.holidays, plain.ramadan_hours, plain.announced_months) == ((), (), (), ())
    assert plain.weekend == (5, 6)
    assert plain.amount_limit is None
    assert plain.calling_hours == CallingHours(earliest="09:00", latest="20:00")


def test_the_weekend_and_what_it_means_in_hours():
    found = profile(
        """
        [calendar]
        weekend = ["friday", "saturday"]
        [[hours]]
        days = ["workdays"]
        opens = "09:00"
        closes = "17:00"
        [[ramadan.hours]]
        days = ["weekend", "sunday"]
        opens = "20:00"
        closes = "24:00"
        """
    )
    assert found.weekend == (4, 5)
    assert found.hours == tuple(OpenHours(weekday=day, opens="09:00", closes="17:00") for day in (0, 1, 2, 3, 6))
    assert [row.weekday for row in found.ramadan_hours] == [4, 5, 6]


def test_no_weekend_at_all():
    assert profile("[calendar]\nweekend = []").weekend == ()


def test_holidays_of_both_calendars():
    found = profile(
        f"""
        [[holidays]]
        {EID}
        hijri = "10-01"
        days = 3
        [[holidays]]
        {EID}
        hijri = "1448-12-10"
        hours = [{{ opens = "16:00", closes = "22:00" }}]
        [[holidays]]
        {EID}
        date = 2026-12-02
        [[holidays]]
        {EID}
        date = "02-29"
        """
    )
    name = {EN: "Eid", AR: "العيد"}
    assert found.holidays == (
        Holiday(name=name, month=10, day=1, hijri=True, days=3),
        Holiday(name=name, month=12, day=10, hijri=True, year=1448, hours=(Stretch(opens="16:00", closes="22:00"),)),
        Holiday(name=name, month=12, day=2, year=2026),
        Holiday(name=name, month=2, day=29),
    )


def test_months_that_were_announced():
    found = profile(
        """
        [[calendar.announced]]
        month = "1447-12"
        starts = 2026-05-17
        [[ramadan.announced]]
        starts = 2027-02-09
        ends = 2027-03-09
        [[ramadan.announced]]
        starts = 2026-02-18
        """
    )
    assert found.announced_months == (
        AnnouncedMonth(year=1447, month=9, starts=date(2026, 2, 18)),
        AnnouncedMonth(year=1447, month=12, starts=date(2026, 5, 17)),
        AnnouncedMonth(year=1448, month=9, starts=date(2027, 2, 9)),
        AnnouncedMonth(year=1448, month=10, starts=date(2027, 3, 10)),
    )


def test_calling_hours():
    assert profile('[calling]\nlatest = "18:30"').calling_hours == CallingHours(earliest="09:00", latest="18:30")


def test_how_often_somebody_is_dialled():
    plan = profile("[dialling]\ntries = 2\nbusy_min = 10").dial_tries
    assert plan == DialTries(most=2, busy_min=10, no_answer_min=60)
    assert profile("[dialling]\nlost_callers = true").dials_lost_callers
    assert not profile("").dials_lost_callers
    with pytest.raises(SetupError, match=r"dialling\.tries"):
        profile("[dialling]\ntries = 0")


@pytest.mark.parametrize("who", CallbackDialling)
def test_who_dials_a_callback(who: CallbackDialling):
    assert profile(f'[dialling]\ncallbacks = "{who}"').callback_dialling is who
    assert profile("").callback_dialling is CallbackDialling.BY_HAND
    for wrong in ('"nobody"', "true", "1", "[]"):
        with pytest.raises(SetupError, match=r"dialling\.callbacks"):
            profile(f"[dialling]\ncallbacks = {wrong}")


def test_visits():
    text = '[[visits]]\nopens = "09:00"\ncloses = "12:00"\n[[visits]]\nopens = "12:00"\ncloses = "15:00"\nat_once = 3'
    first, second = profile(text).visits
    assert (first.opens, first.at_once, second.closes, second.at_once) == ("09:00", 1, "15:00", 3)


def holiday(rest: str) -> str:
    return f"[[holidays]]\n{EID}\n{rest}"


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        pytest.param("holiday = []", "holiday", "nothing of this name", id="a misspelt table"),
        pytest.param(
            '[calendar]\nweekends = ["friday"]', "calendar.weekends", "nothing of this name", id="misspelt key"
        ),
        pytest.param('[calendar]\nweekend = ["fri"]', "calendar.weekend", "not a weekday", id="no weekday"),
        pytest.param(
            '[calendar]\nweekend = ["weekend"]', "calendar.weekend", "not a weekday", id="weekend of weekends"
        ),
        pytest.param('[calendar]\nweekend = ["friday", "friday"]', "calendar.weekend", "twice", id="a day twice"),
        pytest.param("[calendar]\nweekend = 5", "calendar.weekend", "list of texts", id="weekend is no list"),
        pytest.param("calendar = 5", "calendar", "a table", id="calendar is no table"),
        pytest.param(
            '[[hours]]\ndays = ["weekend", "sunday"]\nopens = "09:00"\ncloses = "10:00"',
            "hours[1].days",
            "twice",
            id="a day of the weekend twice",
        ),
        pytest.param(
            '[[hours]]\ndays = ["monday"]\nopen = "09:00"\nopens = "09:00"\ncloses = "10:00"',
            "hours[1].open",
            "nothing of this name",
            id="misspelt opens",
        ),
        pytest.param(holiday(""), "holidays[1]", "date", id="no date"),
        pytest.param(holiday('date = "12-02"\nhijri = "10-01"'), "holidays[1]", "either", id="two dates"),
        pytest.param(holiday('date = "2 December"'), "holidays[1].date", "2026-12-02", id="date in words"),
        pytest.param(holiday("date = 12"), "holidays[1].date", "2026-12-02", id="date is a number"),
        pytest.param(holiday("date = 2026-12-02T10:00:00"), "holidays[1].date", "2026-12-02", id="date with a time"),
        pytest.param(holiday('date = "2026-02-29"'), "holidays[1].date", "no day", id="no such day"),
        pytest.param(holiday('date = "13-01"'), "holidays[1].date", "no day", id="no such month"),
        pytest.param(holiday('hijri = "1448-09-30"'), "holidays[1].hijri", "no day", id="no such Hijri day"),
        pytest.param(holiday('hijri = "10-31"'), "holidays[1].hijri", "no day", id="no such yearly Hijri day"),
        pytest.param(holiday('hijri = "2026-12-02"'), "holidays[1].hijri", "no day", id="Gregorian as Hijri"),
        pytest.param(holiday('date = "12-02"\ndays = 0'), "holidays[1].days", "1 to 30", id="no days"),
        pytest.param(holiday('date = "12-02"\ndays = 31'), "holidays[1].days", "1 to 30", id="too many days"),
        pytest.param(holiday('date = "12-02"\ndays = true'), "holidays[1].days", "1 to 30", id="days is no number"),
        pytest.param(
            holiday('date = "12-02"\nhours = [{ opens = "9", closes = "10:00" }]'),
            "holidays[1].hours[1].opens",
            "09:30",
            id="no hour",
        ),
        pytest.param(
            holiday('date = "12-02"\nhours = [{ opens = "09:00", closes = "09:00" }]'),
            "holidays[1].hours[1]",
            "closes when it opens",
            id="never open",
        ),
        pytest.param(
            holiday('date = "12-02"\nhours = [{ from = "09:00" }]'),
            "holidays[1].hours[1].from",
            "nothing of this name",
            id="misspelt hours",
        ),
        pytest.param(
            '[[holidays]]\nname = { en = "Eid" }\ndate = "12-02"',
            "holidays[1].name",
            "'ar'",
            id="a name in one language",
        ),
        pytest.param("[ramadan]\nstarts = 2027-02-09", "ramadan.starts", "nothing of this name", id="misplaced start"),
        pytest.param(
            '[[ramadan.announced]]\nstarts = "2027-02-09"', "ramadan.announced[1].starts", "without quotes", id="quoted"
        ),
        pytest.param(
            "[[ramadan.announced]]\nstarts = 2027-06-09", "ramadan.announced[1].starts", "not near", id="no Ramadan"
        ),
        pytest.param(
            "[[ramadan.announced]]\nstarts = 2027-02-05",
            "ramadan.announced[1]",
            "3 days",
            id="far from the calculation",
        ),
        pytest.param(
            "[[ramadan.announced]]\nstarts = 2027-02-08\nends = 2027-03-10",
            "calendar",
            "1448-09",
            id="a Ramadan of 31 days",
        ),
        pytest.param(
            '[[calendar.announced]]\nmonth = "1448-13"\nstarts = 2027-02-09',
            "calendar.announced[1].month",
            "1448-09",
            id="a 13th month",
        ),
        pytest.param(
            '[[calendar.announced]]\nmonth = "1601-01"\nstarts = 2027-02-09',
            "calendar.announced[1]",
            "1420 to 1500",
            id="outside the table",
        ),
        pytest.param(
            '[[calendar.announced]]\nmonth = "1448-09"\nstarts = 2027-02-08\n'
            "[[ramadan.announced]]\nstarts = 2027-02-09",
            "ramadan.announced[1]",
            "twice",
            id="announced twice",
        ),
        pytest.param("amount_limit = -1", "amount_limit", "0 to", id="a limit below nothing"),
        pytest.param('amount_limit = "500"', "amount_limit", "0 to", id="a limit in quotes"),
        pytest.param(
            '[[visits]]\nopens = "12:00"\ncloses = "09:00"', "visits[1]", "after they begin", id="a visit reversed"
        ),
        pytest.param('[[visits]]\nopens = "9"', "visits[1].opens", "09:30", id="no time of a visit"),
        pytest.param('[calling]\nearliest = "9"', "calling.earliest", "09:30", id="no calling hour"),
        pytest.param('[calling]\nearliest = "21:00"', "calling", "after the earliest", id="calling hours reversed"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where(text, place, what):
    # Keys of the root come before its first table.
    before, after = (text + "\n", "") if not text.startswith("[") else ("", text)
    with pytest.raises(SetupError) as mistake:
        parse_tenant(before + HEAD + after, "shop.toml", lambda slug: slug)
    assert str(mistake.value).startswith(f"shop.toml: {place}: ")
    assert what in str(mistake.value)


# ---------------------------------------------------------------- the demo tenants

TENANTS = Path(__file__).resolve().parents[3] / "deploy" / "tenants"


def demo(name: str):
    return parse_tenant((TENANTS / f"{name}.toml").read_text(encoding="utf-8"), name, lambda slug: slug)


EXPECTED = {
    date(2026, 1, 1): "New Year's Day",
    date(2026, 3, 20): "Eid al-Fitr",
    date(2026, 3, 22): "Eid al-Fitr",
    date(2026, 5, 26): "Arafat Day",
    date(2026, 5, 27): "Eid al-Adha",
    date(2026, 5, 29): "Eid al-Adha",
    date(2026, 6, 16): "the Islamic New Year",
    date(2026, 8, 25): "the Prophet's Birthday",
    date(2026, 12, 2): "National Day",
    date(2026, 12, 3): "National Day",
    date(2027, 1, 1): "New Year's Day",
    date(2027, 3, 9): "Eid al-Fitr",
    date(2027, 5, 15): "Arafat Day",
    date(2027, 5, 16): "Eid al-Adha",
    date(2027, 6, 6): "the Islamic New Year",
    date(2027, 8, 14): "the Prophet's Birthday",
    date(2027, 12, 2): "National Day",
}


@pytest.mark.parametrize("name", ["demo-shop", "demo-clinic"])
def test_the_holidays_of_the_emirates_fall_where_the_files_say(name):
    tenant = demo(name)
    for day, holiday_name in EXPECTED.items():
        plan = plan_of(tenant, day)
        assert plan.holiday is not None, day
        assert plan.holiday[EN] == holiday_name
    usual = [date(2026, 3, 23), date(2026, 5, 25), date(2026, 5, 30), date(2026, 12, 4), date(2027, 3, 12)]
    assert [plan_of(tenant, day).holiday for day in usual] == [None] * len(usual)


@pytest.mark.parametrize("name", ["demo-shop", "demo-clinic"])
def test_every_day_of_ramadan_has_an_evening(name):
    tenant = demo(name)
    for day in (date(2026, 2, 18), date(2027, 2, 8), date(2027, 3, 5), date(2027, 3, 8)):
        assert openings_on(tenant, day)[-1].opens.hour == 20
        assert plan_of(tenant, day).ramadan
