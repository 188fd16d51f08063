"""A document cut into chunks: along its headings and sentences, each small enough for the embedder, with an overlap."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.knowledge.document import Block, Chunk

OVERLAP_SHARE = 0.25
"""The last sentence of a chunk begins the next one too, unless it is longer than this share of a chunk."""
HEADING_SHARE = 0.3
"""Of a chunk, for the headings above it; longer ones lose their upper levels."""
LONGEST_HEADING = 200
"""Characters; a longer one is a paragraph that was formatted as a heading."""
_LONG_SENTENCE_CHARS = 600
"""A "sentence" beyond this has no punctuation that we know; it is cut between words."""

_SENTENCE_END = re.compile(r"""(?<=[.!?؟…])\s+(?=\S)|(?<=[.!?؟…]["'”»)\]])\s+(?=\S)|\s*\n+\s*""")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|etc|e\.g|i\.e|approx|Inc|Ltd|Co|Fig|p|pp)\.$", re.IGNORECASE
)
_SPACES = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Consecutive sentences under the same headings."""

    heading: tuple[str, ...]
    sentences: tuple[tuple[str, int | None], ...]
    """Each with its page."""


def cleaned(text: str) -> str:
    """Without invisible letters and doubled spaces; presentation forms of Arabic letters are left to the reader."""
    lines = (_SPACES.sub(" ", line).strip() for line in _INVISIBLE.sub("", text).replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def sentences_of(text: str) -> list[str]:
    """Every sentence as it stands; a line end ends one too."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(cleaned(text)):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return [part for sentence in found for part in _split_words(sentence, _LONG_SENTENCE_CHARS)]


def sections_of(blocks: Sequence[Block]) -> list[Section]:
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    sentences: list[tuple[str, int | None]] = []

    def close() -> None:
        if sentences:
            sections.append(Section(heading=tuple(text for _, text in path), sentences=tuple(sentences)))
            sentences.clear()

    for block in blocks:
        text = cleaned(block.text)
        if not text:
            continue
        if block.level:
            close()
            path[:] = [(level, above) for level, above in path if level < block.level]
            path.append((block.level, text.replace("\n", " ")[:LONGEST_HEADING]))
        else:
            sentences += [(sentence, block.page) for sentence in sentences_of(text)]
    close()
    if not sections and path:
        # A page of headings only still says something.
        return [Section(heading=(), sentences=tuple((text, None) for _, text in path))]
    return sections


def texts_to_count(sections: Sequence[Section]) -> list[str]:
    """Every text whose tokens `chunks_of` has to know, each once."""
    texts = [text for section in sections for text in (*section.heading, *(said for said, _ in section.sentences))]
    return list(dict.fromkeys(texts))


def chunks_of(sections: Sequence[Section], tokens: Mapping[str, int], most_tokens: int) -> list[Chunk]:
    """`tokens` has an entry for each of `texts_to_count`; no chunk has more than `most_tokens`, headings included."""
    chunks: list[Chunk] = []
    for section in sections:
        heading = _fitting(section.heading, tokens, int(most_tokens * HEADING_SHARE))
        room = most_tokens - sum(tokens[text] for text in heading)
        for pieces in _packed(_small_enough(section.sentences, tokens, room), room):
            chunks.append(
                Chunk(
                    position=len(chunks),
                    heading=heading,
                    sentences=tuple(text for text, _, _ in pieces),
                    page=pieces[0][2],
                )
            )
    return chunks


_Piece = tuple[str, int, int | None]
"""Text, tokens, page."""


def _fitting(heading: tuple[str, ...], tokens: Mapping[str, int], most: int) -> tuple[str, ...]:
    kept: list[str] = []
    left = most
    for text in reversed(heading):
        left -= tokens[text]
        if left < 0:
            break
        kept.insert(0, text)
    return tuple(kept)


def _small_enough(sentences: Sequence[tuple[str, int | None]], tokens: Mapping[str, int], most: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    for text, page in sentences:
        count = tokens[text]
        if count <= most:
            pieces.append((text, count, page))
            continue
        parts = _split_words(text, max(1, len(text) * most * 4 // (count * 5)))
        # The tokens of a part are estimated by its letters; a fifth is left for those that are denser.
        pieces += [(part, min(most, -(-count * len(part) // len(text))), page) for part in parts]
    return pieces


def _packed(pieces: Sequence[_Piece], most: int) -> list[list[_Piece]]:
    packed: list[list[_Piece]] = []
    current: list[_Piece] = []
    size = 0
    for piece in pieces:
        if current and size + piece[1] > most:
            packed.append(current)
            last = current[-1]
            overlaps = len(current) > 1 and last[1] <= most * OVERLAP_SHARE and last[1] + piece[1] <= most
            current = [last] if overlaps else []
            size = last[1] if overlaps else 0
        current.append(piece)
        size += piece[1]
    return [*packed, current] if current else packed


def _split_words(text: str, most_chars: int) -> list[str]:
    parts: list[str] = []
    current = ""
    for word in text.split(" "):
        for start in range(0, len(word), most_chars):
            piece = word[start : start + most_chars]
            if current and len(current) + 1 + len(piece) > most_chars:
                parts.append(current)
                current = piece
            else:
                current = f"{current} {piece}" if current else piece
    return [*parts, current] if current else parts
