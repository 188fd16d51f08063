from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answering.slots import day, phone_number, record_number, time_of_day

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        "4572",
        "order number 4572 please",
        "my order is 45 72",
        "four five seven two",
        "رقم الطلب ٤٥٧٢",
        "أربعة خمسة سبعة اثنين",
        "it is 14572",
        "I bought 2 things, number 4572",
    ],
)
def test_a_known_number_is_found(text):
    assert record_number(text, ["4572", "4573"]) == "4572"


@pytest.mark.parametrize(
    ("text", "number"), [("order 9999", "9999"), ("at 5", None), ("in 12 months", None), ("", None)]
)
def test_other_numbers(text, number):
    assert record_number(text, ["4572"]) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("050 123 4567", "+971501234567"),
        ("it is +971 50-123-4567", "+971501234567"),
        ("00971501234567", "+971501234567"),
        ("call 04 555 0142", "+97145550142"),
        ("٠٥٠١٢٣٤٥٦٧", "+971501234567"),
        ("zero five zero one two three four five six seven", "+971501234567"),
        ("800 4357", "+9718004357"),
        ("12345", None),
        ("my number", None),
        ("+44 20 7946 0958", None),
    ],
)
def test_phones_of_the_emirates(text, number):
    assert phone_number(text) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("and on Friday?", date(2026, 11, 27)),
        ("ويوم الجمعة؟", date(2026, 11, 27)),
        ("Sunday", SUNDAY),
        ("are you open now", SUNDAY),
        ("tomorrow", date(2026, 11, 23)),
        ("the day after tomorrow", date(2026, 11, 24)),
        ("بعد باجر", date(2026, 11, 24)),
        ("بكرا", date(2026, 11, 23)),
        ("on 2/12", date(2026, 12, 2)),
        ("on 2/1", date(2027, 1, 2)),
        ("2026-12-02", date(2026, 12, 2)),
        ("31/2", None),
        ("when?", None),
    ],
)
def test_days(text, expected):
    assert day(text, SUNDAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 5 pm", "17:00"),
        ("5:30", "05:30"),
        ("الساعة ٥ مساءً", "17:00"),
        ("الساعة 10", "10:00"),
        ("at 9", "09:00"),
        ("at five", "05:00"),
        ("Five o'clock", "05:00"),
        ("eleven pm", "23:00"),
        ("at one point", None),
        ("for five people", None),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("I have 3 kids", None),
        ("at 25:00", None),
        ("soon", None),
    ],
)
def test_times(text, expected):
    assert time_of_day(text) == expected


@given(st.text(alphabet=st.sampled_from("0123456789٠٩ /-:+apm.الساعة"), max_size=40))
def test_nonsense_never_breaks_a_slot(text):
    record_number(text, ["4572"])
    phone_number(text)
    day(text, SUNDAY)
    time_of_day(text)
