"""A table's row as words that stand for themselves."""

from __future__ import annotations

from collections.abc import Sequence


def sentence_of_row(heads: Sequence[str] | None, cells: Sequence[str]) -> str:
    """ "Size: 10 l, Price: 90 AED", under the heads of the columns; without heads the cells side by side."""
    texts = [" ".join(cell.split()) for cell in cells]
    # A merged cell comes once for each column that it spans.
    merged = [text for place, text in enumerate(texts) if text and (place == 0 or text != texts[place - 1])]
    if heads is None or len(heads) != len(texts) or len(merged) < 2:
        return ", ".join(merged)
    titles = [" ".join(head.split()) for head in heads]
    return ", ".join(f"{title}: {text}" if title else text for title, text in zip(titles, texts, strict=True) if text)
