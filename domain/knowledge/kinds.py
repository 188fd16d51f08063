"""What kind of document a file is: by the end of its name, and its first bytes must not say otherwise."""

from __future__ import annotations

from domain.knowledge.document import LONGEST_NAME, MOST_FILE_BYTES, DocumentKind, Upload
from domain.knowledge.problems import BAD_NAME, EMPTY, ENCRYPTED, TOO_LARGE, UNSUPPORTED, WRONG_TYPE, UnreadableDocument

SUFFIXES: dict[str, DocumentKind] = {
    "pdf": DocumentKind.PDF,
    "docx": DocumentKind.DOCX,
    "html": DocumentKind.HTML,
    "htm": DocumentKind.HTML,
    "md": DocumentKind.MARKDOWN,
    "markdown": DocumentKind.MARKDOWN,
    "txt": DocumentKind.TEXT,
}
_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_WITHIN_BYTES = 1024
"""Readers accept a PDF that begins a little later."""
_PROGRAMS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_BINARY = (_PDF, _ZIP, _OLE, *_PROGRAMS)
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def upload_of(name: str, content: bytes) -> Upload:
    """A file that is worth reading. Raises UnreadableDocument."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or {"/", "\\"} & set(name):
        raise UnreadableDocument(BAD_NAME)
    if len(content) > MOST_FILE_BYTES:
        raise UnreadableDocument(TOO_LARGE)
    if not content.strip():
        raise UnreadableDocument(EMPTY)
    return Upload(name=name, kind=kind_of(name, content), content=content)


def kind_of(name: str, content: bytes) -> DocumentKind:
    """Raises UnreadableDocument."""
    kind = SUFFIXES.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise UnreadableDocument(UNSUPPORTED)
    match kind:
        case DocumentKind.PDF:
            fits = _PDF in content[:_PDF_WITHIN_BYTES]
        case DocumentKind.DOCX:
            if content.startswith(_OLE):
                # Word wraps a document with a password into the older container.
                raise UnreadableDocument(ENCRYPTED)
            fits = content.startswith(_ZIP)
        case DocumentKind.HTML | DocumentKind.MARKDOWN | DocumentKind.TEXT:
            fits = not content.startswith(_BINARY) and (b"\0" not in content[:4096] or content.startswith(_WIDE))
    if not fits:
        raise UnreadableDocument(WRONG_TYPE)
    return kind
