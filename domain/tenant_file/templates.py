"""The WhatsApp templates in a tenant's file, as they were approved."""

from __future__ import annotations

import re

from domain.tenant import MessageTemplate
from domain.tenant_file.tables import Table, TenantTables
from domain.threads.templates import PLACE

_NAME = re.compile(r"^[a-z0-9_]{1,512}$")
"""As Meta allows it."""
_LANGUAGE = re.compile(r"^[a-z]{2,3}(_[A-Z]{2,3})?$")
_KEYS = frozenset({"name", "language", "body", "values"})
LONGEST_BODY = 1024
"""Characters, which is Meta's limit."""


def message_templates(file: TenantTables, root: Table) -> tuple[MessageTemplate, ...]:
    found: dict[tuple[str, str], MessageTemplate] = {}
    for index, row in enumerate(file.tables(root.get("templates", []), "templates"), start=1):
        name = file.text(row, "name", f"templates[{index}]", _NAME)
        place = f"templates.{name}"
        file.only(row, _KEYS, place)
        language = file.text(row, "language", place, _LANGUAGE)
        if (name, language) in found:
            raise file.wrong(place, f"it is there twice in {language}")
        body = file.text(row, "body", place)
        if len(body) > LONGEST_BODY:
            raise file.wrong(f"{place}.body", f"it has more than {LONGEST_BODY} characters")
        values = file.tables(row.get("values", []), f"{place}.values")
        if [int(number) for number in PLACE.findall(body)] != list(range(1, len(values) + 1)):
            raise file.wrong(f"{place}.values", "each {{1}}, {{2}} ... of the body, in order and once, needs its name")
        found[name, language] = MessageTemplate(
            name=name,
            language=language,
            body=body,
            values=tuple(file.words(value, f"{place}.values[{n}]") for n, value in enumerate(values, start=1)),
        )
    return tuple(found.values())
