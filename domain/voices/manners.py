"""How a voice speaks: four manners that a tenant may name, alone or beside a voice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Refused


class Register(StrEnum):
    """How clauses follow each other."""

    EVERYDAY = "everyday"
    """As the engine has them."""
    FORMAL = "formal"
    """With a rest after each."""


REST_MS = {Register.EVERYDAY: 0, Register.FORMAL: 240}
"""Of silence after a clause; a reader of news rests a quarter of a second between sentences."""


@dataclass(frozen=True, slots=True)
class Manner:
    speed: float = 1.0
    """Over the engine's own pace."""
    energy: float = 1.0
    """Over the engine's own melody and loudness, as far as the engine has knobs for them."""
    register: Register = Register.EVERYDAY


PLAIN = Manner()


class Preset(StrEnum):
    WARM = "warm"
    LIVELY = "lively"
    FORMAL = "formal"
    CLEAR = "clear"
    """For callers who hear badly, or not their own language."""


MANNERS = {
    Preset.WARM: Manner(speed=0.95, energy=1.1),
    Preset.LIVELY: Manner(speed=1.12, energy=1.25),
    Preset.FORMAL: Manner(speed=0.95, energy=0.85, register=Register.FORMAL),
    Preset.CLEAR: Manner(speed=0.85, register=Register.FORMAL),
}


VOICE = re.compile(rf"[A-Za-z0-9_.+-]{{1,80}}(?:/(?:{'|'.join(Preset)}))?$")
"""A voice of the engine, a manner, or both with a slash between."""


@dataclass(frozen=True, slots=True)
class VoiceWish:
    """`name` is the engine's; None is the language's own."""

    name: str | None = None
    manner: Manner = PLAIN


def voice_wish(text: str | None) -> VoiceWish:
    """Of "joe", "joe/formal" or "formal". Raises Refused("bad_voice") for a manner that there is not."""
    if text is None:
        return VoiceWish()
    if text in set(Preset):
        return VoiceWish(manner=MANNERS[Preset(text)])
    name, slash, preset = text.partition("/")
    if not slash:
        return VoiceWish(name=name)
    if not name or preset not in set(Preset):
        raise Refused("bad_voice", f"A voice is a name, one of {', '.join(Preset)}, or both with a slash between.")
    return VoiceWish(name=name, manner=MANNERS[Preset(preset)])
