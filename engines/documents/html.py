"""HTML by selectolax: what a reader of the page would read, without menus, scripts and what is hidden."""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from domain.knowledge.document import Block
from domain.knowledge.problems import EMPTY, UnreadableDocument
from engines.documents.rows import sentence_of_row
from engines.documents.text import decoded

_SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "head", "nav", "footer", "aside", "form"}
    | {"button", "select", "iframe", "object"}
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "i", "kbd", "mark", "q", "s", "samp", "small"}
    | {"span", "strong", "sub", "sup", "time", "u", "var", "font", "label"}
)
_HEADING = re.compile(r"^h([1-6])$")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{2,40})""", re.IGNORECASE)
_CHARSET_WITHIN_BYTES = 2048
MOST_DEEP = 200
"""Elements inside of one another; beyond this the text is taken as it is."""


def read(content: bytes) -> list[Block]:
    declared = _CHARSET.search(content[:_CHARSET_WITHIN_BYTES])
    tree = LexborHTMLParser(decoded(content, declared[1].decode("ascii") if declared else None))
    if tree.body is None:
        raise UnreadableDocument(EMPTY)
    walk = _Walk()
    walk.into(tree.body, 0)
    walk.close()
    title: Any = tree.css_first("head > title")
    if title is not None and not any(block.level == 1 for block in walk.blocks):
        walk.blocks.insert(0, Block(text=title.text().strip(), level=1))
    return walk.blocks


class _Walk:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._inline: list[str] = []

    def into(self, node: Any, depth: int) -> None:
        for child in node.iter(include_text=True):
            self._visit(child, depth)

    def _visit(self, node: Any, depth: int) -> None:
        tag = node.tag
        if tag == "-text":
            self._inline.append(node.text(deep=False))
        elif tag in _SKIPPED or "hidden" in node.attributes or node.attributes.get("aria-hidden") == "true":
            return
        elif tag == "br":
            self._inline.append("\n")
        elif tag in _INLINE:
            self.into(node, depth)
        elif (heading := _HEADING.match(tag or "")) is not None:
            self.close()
            self.blocks.append(Block(text=_plain(node.text()), level=int(heading[1])))
        elif tag == "table" and node.css_first("table table") is None:
            self.close()
            self._table(node)
        elif depth >= MOST_DEEP:
            self._inline.append(node.text())
        else:
            self.close()
            self.into(node, depth + 1)
            self.close()

    def _table(self, table: Any) -> None:
        heads: list[str] | None = None
        for row in table.css("tr"):
            cells = row.css("th, td")
            texts = [_plain(cell.text()) for cell in cells]
            if cells and all(cell.tag == "th" for cell in cells):
                heads = texts
            elif texts:
                self.blocks.append(Block(text=sentence_of_row(heads, texts)))

    def close(self) -> None:
        text = "\n".join(_plain(line) for line in "".join(self._inline).split("\n\n"))
        self._inline.clear()
        if text.strip():
            self.blocks.append(Block(text=text))


def _plain(text: str) -> str:
    return " ".join(text.split())
