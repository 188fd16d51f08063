"""Reading a move out of JSON that a model is still writing."""

from __future__ import annotations

import json
import re

_INTENT = re.compile(r'"intent"\s*:\s*"([^"\\]*)"')
_SAY = re.compile(r'"say"\s*:\s*"((?:[^"\\]|\\.)*)("?)', re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?؟](?=\s|$)")
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_LONGEST_TEXT = 4_000
"""Characters; a model that writes more than this before it closes its object has lost its way."""


class MoveReader:
    """Fed with pieces of text in any cut; never raises for what a model writes."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> None:
        self._text = (self._text + piece)[:_LONGEST_TEXT]

    @property
    def intent(self) -> str | None:
        """Once it is complete."""
        found = _INTENT.search(self._text)
        return found[1] if found else None

    def sentences(self) -> list[str]:
        """The sentences of "say" that are complete by now and were not returned before."""
        found = _SAY.search(self._text)
        if found is None:
            return []
        closed = bool(found[2])
        written = _unescaped(found[1])
        ends = [match.end() for match in _SENTENCE_END.finditer(written) if closed or match.end() < len(written)]
        if closed and (not ends or ends[-1] < len(written)):
            ends.append(len(written))
        complete: list[str] = []
        for end in ends:
            if end > self._given and (sentence := written[self._given : end].strip()):
                complete.append(sentence)
            self._given = max(self._given, end)
        return complete


_STRING = re.compile(r'((?:[^"\\]|\\.)*)("?)', re.DOTALL)


def said_so_far(text: str) -> tuple[str, bool, str]:
    """What is written of a JSON string whose opening quote came before `text`; whether it is closed; what follows."""
    found = _STRING.match(text)
    if found is None:
        return "", False, ""
    return _unescaped(found[1]), bool(found[2]), text[found.end() :]


def _unescaped(inside: str) -> str:
    try:
        return str(json.loads(f'"{_HALF_ESCAPE.sub("", inside)}"', strict=False))
    except ValueError:
        return ""


def split_sentences(text: str) -> list[str]:
    """A grounded answer, sentence by sentence, so that the first is spoken while the next is made."""
    parts = re.split(r"(?<=[.!?؟])\s+(?=[A-Z\u0621-\u064a])", text.strip())
    return [part for part in parts if part]
