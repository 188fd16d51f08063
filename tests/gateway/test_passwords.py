"""Passwords: the rule in clear words, and checks that are bounded."""

import asyncio

import pytest

from domain.errors import Refused
from gateway.passwords import Passwords, check_policy, hash_password
from gateway.problems import Problem

GOOD = "correct horse battery"


@pytest.fixture
def passwords():
    made = Passwords()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 11, "at least 12"),
        ("abcdefghij" * 13, "at most 128"),
        ("121212121212", "different characters"),
        ("my salim.omar password", "name or e-mail"),
        ("BeatriceRocks!2026", "name or e-mail"),
    ],
)
def test_a_weak_password_is_told_what_it_lacks(password, says):
    with pytest.raises(Refused, match=says) as refused:
        check_policy(password, email="salim.omar@shop.example", name="Beatrice Al Ali")
    assert refused.value.code == "weak_password"
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", [GOOD, "كلمة مرور طويلة جدا", "Tr0ub4dor&3-and-more"])
def test_a_good_password_passes(password):
    check_policy(password, email="omar@shop.example", name="Al Ali")


async def test_right_and_wrong(passwords):
    stored = hash_password(GOOD)
    assert GOOD not in stored
    assert await passwords.verify(stored, GOOD)
    assert not await passwords.verify(stored, GOOD + " ")
    assert not await passwords.verify("not a hash", GOOD)


async def test_a_stranger_never_fits_and_costs_a_real_check(passwords):
    assert not await passwords.verify(None, GOOD)
    assert passwords._stranger.startswith("$argon2id$")
    assert passwords._stranger.split("$")[3] == hash_password(GOOD).split("$")[3]


async def test_a_flood_of_checks_is_told_busy_and_the_rest_is_served():
    passwords = Passwords(max_waiting=4)
    stored = hash_password(GOOD)
    answers = await asyncio.gather(*(passwords.verify(stored, GOOD) for _ in range(7)), return_exceptions=True)
    assert answers.count(True) == 4
    assert [answer.code for answer in answers if isinstance(answer, Problem)] == ["busy"] * 3
    assert await passwords.verify(stored, GOOD)
    passwords.close()
