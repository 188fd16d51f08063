"""Markdown by markdown-it-py: headings, paragraphs, list entries, tables and code, without their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from domain.knowledge.document import Block
from engines.documents.rows import sentence_of_row
from engines.documents.text import decoded

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|<[^<>]{1,500}>", re.DOTALL)


def read(content: bytes) -> list[Block]:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    blocks: list[Block] = []
    level = 0
    heads: list[str] | None = None
    cells: list[str] = []
    in_table = False
    for token in parser.parse(_FRONT_MATTER.sub("", decoded(content))):
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "table_open":
                in_table, heads = True, None
            case "table_close":
                in_table = False
            case "tr_open":
                cells = []
            case "tr_close" if heads is None:
                heads = cells
            case "tr_close":
                blocks.append(Block(text=sentence_of_row(heads, cells)))
            case "inline" if in_table:
                cells.append(_words(token.children or []))
            case "inline":
                blocks.append(Block(text=_words(token.children or []), level=level))
                level = 0
            case "fence" | "code_block":
                blocks.append(Block(text=token.content))
            case "html_block":
                blocks.append(Block(text=_TAG.sub(" ", token.content)))
            case _:
                pass
    return blocks


def _words(children: Sequence[Token]) -> str:
    said: list[str] = []
    for child in children:
        match child.type:
            case "text" | "code_inline":
                said.append(child.content)
            case "image":
                said.append(_words(child.children or []))
            case "softbreak":
                said.append(" ")
            case "hardbreak":
                said.append("\n")
            case _:
                pass
    return "".join(said)
