"""The people that a campaign calls, from a CSV file: each row is one of them, or refused by its line and a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.campaigns.plan import CampaignPlan, Purpose, fields_of
from domain.desk.calling import normal_number
from domain.errors import Refused
from domain.outbound.dialling import NumberPlan
from domain.speech import Language

MOST_CONTACTS = 20_000
MOST_COLUMNS = 30
LONGEST_FIELD = 200
NUMBER, NAME, LANGUAGE, CONSENT = "number", "name", "language", "consent"
_YES = frozenset({"yes", "y", "true", "1", "نعم"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Personal data: it stands sealed in the store, and nowhere else."""

    number: str
    """As E.164 writes it."""
    language: Language
    fields: dict[str, str] = field(default_factory=dict[str, str])
    """By column, the name among them."""
    has_consented: bool = False
    """To calls of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    line: int
    """Of the file; its first is 1."""
    code: str
    """bad_number, costly_number, bad_language, empty_field, too_long, wrong_width, duplicate, no_consent"""
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    columns: tuple[str, ...]
    contacts: tuple[Contact, ...]
    refused: tuple[RefusedRow, ...]


class _Row(Exception):
    """This row is refused."""

    def __init__(self, code: str, column: str | None = None) -> None:
        super().__init__(code)
        self.code, self.column = code, column


def columns_of(text: str) -> tuple[str, ...]:
    """The names in the first line. Raises Refused("bad_list")."""
    first = next(_rows(text), None)
    names = tuple(name.strip().casefold() for name in first[1]) if first is not None else ()
    if NUMBER not in names:
        raise Refused("bad_list", "The first line names the columns, and one of them is number.")
    if len(names) > MOST_COLUMNS or "" in names or len(set(names)) < len(names):
        raise Refused("bad_list", f"There are at most {MOST_COLUMNS} columns, each with a name of its own.")
    return names


def contact_list(text: str, plan: CampaignPlan, default: Language, numbers: NumberPlan) -> ContactList:
    """Everybody once, by their number: the first row counts. Raises Refused("bad_list")."""
    columns = columns_of(text)
    contacts: dict[str, Contact] = {}
    refused: list[RefusedRow] = []
    rows = _rows(text)
    next(rows)
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            contact = _contact(dict(zip(columns, row, strict=False)), len(row) == len(columns), plan, default, numbers)
            if contact.number in contacts:
                raise _Row("duplicate", NUMBER)
        except _Row as wrong:
            refused.append(RefusedRow(line=line, code=wrong.code, column=wrong.column))
            continue
        contacts[contact.number] = contact
        if len(contacts) > MOST_CONTACTS:
            raise Refused("bad_list", f"A list has at most {MOST_CONTACTS} people.")
    return ContactList(columns=columns, contacts=tuple(contacts.values()), refused=tuple(refused))


def _contact(
    cells: dict[str, str], is_whole: bool, plan: CampaignPlan, default: Language, numbers: NumberPlan
) -> Contact:
    """Raises _Row."""
    if not is_whole:
        raise _Row("wrong_width")
    cells = {column: cell.strip() for column, cell in cells.items()}
    for column, cell in cells.items():
        if len(cell) > LONGEST_FIELD or not cell.isprintable():
            raise _Row("too_long", column)
    number = normal_number(cells[NUMBER])
    facts = None if number is None else numbers(number)
    if number is None or facts is None or facts.region is None:
        raise _Row("bad_number", NUMBER)
    if not facts.is_ordinary:
        raise _Row("costly_number", NUMBER)
    written = cells.get(LANGUAGE, "").casefold()
    if written and written not in set(Language):
        raise _Row("bad_language", LANGUAGE)
    language = Language(written) if written else default
    for needed in fields_of(plan, language):
        if not cells.get(needed):
            raise _Row("empty_field", needed)
    has_consented = cells.get(CONSENT, "").casefold() in _YES
    if plan.purpose is Purpose.MARKETING and not has_consented:
        raise _Row("no_consent", CONSENT)
    known = (NUMBER, LANGUAGE, CONSENT)
    fields = {column: cell for column, cell in cells.items() if column not in known and cell}
    return Contact(number=number, language=language, fields=fields, has_consented=has_consented)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it ends on. Comma, semicolon or tab, whichever the first line has most of."""
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Refused("bad_list", f"Line {reader.line_num} can't be read as CSV.") from error
