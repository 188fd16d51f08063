"""The report of a campaign: one row for each person on its list, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.campaigns.book import Person

COLUMNS = ("number", "language", "outcome", "tries", "called_at", "call")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of one."""


def report_of(people: Sequence[Person], zone: ZoneInfo) -> str:
    """With the list's own columns after ours; times in the tenant's zone."""
    fields = list(dict.fromkeys(name for person in people for name in person.contact.fields))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([*COLUMNS, *(_plain(name) for name in fields)])
    for person in people:
        called_at = None if person.called_at is None else datetime.fromtimestamp(person.called_at, zone)
        writer.writerow(
            [
                person.contact.number,
                person.contact.language.value,
                "not_called" if person.outcome is None else person.outcome.value,
                person.tries,
                "" if called_at is None else called_at.isoformat(timespec="seconds"),
                person.call_id or "",
                *(_plain(person.contact.fields.get(name, "")) for name in fields),
            ]
        )
    return written.getvalue()


def _plain(value: str) -> str:
    """Somebody else's text, which no spreadsheet shall compute."""
    return f"'{value}" if value.startswith(_FORMULA) else value
