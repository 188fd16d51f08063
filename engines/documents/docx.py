"""Word's DOCX by python-docx: paragraphs by their style, and tables row by row."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from domain.knowledge.document import Block
from domain.knowledge.problems import BOMB, BROKEN, ENCRYPTED, WRONG_TYPE, UnreadableDocument
from engines.documents.rows import sentence_of_row

MOST_UNPACKED_BYTES = 200_000_000
MOST_RATIO = 200
"""A document's XML shrinks to a twentieth at most; what shrinks to less is made to fill a disk."""
MAIN_PART = "word/document.xml"
_HEADING = re.compile(r"^(?:heading|titre|überschrift|عنوان)\s*([1-9])$", re.IGNORECASE)


def read(content: bytes) -> list[Block]:
    _refuse_bombs(content)
    import docx
    from docx.table import Table

    try:
        document: Any = docx.Document(io.BytesIO(content))
        blocks: list[Block] = []
        for entry in document.iter_inner_content():
            blocks += _table(entry) if isinstance(entry, Table) else [_paragraph(entry)]
    except (ValueError, KeyError, AttributeError, zipfile.BadZipFile, OSError) as error:
        raise UnreadableDocument(BROKEN) from error
    except Exception as error:
        # lxml's and python-docx's own errors share no root but Exception.
        if isinstance(error, MemoryError | RecursionError):
            raise
        raise UnreadableDocument(BROKEN) from error
    return blocks


def _refuse_bombs(content: bytes) -> None:
    """By what the archive says of itself, before anything is unpacked; zipfile holds it to its word."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableDocument(BROKEN) from error
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableDocument(ENCRYPTED)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED_BYTES or unpacked > max(len(content), 50_000) * MOST_RATIO:
        raise UnreadableDocument(BOMB)
    if MAIN_PART not in {member.filename for member in members}:
        raise UnreadableDocument(WRONG_TYPE)


def _paragraph(paragraph: Any) -> Block:
    return Block(text=paragraph.text, level=_level(paragraph))


def _level(paragraph: Any) -> int:
    style = paragraph.style.name if paragraph.style is not None else ""
    if style in {"Title", "العنوان"}:
        return 1
    found = _HEADING.match(style or "")
    # A title is above the first headings.
    return int(found[1]) + 1 if found else 0


def _table(table: Any) -> list[Block]:
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    return (
        [Block(text=sentence_of_row(rows[0], row)) for row in rows[1:]]
        if len(rows) > 1
        else [Block(text=sentence_of_row(None, row)) for row in rows]
    )
