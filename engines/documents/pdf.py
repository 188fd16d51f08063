"""PDF by pypdf: the text layer page by page, and headings by the size of their letters."""

from __future__ import annotations

import io
import logging
from collections import Counter
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from domain.knowledge.document import Block
from domain.knowledge.problems import (
    BOMB,
    BROKEN,
    EMPTY,
    ENCRYPTED,
    SCANNED,
    TOO_MUCH_TEXT,
    UnreadableDocument,
)
from engines.documents.text import unwrapped

MOST_PAGES = 3_000
HEADING_SIZE = 1.15
"""Letters larger than the body's by this factor make a heading; a bold line of the same size is not told from text."""
LONGEST_HEADING = 120
"""Characters."""
FEW_LETTERS = 8
"""A page on average below this, with a picture, is a scan whose only text is a stamp or page number."""


def read(content: bytes) -> list[Block]:
    # It logs every oddity of a file; ours is one code.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _read(content)
    except (FileNotDecryptedError, DependencyError) as error:
        raise UnreadableDocument(ENCRYPTED) from error
    except LimitReachedError as error:
        raise UnreadableDocument(BOMB) from error
    except UnreadableDocument:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, RecursionError) as error:
        # A damaged file fails wherever its damage is looked at.
        raise UnreadableDocument(BROKEN) from error


def _read(content: bytes) -> list[Block]:
    reader = PdfReader(io.BytesIO(content), strict=False)
    # Many are locked against changes only, and open with an empty password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument(ENCRYPTED)
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise UnreadableDocument(TOO_MUCH_TEXT)
    if not count:
        raise UnreadableDocument(EMPTY)
    pages = [_lines(page) for page in reader.pages]
    letters = sum(char.isalnum() for lines in pages for text, _ in lines for char in text)
    if letters < FEW_LETTERS * count and any(_has_picture(page) for page in reader.pages):
        raise UnreadableDocument(SCANNED)
    body = _body_size([line for lines in pages for line in lines])
    sizes = sorted({size for lines in pages for text, size in lines if _is_heading(text, size, body)}, reverse=True)
    blocks: list[Block] = []
    for number, lines in enumerate(pages, 1):
        blocks += _blocks(lines, number, body, sizes)
    return blocks


_Line = tuple[str, float]
"""Text, and the size of most of its letters."""


def _lines(page: PageObject) -> list[_Line]:
    lines: list[_Line] = []
    current: list[tuple[str, float]] = []

    def close() -> None:
        text = "".join(piece for piece, _ in current)
        weights: Counter[float] = Counter()
        for piece, size in current:
            weights[size] += len(piece.strip())
        lines.append((text, weights.most_common(1)[0][0] if weights else 0.0))
        current.clear()

    def visit(text: str, current_matrix: list[float], text_matrix: list[float], _: Any, font_size: float) -> None:
        size = round(abs(font_size * (text_matrix[3] or 1) * (current_matrix[3] or 1)), 1)
        pieces = text.split("\n")
        for number, piece in enumerate(pieces):
            if number:
                close()
            current.append((piece, size))

    page.extract_text(visitor_text=visit)
    close()
    return lines


def _body_size(lines: list[_Line]) -> float:
    weights: Counter[float] = Counter()
    for text, size in lines:
        weights[size] += len(text.strip())
    return weights.most_common(1)[0][0] if weights else 0.0


def _is_heading(text: str, size: float, body: float) -> bool:
    text = text.strip()
    return size > body * HEADING_SIZE and 1 < len(text) <= LONGEST_HEADING and any(c.isalpha() for c in text)


def _blocks(lines: list[_Line], page: int, body: float, sizes: list[float]) -> list[Block]:
    blocks: list[Block] = []
    paragraph: list[str] = []

    def close() -> None:
        blocks.extend(Block(text=text, page=page) for text in unwrapped(paragraph))
        paragraph.clear()

    for text, size in lines:
        if _is_heading(text, size, body):
            close()
            blocks.append(Block(text=text.strip(), level=1 + sizes.index(size), page=page))
        else:
            paragraph.append(text)
    close()
    return blocks


def _has_picture(page: PageObject) -> bool:
    resources: Any = page.get("/Resources")
    drawn: Any = resources.get_object().get("/XObject") if resources is not None else None
    if drawn is None:
        return False
    return any(entry.get_object().get("/Subtype") == "/Image" for entry in drawn.get_object().values())
