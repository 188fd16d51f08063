"""The queues and people that a tenant begins with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from domain.accounts import Role
from domain.desk.people import DEFAULT_QUEUE, Queue
from domain.speech import Language
from domain.tenant_file.tables import Table, TenantTables

SHORT_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")
"""Of a queue or a skill."""
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,189}$")
LONGEST_TIME_S = 3600
_QUEUE_KEYS = frozenset({"id", "name", "languages", "skills", "offer_s", "max_wait_s", "wrap_up_s"})
_PERSON_KEYS = frozenset({"email", "name", "role", "languages", "skills", "queues"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    email: str
    name: str
    role: Role
    languages: tuple[Language, ...] = ()
    skills: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlan:
    queues: tuple[Queue, ...] = ()
    people: tuple[Colleague, ...] = ()


def team_plan(file: TenantTables, root: Table) -> TeamPlan:
    """From [[queues]] and [[people]]. Raises SetupError."""
    queues = _queues(file, root.get("queues", []))
    return TeamPlan(queues=tuple(queues.values()), people=tuple(_people(file, root.get("people", []), queues).values()))


def _queues(file: TenantTables, value: Any) -> dict[str, Queue]:
    queues: dict[str, Queue] = {}
    for index, row in enumerate(file.tables(value, "queues"), start=1):
        queue_id = file.text(row, "id", f"queues[{index}]", SHORT_NAME)
        place = f"queues.{queue_id}"
        file.only(row, _QUEUE_KEYS, place)
        if queue_id in queues:
            raise file.wrong(place, "the queue is there twice")
        queues[queue_id] = Queue(
            queue_id=queue_id,
            names=file.words(row.get("name"), f"{place}.name"),
            languages=frozenset(_languages(file, row, place)),
            skills=frozenset(_short_names(file, row, "skills", place)),
            offer_s=file.whole(row, "offer_s", place, 5, 120, DEFAULT_QUEUE.offer_s),
            max_wait_s=file.whole(row, "max_wait_s", place, 10, LONGEST_TIME_S, DEFAULT_QUEUE.max_wait_s),
            wrap_up_s=file.whole(row, "wrap_up_s", place, 10, LONGEST_TIME_S, DEFAULT_QUEUE.wrap_up_s),
            position=index - 1,
        )
    return queues


def _people(file: TenantTables, value: Any, queues: dict[str, Queue]) -> dict[str, Colleague]:
    people: dict[str, Colleague] = {}
    for index, row in enumerate(file.tables(value, "people"), start=1):
        email = file.text(row, "email", f"people[{index}]", EMAIL).lower()
        place = f"people.{email}"
        file.only(row, _PERSON_KEYS, place)
        if email in people:
            raise file.wrong(place, "the e-mail address is there twice")
        role = file.text(row, "role", place)
        if role not in set(Role):
            raise file.wrong(f"{place}.role", f"{role!r} is not a role ({', '.join(Role)})")
        served = _short_names(file, row, "queues", place)
        if unknown := [queue for queue in served if queue not in queues]:
            raise file.wrong(f"{place}.queues", f"there is no queue {unknown[0]!r}")
        people[email] = Colleague(
            email=email,
            name=file.text(row, "name", place),
            role=Role(role),
            languages=_languages(file, row, place),
            skills=_short_names(file, row, "skills", place),
            queues=served,
        )
    return people


def _languages(file: TenantTables, row: Table, place: str) -> tuple[Language, ...]:
    if not row.get("languages"):
        return ()
    return tuple(
        file.language(name, f"{place}.languages") for name in file.texts(row["languages"], f"{place}.languages")
    )


def _short_names(file: TenantTables, row: Table, key: str, place: str) -> tuple[str, ...]:
    if not row.get(key):
        return ()
    names = file.texts(row[key], f"{place}.{key}")
    for name in names:
        if not SHORT_NAME.match(name):
            raise file.wrong(f"{place}.{key}", f"{name!r} is not a short name like billing")
    return names
