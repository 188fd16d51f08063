"""How these commands print: a table, or JSON and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 200
"""Where there is no terminal, nothing is cut."""


def console() -> Console:
    made = Console(highlight=False, soft_wrap=True)
    if not made.is_terminal:
        made.width = PLAIN_WIDTH
    return made


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console().print(table)


def print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))  # noqa: T201


def say(text: str) -> None:
    console().print(text, markup=False)
