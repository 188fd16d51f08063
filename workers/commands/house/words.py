"""Reading what stood on the command line; each mistake is a Refused with a sentence."""

from __future__ import annotations

import re

from domain.accounts import Role
from domain.errors import Refused
from domain.speech import Language
from domain.tenant_file.team import EMAIL, SHORT_NAME

LONGEST_NAME = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def listed(text: str) -> list[str]:
    """The parts of "a, b"; none of an empty text."""
    return [part.strip() for part in text.split(",") if part.strip()]


def languages(text: str) -> tuple[Language, ...]:
    unknown = [name for name in listed(text) if name not in set(Language)]
    if unknown:
        raise Refused("bad_value", f"{unknown[0]!r} is not a language that Hatif speaks: {', '.join(Language)}.")
    return tuple(dict.fromkeys(Language(name) for name in listed(text)))


def short_names(text: str, what: str) -> tuple[str, ...]:
    for name in listed(text):
        short_name(name, what)
    return tuple(dict.fromkeys(listed(text)))


def short_name(name: str, what: str) -> str:
    if not SHORT_NAME.match(name):
        raise Refused("bad_value", f"{name!r} is not a {what}: small letters, digits, - and _, a letter first.")
    return name


def role(name: str) -> Role:
    if name not in set(Role):
        raise Refused("bad_value", f"{name!r} is not a role: {', '.join(Role)}.")
    return Role(name)


def email(text: str) -> str:
    if not EMAIL.match(text) or _CONTROL.search(text):
        raise Refused("bad_value", f"{text!r} is not an e-mail address.")
    return text


def one_line(text: str, what: str, longest: int = LONGEST_NAME) -> str:
    text = text.strip()
    if not text or len(text) > longest or _CONTROL.search(text):
        raise Refused("bad_value", f"The {what} is one line of at most {longest} characters.")
    return text
