"""Telephone numbers as people and vendors write them."""

import pytest

from domain.crm import same_number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+966501234567", "0501234567"),
        ("+966501234567", "00966501234567"),
        ("+966 50 123 4567", "(050) 123-4567"),
        ("+442079460000", "02079460000"),
        ("911", "911"),
    ],
)
def test_the_same_number(one, other):
    assert same_number(one, other)
    assert same_number(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+966501234567", "+966501234568"),
        ("+966501234567", "4567"),
        ("911", "+1911"),
        ("", ""),
        ("anonymous", "anonymous"),
        ("0", "00"),
        ("+966501234567", "12345966501234567"),
        ("+966501234567", ""),
    ],
)
def test_another_number(one, other):
    assert not same_number(one, other)
    assert not same_number(other, one)
