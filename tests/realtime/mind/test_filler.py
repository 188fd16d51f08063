"""The comfort phrase of a model that is late, before its first piece and after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from domain.answering import sayings
from domain.moves import Say
from domain.pace import opener
from domain.speech import Language
from realtime.mind.filler import with_filler

LONG_MS = 60_000
SHORT_MS = 50


@pytest.fixture
def short_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "PHRASE_MS", SHORT_MS)


async def one_and_then(following: asyncio.Event) -> AsyncGenerator[str]:
    yield "one"
    await following.wait()
    yield "two"


def test_a_model_that_writes_is_given_the_length_of_the_phrase_more() -> None:
    assert opener.opener_due_ms(1_200, writes=False) == 1_200
    assert opener.opener_due_ms(1_200, writes=True) == 1_200 + opener.PHRASE_MS


@pytest.mark.usefixtures("short_phrase")
async def test_a_model_that_begins_and_then_is_slow_is_bridged_once() -> None:
    following = asyncio.Event()
    heard: list[Say | str] = []
    async with aclosing(with_filler(one_and_then(following), Language.EN, SHORT_MS, lambda: False)) as pieces:
        async for piece in pieces:
            heard.append(piece)
            if isinstance(piece, Say):
                following.set()
    assert [piece.text if isinstance(piece, Say) else piece for piece in heard] == [
        "one",
        sayings.FILLER[Language.EN],
        "two",
    ]


@pytest.mark.usefixtures("short_phrase")
async def test_nothing_is_put_before_what_can_be_said() -> None:
    following = asyncio.Event()
    heard: list[Say | str] = []
    late = with_filler(one_and_then(following), Language.EN, SHORT_MS, lambda: bool(heard))
    async with aclosing(late) as pieces:
        async for piece in pieces:
            heard.append(piece)
            # Long after a phrase would have been due.
            asyncio.get_running_loop().call_later(5 * SHORT_MS / 1000, following.set)
    assert heard == ["one", "two"]


async def test_who_stops_listening_ends_the_model_too() -> None:
    following = asyncio.Event()
    model = one_and_then(following)
    async with aclosing(with_filler(model, Language.AR, LONG_MS, lambda: False)) as pieces:
        assert await anext(pieces) == "one"
    following.set()
    assert await anext(model, None) is None
