"""How politely a company speaks, and the one place where that decides the wording of a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from string import Formatter

from domain.speech import Language
from domain.wording import arabic, english


class Politeness(StrEnum):
    """The register of the words; that of the voice is domain.voices.manners.Register."""

    EVERYDAY = "everyday"
    FORMAL = "formal"


FORMAL: dict[Language, dict[str, str]] = {Language.EN: english.FORMAL, Language.AR: arabic.FORMAL}
"""By what is said every day: a whole sentence, or a part that others are made of. Both sides have the same {fields}."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    anywhere: re.Pattern[str]
    """One group for each phrase, the longest first."""
    each: tuple[tuple[re.Pattern[str], str], ...]


def worded(text: str, language: Language, politeness: Politeness) -> str:
    """`text` with each fixed sentence in it as this company says it; whatever else is in it stays as it is."""
    if politeness is Politeness.EVERYDAY:
        return text
    phrases = _phrases(language)

    def formal(found: re.Match[str]) -> str:
        pattern, said = phrases.each[(found.lastindex or 1) - 1]
        fields = pattern.fullmatch(found[0])
        values = fields.groupdict() if fields else {}
        return said.format(**{name: worded(value, language, politeness) for name, value in values.items()})

    return phrases.anywhere.sub(formal, text)


@cache
def _phrases(language: Language) -> _Phrases:
    longest_first = sorted(FORMAL[language].items(), key=lambda pair: -len(pair[0]))
    anywhere = "|".join(f"({_pattern(phrase, named=False)})" for phrase, _ in longest_first)
    return _Phrases(
        anywhere=re.compile(rf"(?<!\S)(?:{anywhere})(?!\w)"),
        each=tuple((re.compile(_pattern(phrase, named=True)), said) for phrase, said in longest_first),
    )


def _pattern(phrase: str, *, named: bool) -> str:
    """A field takes as little as it can; one at the end takes the rest."""
    pattern = ""
    for words, field, _, _ in Formatter().parse(phrase):
        pattern += re.escape(words)
        if field is not None:
            some = ".+" if phrase.endswith(f"{{{field}}}") else ".+?"
            pattern += f"(?P<{field}>{some})" if named else some
    return pattern
