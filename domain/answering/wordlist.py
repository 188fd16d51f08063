"""Finding listed phrases in a folded sentence, with the little words that Arabic writes onto them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.answering.spelling import fold

_ARABIC_PROCLITIC = "(?:[وف]?(?:ال|لل|بال|عال|هال|[بلك])?)"
""" "and", "so", "the", "to the", "with the" … are written onto the next word: "والحريق" is "حريق"."""


class WordList:
    """A set of phrases, of either language, that are looked for as whole words."""

    def __init__(self, listed: str) -> None:
        """`listed` is separated by commas and line ends; every phrase is folded like the text it is looked for in."""
        parts = [fold(phrase) for phrase in listed.replace("\n", ",").split(",")]
        # The longest first, so that removing "gas leak" doesn't leave a "leak" behind.
        longest_first = sorted({part for part in parts if part}, key=len, reverse=True)
        arabic = "|".join(re.escape(part) for part in longest_first if not part.isascii())
        english = "|".join(re.escape(part) for part in longest_first if part.isascii())
        either = [rf"{_ARABIC_PROCLITIC}(?:{arabic})"] * bool(arabic) + [f"(?:{english})"] * bool(english)
        self.either = f"(?:{'|'.join(either)})"
        """Any of the phrases, to be put into a longer pattern."""
        self._pattern = re.compile(rf"(?<!\S){self.either}(?!\S)")

    def found_in(self, folded: str) -> bool:
        return self._pattern.search(folded) is not None

    def places_in(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where each listed phrase begins and ends."""
        return (found.span() for found in self._pattern.finditer(folded))

    def without(self, folded: str) -> str:
        """The sentence with every listed phrase cut out."""
        return " ".join(self._pattern.sub(" ", folded).split())
