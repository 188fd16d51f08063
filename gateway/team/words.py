"""The shapes that several bodies of the team's routes share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.speech import Language
from gateway.body import Body

MAX_NAME_CHARACTERS = 100
MAX_SENTENCE_CHARACTERS = 1000
MAX_SKILLS = 30
MAX_QUEUES = 50
SHORT_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
"""Of queues, skills and intents."""

# No control characters: Postgres takes no NUL, and logs no line breaks.
_ONE_LINE = r"^[^\x00-\x1f\x7f]+$"


def _said(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("the text is empty")
    return text


def _once(items: list[str]) -> list[str]:
    if len(set(items)) != len(items):
        raise ValueError("an entry is there twice")
    return items


Name = Annotated[str, Field(max_length=MAX_NAME_CHARACTERS, pattern=_ONE_LINE), AfterValidator(_said)]
Sentence = Annotated[str, Field(max_length=MAX_SENTENCE_CHARACTERS, pattern=_ONE_LINE), AfterValidator(_said)]
ShortName = Annotated[str, Field(pattern=SHORT_NAME)]
Languages = Annotated[list[Annotated[str, Field(pattern="^(en|ar)$")]], AfterValidator(_once)]
Skills = Annotated[list[ShortName], Field(max_length=MAX_SKILLS), AfterValidator(_once)]
QueueIds = Annotated[list[ShortName], Field(max_length=MAX_QUEUES), AfterValidator(_once)]


class BothNames(Body):
    en: Name
    ar: Name

    def words(self) -> dict[Language, str]:
        return {Language.EN: self.en, Language.AR: self.ar}


class BothSentences(Body):
    en: Sentence
    ar: Sentence

    def words(self) -> dict[Language, str]:
        return {Language.EN: self.en, Language.AR: self.ar}


def languages_of(names: list[str]) -> tuple[Language, ...]:
    return tuple(Language(name) for name in names)
