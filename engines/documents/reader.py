"""Any document into its blocks."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from domain.knowledge.document import Block, DocumentKind
from domain.knowledge.problems import EMPTY, TOO_MUCH_TEXT, UnreadableDocument

MOST_CHARS = 4_000_000
"""About 1,500 pages full of text, and 100 minutes of embedding on one core."""

Reader = Callable[[bytes], list[Block]]


def read(content: bytes, kind: DocumentKind) -> list[Block]:
    """The blocks with text, in reading order. Raises UnreadableDocument."""
    blocks = [_written_out(block) for block in _reader_of(kind)(content)]
    blocks = [block for block in blocks if block.text]
    if not any(letter.isalnum() for block in blocks for letter in block.text):
        raise UnreadableDocument(EMPTY)
    if sum(len(block.text) for block in blocks) > MOST_CHARS:
        raise UnreadableDocument(TOO_MUCH_TEXT)
    return blocks


def _reader_of(kind: DocumentKind) -> Reader:
    """Imported at need: a page of text does not wait for a PDF library."""
    match kind:
        case DocumentKind.PDF:
            from engines.documents import pdf

            return pdf.read
        case DocumentKind.DOCX:
            from engines.documents import docx

            return docx.read
        case DocumentKind.HTML:
            from engines.documents import html

            return html.read
        case DocumentKind.MARKDOWN:
            from engines.documents import markdown

            return markdown.read
        case DocumentKind.TEXT:
            from engines.documents import text

            return text.read


def _written_out(block: Block) -> Block:
    """Arabic letters as letters: PDFs hold the shapes that they take inside of a word, which nothing would find."""
    text = "".join(unicodedata.normalize("NFKC", c) if "\ufb50" <= c <= "\ufefc" else c for c in block.text)
    # Half a surrogate pair can be stored nowhere.
    text = text.encode(errors="replace").decode().strip()
    return Block(text=text, level=block.level, page=block.page)
