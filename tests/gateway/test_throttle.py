"""The login throttle, on a clock of its own."""

import pytest

from gateway.throttle import ACCOUNT_FAILURES, ADDRESS_FAILURES, MAX_KEYS, WINDOW_S, LoginThrottle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def throttle(clock):
    return LoginThrottle(clock)


def fail(throttle, times, email="a@b.ae", address="10.0.0.1"):
    return [throttle.attempt("shop", email, address) for _ in range(times)]


def test_the_sixth_failure_waits_until_the_window_closes(throttle, clock):
    assert fail(throttle, ACCOUNT_FAILURES) == [None] * ACCOUNT_FAILURES
    clock.now = 100
    assert fail(throttle, 2) == [WINDOW_S - 100] * 2
    clock.now = WINDOW_S
    assert fail(throttle, 1) == [None]


def test_others_go_on(throttle):
    fail(throttle, ACCOUNT_FAILURES + 1)
    assert fail(throttle, 1, email="c@d.ae") == [None]
    assert fail(throttle, 1, address="10.0.0.2") == [None]


def test_success_forgives(throttle):
    fail(throttle, ACCOUNT_FAILURES)
    throttle.succeeded("shop", "a@b.ae", "10.0.0.1")
    assert fail(throttle, 1) == [None]


def test_one_address_that_tries_many_accounts_is_stopped(throttle):
    answers = [throttle.attempt("shop", f"{number}@b.ae", "10.0.0.1") for number in range(ADDRESS_FAILURES + 1)]
    assert answers[:-1] == [None] * ADDRESS_FAILURES
    assert answers[-1] == WINDOW_S


def test_succeeding_again_and_again_never_locks_an_address(throttle):
    for _ in range(ADDRESS_FAILURES * 2):
        assert throttle.attempt("shop", "a@b.ae", "10.0.0.1") is None
        throttle.succeeded("shop", "a@b.ae", "10.0.0.1")


def test_memory_is_bounded_and_the_freshest_are_kept(throttle):
    fail(throttle, ACCOUNT_FAILURES, email="old@b.ae", address="10.0.0.9")
    for number in range(MAX_KEYS):
        throttle.attempt("shop", f"{number}@b.ae", f"10.{number}")
    assert len(throttle) == MAX_KEYS
    fail(throttle, ACCOUNT_FAILURES, email="last@b.ae")
    assert fail(throttle, 1, email="last@b.ae") != [None]
