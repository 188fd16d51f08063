"""Taking values out of the tables of a tenant's file."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, cast

from domain.errors import SetupError
from domain.hours import parse_hour
from domain.speech import Language
from domain.tenant import Words

Table = dict[str, Any]


class TenantTables:
    """Takes values out of tables; a missing or wrong one is a SetupError that names the file and the place."""

    def __init__(self, name: str) -> None:
        self._name = name

    def wrong(self, place: str, what: str) -> SetupError:
        return SetupError(f"{self._name}: {place}: {what}")

    def table(self, value: Any, place: str) -> Table:
        if not isinstance(value, dict):
            raise self.wrong(place, "a table is expected")
        return cast(Table, value)

    def tables(self, value: Any, place: str) -> list[Table]:
        if not isinstance(value, list):
            raise self.wrong(place, "a list of tables is expected")
        rows = cast(list[Any], value)
        return [self.table(row, f"{place}[{index}]") for index, row in enumerate(rows, start=1)]

    def text(self, table: Table, key: str, place: str, shape: re.Pattern[str] | None = None) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{place}.{key}".lstrip("."), "a text is missing")
        if shape is not None and not shape.match(value):
            raise self.wrong(f"{place}.{key}".lstrip("."), f"{value!r} is not allowed here")
        return value.strip()

    def texts(self, value: Any, place: str) -> tuple[str, ...]:
        items = cast(list[Any], value) if isinstance(value, list) else []
        texts = tuple(item.strip() for item in items if isinstance(item, str) and item.strip())
        if not texts or len(texts) != len(items):
            raise self.wrong(place, "a list of texts is expected")
        return texts

    def words(self, value: Any, place: str) -> Words:
        return {language: self.text(found, language, place) for language, found in self._by_language(value, place)}

    def examples(self, value: Any, place: str) -> dict[Language, tuple[str, ...]]:
        found = self._by_language(value, place)
        return {language: self.texts(table[language], f"{place}.{language}") for language, table in found}

    def language(self, value: Any, place: str) -> Language:
        if value not in set(Language):
            raise self.wrong(place, f"{value!r} is not a language that Hatif speaks ({', '.join(Language)})")
        return Language(value)

    def only(self, table: Table, keys: frozenset[str], place: str) -> None:
        """A misspelt key would be a setting that silently isn't there."""
        for key in table:
            if key not in keys:
                raise self.wrong(f"{place}.{key}".lstrip("."), "nothing of this name belongs here")

    def whole(self, table: Table, key: str, place: str, least: int, most: int, default: int | None = None) -> int:
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(f"{place}.{key}".lstrip("."), f"a whole number from {least} to {most} is expected")
        return value

    def switch(self, table: Table, key: str, *, default: bool) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false is expected")
        return value

    def date(self, table: Table, key: str, place: str) -> date:
        value = table.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(f"{place}.{key}", "a date like 2026-12-02, without quotes, is expected")
        return value

    def hour(self, table: Table, key: str, place: str, default: str | None = None) -> str:
        text = default if default is not None and key not in table else self.text(table, key, place)
        try:
            parse_hour(text)
        except ValueError as error:
            raise self.wrong(f"{place}.{key}", str(error)) from error
        return text

    def _by_language(self, value: Any, place: str) -> list[tuple[Language, Table]]:
        table = self.table(value, place)
        for key in table:
            self.language(key, place)
        missing = [language for language in Language if language not in table]
        if missing:
            raise self.wrong(place, f"the translation {missing[0].value!r} is missing")
        return [(language, table) for language in Language]
