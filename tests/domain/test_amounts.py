"""Amounts of money that a caller asks to be paid."""

from decimal import Decimal

import pytest

from domain.acting.amounts import amount_to_move


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("I want a refund of 1,500 dirhams", "1500"),
        ("please refund AED 320.50 to me", "320.50"),
        ("refund me 20 dollars, no, $900", "900"),
        ("refund of 1 500 AED for my order", "1500"),
        ("رجعوا لي 2000 درهم", "2000"),
        ("ابغي تعويض ٥٠٠ درهم", "500"),
    ],
)
def test_what_is_asked_for_is_an_amount(text: str, amount: str) -> None:
    assert amount_to_move(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "where is my order 4572",
        "does delivery cost 20 dirhams?",
        "I want a refund",
        "refund order 4572",
        "كم سعر 20 درهم",
    ],
)
def test_prices_and_other_numbers_are_none(text: str) -> None:
    assert amount_to_move(text) is None
