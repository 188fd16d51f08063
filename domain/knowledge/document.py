"""The words of knowledge: a document, its blocks, chunks and passages, and the ids that they go by."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum

from domain.speech import Language

MOST_FILE_BYTES = 20_000_000
"""Of one uploaded file: a scanned catalogue is larger, and has no text to find."""
LONGEST_NAME = 200
"""Characters of a file's name; a file system allows 255 bytes."""


class DocumentKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


class DocumentState(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    REMOVING = "removing"


SETTLED = frozenset({DocumentState.READY, DocumentState.FAILED})
"""States in which nothing more happens by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came in."""

    name: str
    kind: DocumentKind
    content: bytes

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A row of the documents table. `revision` is higher for each later content; times are Unix seconds."""

    tenant_id: str
    document_id: str
    name: str
    kind: DocumentKind
    size_bytes: int
    content_hash: str
    revision: int
    state: DocumentState
    chunks_done: int = 0
    chunks_total: int | None = None
    """None until the document was read."""
    pages: int | None = None
    language: Language | None = None
    problem: str | None = None
    """A code of domain/knowledge/problems.py, of the revision that FAILED."""
    uploaded_at: float = 0.0
    changed_at: float = 0.0

    @property
    def progress(self) -> float:
        """0..1 of the way to being ready."""
        if self.state is DocumentState.READY:
            return 1.0
        return self.chunks_done / self.chunks_total if self.chunks_total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading, list entry or table row, in reading order."""

    text: str
    level: int = 0
    """Of a heading, 1 being the highest; 0 is no heading."""
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of a document that is found as one."""

    position: int
    """0 for the first of the document."""
    sentences: tuple[str, ...]
    """As they stand in the document."""
    heading: tuple[str, ...] = ()
    """The headings above it, the highest first."""
    page: int | None = None
    """Where it begins."""

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    @property
    def in_context(self) -> str:
        """What is embedded and compared: the text under its headings."""
        return "\n".join((" > ".join(self.heading), self.text)) if self.heading else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which revision of which document chunks belong to."""

    tenant_id: str
    document_id: str
    name: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk that was found, and the sentence of it that answers best."""

    document_id: str
    name: str
    heading: tuple[str, ...]
    page: int | None
    text: str
    language: Language | None
    score: float
    """0..1, how sure it is that `answer` answers the question; comparable between passages and questions."""
    answer: str
    """One sentence of `text`, as it stands there."""

    @property
    def source(self) -> str:
        """Said nowhere, shown beside what was said: file, headings, page."""
        parts = [self.name, *self.heading[-1:]]
        return " · ".join([*parts, f"p. {self.page}"] if self.page else parts)


def document_id_of(tenant_id: str, name: str) -> str:
    """The same name is the same document, so that it can be replaced."""
    return str(_uuid("document", tenant_id, name))


def chunk_id_of(source: Source, chunk: Chunk) -> str:
    """By content: the same chunk indexed twice is one point, and another revision's never overwrites it."""
    return str(_uuid("chunk", source.tenant_id, source.document_id, source.revision, chunk.position, chunk.in_context))


def document_key(document_id: str) -> str:
    """The name in the key ring of the data key that seals a document's content, and its workflow's payloads."""
    return f"document-{document_id}"


def _uuid(*parts: str | int) -> uuid.UUID:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode(errors="surrogatepass")).digest()
    return uuid.UUID(bytes=digest[:16], version=5)
