"""Plain text in the encodings that it comes in, and lines that were wrapped at a margin joined again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.knowledge.document import Block
from domain.knowledge.problems import WRONG_TYPE, UnreadableDocument

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FALLBACK = "cp1256"
"""Windows Arabic, whose lower half is ASCII: what old Arabic and English files are written in."""
_MOST_CONTROLS = 0.01
_ENDS_PARAGRAPH = re.compile(r"[.!?؟:؛…][\"'”»)\]]*$")
_BEGINS_ENTRY = re.compile(r"^(?:[-*•·▪◦–—]|\(?\d{1,3}[.)\-]|\(?[A-Za-zأ-ي][.)])\s")
_FULL_LINE = 0.6
"""A line shorter than this share of the longest ends its paragraph."""


def read(content: bytes) -> list[Block]:
    blocks: list[Block] = []
    for paragraph in re.split(r"\n[ \t]*\n", decoded(content)):
        blocks += [Block(text=line) for line in unwrapped(paragraph.split("\n"))]
    return blocks


def decoded(content: bytes, declared: str | None = None) -> str:
    """Raises UnreadableDocument for what is no text."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _checked(content.decode(encoding, errors="replace"))
    for encoding in filter(None, (declared, "utf-8")):
        try:
            return _checked(content.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return _checked(content.decode(_FALLBACK, errors="replace"))


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    controls = sum(letter < " " and letter not in "\n\t\f\v" for letter in text)
    if controls > len(text) * _MOST_CONTROLS:
        raise UnreadableDocument(WRONG_TYPE)
    return text


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Paragraphs and list entries, each as one line."""
    stripped = [" ".join(line.split()) for line in lines]
    longest = max((len(line) for line in stripped), default=0)
    paragraphs: list[str] = []
    open_end = False
    for line in stripped:
        if not line:
            open_end = False
            continue
        if open_end and not _BEGINS_ENTRY.match(line):
            paragraphs[-1] = _joined(paragraphs[-1], line)
        else:
            paragraphs.append(line)
        open_end = not _ENDS_PARAGRAPH.search(line) and len(line) >= longest * _FULL_LINE
    return paragraphs


def _joined(first: str, rest: str) -> str:
    """A word that was hyphenated at the margin is one word again."""
    if re.search(r"[a-z]-$", first) and rest[:1].islower():
        return first[:-1] + rest
    return f"{first} {rest}"
