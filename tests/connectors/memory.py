"""One tenant's attempts and secrets in a database file, so that they outlive a connector as they would a process."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from domain.actions import Attempt
from domain.credentials import Tokens
from domain.errors import NotFound


class FileAttempts:
    """The Attempts port over SQLite."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute(
            "create table if not exists attempts (system text, key text, count integer, begun_at real, reference text, "
            "primary key (system, key))"
        )

    async def earlier(self, system: str, key: str) -> Attempt | None:
        query = "select count, begun_at, reference from attempts where system = ? and key = ?"
        row = self._db.execute(query, (system, key)).fetchone()
        return Attempt(count=row[0], begun_at_s=row[1], reference=row[2]) if row else None

    async def begin(self, system: str, key: str, at_s: float, *, after: int) -> bool:
        self._db.execute("insert or ignore into attempts values (?, ?, 0, ?, null)", (system, key, at_s))
        changed = self._db.execute(
            "update attempts set count = count + 1, begun_at = ? "
            "where system = ? and key = ? and count = ? and reference is null",
            (at_s, system, key, after),
        )
        return changed.rowcount == 1

    async def withdraw(self, system: str, key: str) -> None:
        self._db.execute(
            "update attempts set count = count - 1 where system = ? and key = ? and count > 0 and reference is null",
            (system, key),
        )

    async def finish(self, system: str, key: str, reference: str, at_s: float) -> None:
        self._db.execute(
            "insert into attempts values (?, ?, 0, ?, ?) "
            "on conflict (system, key) do update set reference = coalesce(reference, excluded.reference)",
            (system, key, at_s, reference),
        )

    def close(self) -> None:
        self._db.close()


class Box:
    """The Secrets port in memory."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = secrets
        self.held: dict[str, Tokens] = {}

    async def read(self, reference: str) -> str:
        if reference not in self.secrets:
            raise NotFound("secrets", f"{reference} is empty")
        return self.secrets[reference]

    async def tokens(self, reference: str) -> Tokens | None:
        return self.held.get(reference)

    async def replace_tokens(self, reference: str, new: Tokens, *, instead_of: Tokens | None) -> Tokens:
        if self.held.get(reference) == instead_of:
            self.held[reference] = new
        return self.held[reference]
