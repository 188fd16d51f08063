"""Voices and manners that a tenant names."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from domain.voices.manners import MANNERS, PLAIN, VOICE, Preset, VoiceWish, voice_wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        (None, VoiceWish()),
        ("joe", VoiceWish(name="joe")),
        ("ar+f3", VoiceWish(name="ar+f3")),
        ("formal", VoiceWish(manner=MANNERS[Preset.FORMAL])),
        ("ar+f3/clear", VoiceWish(name="ar+f3", manner=MANNERS[Preset.CLEAR])),
    ],
)
def test_a_voice_a_manner_or_both(text: str | None, wish: VoiceWish):
    assert voice_wish(text) == wish
    assert text is None or VOICE.match(text)


@pytest.mark.parametrize("text", ["joe/", "/formal", "joe/shouting", "joe/formal/clear"])
def test_a_manner_that_there_is_not_is_refused(text: str):
    with pytest.raises(Refused, match="warm, lively, formal, clear"):
        voice_wish(text)
    assert not VOICE.match(text)


def test_every_preset_is_a_manner_of_its_own():
    assert set(MANNERS) == set(Preset)
    assert len({PLAIN, *MANNERS.values()}) == len(Preset) + 1
