"""Passwords: argon2id hashes, the rule for a good one, and a check that takes as long for a stranger."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from domain.errors import Refused
from gateway.problems import busy

MIN_LENGTH = 12
MAX_LENGTH = 128
MIN_DIFFERENT_CHARACTERS = 5
"""Enough to refuse "aaaaaaaaaaaa" and "121212121212", which pass the length alone."""
HASHING_THREADS = 2
"""One hash takes 64 MiB and 0.2 s of CPU (measured); two at a time keep logins from starving calls."""
MAX_WAITING = 16
"""Checks in line before we answer "busy": on two cores three seconds of work."""

T = TypeVar("T")

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id string for storage; takes tens of milliseconds."""
    return _hasher.hash(password)


def check_policy(password: str, *, email: str, name: str = "") -> None:
    """Raises Refused("weak_password") with a sentence that says what to change."""
    if len(password) < MIN_LENGTH:
        raise Refused("weak_password", f"The password needs at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise Refused("weak_password", f"The password may have at most {MAX_LENGTH} characters.")
    if len(set(password)) < MIN_DIFFERENT_CHARACTERS:
        raise Refused("weak_password", f"The password needs at least {MIN_DIFFERENT_CHARACTERS} different characters.")
    lowered = password.casefold()
    for personal in (email.partition("@")[0], *name.split()):
        if len(personal) >= 4 and personal.casefold() in lowered:
            raise Refused("weak_password", "The password must not contain your name or e-mail address.")


class Passwords:
    """Checks passwords off the event loop, a bounded number at a time."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._threads = ThreadPoolExecutor(HASHING_THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._stranger = _hasher.hash(secrets.token_urlsafe(24))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` fits; None stands for an unknown user and costs the same time.

        Raises a 503 "busy" Problem when too many checks wait.
        """
        fits = await self._run(lambda: _fits(stored or self._stranger, password[:MAX_LENGTH]))
        return fits and stored is not None and len(password) <= MAX_LENGTH

    async def hash(self, password: str) -> str:
        return await self._run(lambda: hash_password(password))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise busy("Too many people are signing in at the moment; please try again shortly.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
