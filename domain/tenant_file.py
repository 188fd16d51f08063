"""Reading a tenant's file: TOML in, a profile out, and for every mistake one sentence that says where it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, cast

from domain.errors import SetupError
from domain.hours import parse_hour
from domain.speech import Language
from domain.tenant import Fact, OpenHours, Record, TenantProfile, Words

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_NUMBER = re.compile(r"^\d{3,12}$")
_PHONE = re.compile(r"^\d{3,15}$")
RESERVED_INTENTS = frozenset({"record_status", "person", "goodbye", "smalltalk", "unknown", "emergency", "language"})

Table = dict[str, Any]


class _File:
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

    def _by_language(self, value: Any, place: str) -> list[tuple[Language, Table]]:
        table = self.table(value, place)
        for key in table:
            self.language(key, place)
        missing = [language for language in Language if language not in table]
        if missing:
            raise self.wrong(place, f"the translation {missing[0].value!r} is missing")
        return [(language, table) for language in Language]


def parse_tenant(text: str, name: str, tenant_id_of: Callable[[str], str]) -> TenantProfile:
    """The profile in a tenant's file called `name`; `tenant_id_of` makes the id from the slug. Raises SetupError."""
    file = _File(name)
    try:
        root: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{name}: not readable as TOML: {error}") from error
    slug = file.text(root, "slug", "", _SLUG)
    record = file.table(root.get("record", {}), "record")
    return TenantProfile(
        tenant_id=tenant_id_of(slug),
        slug=slug,
        name=file.words(root.get("name"), "name"),
        persona=file.words(root.get("persona"), "persona"),
        greeting=file.words(root.get("greeting"), "greeting"),
        default_language=file.language(root.get("default_language"), "default_language"),
        emergency_number=file.text(root, "emergency_number", "", _PHONE),
        time_zone=file.text(root, "time_zone", ""),
        facts=_facts(file, root),
        record_word=file.words(record.get("word"), "record.word") if record else {},
        record_examples=file.examples(record.get("examples"), "record.examples") if record else {},
        records=_records(file, root, bool(record)),
        hours=_hours(file, root),
        voices={
            file.language(language, "voices"): file.text(file.table(root["voices"], "voices"), language, "voices")
            for language in file.table(root.get("voices", {}), "voices")
        },
        actions=file.texts(root["actions"], "actions") if root.get("actions") else (),
    )


def _facts(file: _File, root: Table) -> tuple[Fact, ...]:
    facts: dict[str, Fact] = {}
    for index, row in enumerate(file.tables(root.get("facts", []), "facts"), start=1):
        intent = file.text(row, "intent", f"facts[{index}]", _NAME)
        place = f"facts.{intent}"
        if intent in facts:
            raise file.wrong(place, "the intent is there twice")
        if intent in RESERVED_INTENTS:
            raise file.wrong(place, "the name is one of Hatif's own intents")
        facts[intent] = Fact(
            intent=intent,
            about=file.text(row, "about", place),
            examples=file.examples(row.get("examples"), f"{place}.examples"),
            answer=file.words(row.get("answer"), f"{place}.answer"),
        )
    if not facts:
        raise file.wrong("facts", "at least one fact is needed")
    return tuple(facts.values())


def _records(file: _File, root: Table, described: bool) -> tuple[Record, ...]:
    records: dict[str, Record] = {}
    for index, row in enumerate(file.tables(root.get("records", []), "records"), start=1):
        number = file.text(row, "number", f"records[{index}]", _NUMBER)
        if number in records:
            raise file.wrong(f"records.{number}", "the number is there twice")
        records[number] = Record(number=number, answer=file.words(row.get("answer"), f"records.{number}.answer"))
    if records and not described:
        raise file.wrong("record", "records need the table [record] with their word and examples")
    return tuple(records.values())


def _hours(file: _File, root: Table) -> tuple[OpenHours, ...]:
    hours: list[OpenHours] = []
    for index, row in enumerate(file.tables(root.get("hours", []), "hours"), start=1):
        place = f"hours[{index}]"
        opens, closes = (_hour(file, row, key, place) for key in ("opens", "closes"))
        if opens == closes:
            raise file.wrong(place, "it closes when it opens")
        for day in file.texts(row.get("days"), f"{place}.days"):
            if day not in _WEEKDAYS:
                raise file.wrong(f"{place}.days", f"{day!r} is not a weekday")
            hours.append(OpenHours(weekday=_WEEKDAYS.index(day), opens=opens, closes=closes))
    return tuple(hours)


def _hour(file: _File, row: Table, key: str, place: str) -> str:
    text = file.text(row, key, place)
    try:
        parse_hour(text)
    except ValueError as error:
        raise file.wrong(f"{place}.{key}", str(error)) from error
    return text
