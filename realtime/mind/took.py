"""How long the stages of one answer have taken so far."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from domain.moves import Move, Say

M = TypeVar("M", bound=Move)


def tool_took(move: M, since_s: float) -> M:
    """A sentence that a tool was asked for, with what that has taken since `since_s` by the monotonic clock."""
    if not isinstance(move, Say):
        return move
    return replace(move, took_ms={"tool": round((time.monotonic() - since_s) * 1000)})


class Took:
    """Stages one after another. A stage that is under way counts up to now: its first sentence is already spoken."""

    def __init__(self) -> None:
        self._done_s: dict[str, float] = {}
        self._open: tuple[str, float] | None = None

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        self._open = name, time.monotonic()
        try:
            yield
        finally:
            self._done_s, self._open = self._so_far(), None

    def ms(self) -> dict[str, int]:
        """Without those that took no time that is worth telling."""
        return {name: ms for name, s in self._so_far().items() if (ms := round(s * 1000)) > 0}

    def _so_far(self) -> dict[str, float]:
        if self._open is None:
            return self._done_s
        name, since_s = self._open
        return {**self._done_s, name: self._done_s.get(name, 0.0) + time.monotonic() - since_s}
