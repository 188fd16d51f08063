"""Turns are never told to be safe before they are, and a text that comes twice is one text."""

import asyncio

from domain.speech import Language, Speaker, Turn
from realtime.client import Client
from realtime.course.turns import TurnLog
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import KeptTurns
from tests.realtime.talking import greeted


def a_log(kept: KeptTurns) -> tuple[TurnLog, OfflineLine]:
    line = OfflineLine()
    return TurnLog(tenant_id="t", call_id="c", lease=3, recorder=kept, facts=kept, client=Client(line)), line


def a_turn(log: TurnLog, text_id: str | None = None) -> Turn:
    return Turn(
        seq=log.next_seq(),
        speaker=Speaker.CALLER,
        text="hello",
        language=Language.EN,
        started_ms=0,
        ended_ms=0,
        lease=log.lease,
        text_id=text_id,
    )


def types(line: OfflineLine) -> list[str]:
    return [message["type"] for message in line.sent]


async def test_words_are_shown_at_once_and_the_turn_is_told_when_it_is_safe() -> None:
    kept = KeptTurns()
    kept.unsafe = []
    log, line = a_log(kept)
    log.add(a_turn(log))
    log.when_safe(lambda: line.send({"type": "answered"}))
    assert types(line) == ["transcript"]
    assert not await log.settled(0)
    kept.unsafe[0]()
    assert types(line) == ["transcript", "turn", "answered"]
    assert await log.settled(0)


async def test_a_text_that_comes_again_is_confirmed_again_once_it_is_safe() -> None:
    kept = KeptTurns()
    kept.unsafe = []
    log, line = a_log(kept)
    assert not log.is_repeated("a")
    assert not log.is_repeated(None)
    log.add(a_turn(log, "a"))
    assert log.is_repeated("a")
    assert types(line) == ["transcript"]
    kept.unsafe[0]()
    assert log.is_repeated("a")
    assert [message.get("id") for message in line.sent if message["type"] == "turn"] == ["a", "a"]


async def test_a_later_lease_knows_the_texts_of_the_earlier_and_goes_on_counting() -> None:
    before, _ = a_log(KeptTurns())
    history = [a_turn(before), a_turn(before, "b")]
    log, line = a_log(KeptTurns())
    log.take_up(history)
    assert (log.count, log.upcoming) == (2, 3)
    assert log.is_repeated("b")
    assert line.sent[-1]["id"] == "b"
    log.give_back(log.next_seq())
    assert log.upcoming == 3


async def test_a_repeated_text_is_answered_once(calling) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "only once", "id": "x-1"})
        await call.line.told("answered")
        call.line.client({"type": "text", "text": "only once", "id": "x-1"})
        call.line.client({"type": "text", "text": "another", "id": "x-2"})
        await call.line.told("turn", id="x-2")
    assert [turn.text for turn in call.of(Speaker.CALLER)] == ["only once", "another"]
    assert [message["id"] for message in call.line.sent if message["type"] == "turn" and "id" in message] == [
        "x-1",
        "x-1",
        "x-2",
    ]


async def test_the_end_of_a_call_waits_a_moment_for_its_last_turn(calling) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        call.kept.unsafe = []
        call.line.client({"type": "text", "text": "bye"})
        await call.line.told("transcript", speaker=Speaker.CALLER)
        call.line.client({"type": "hangup"})
        asyncio.get_running_loop().call_later(0.05, lambda: [safe() for safe in call.kept.unsafe or []])
        await call.outcome()
    assert [message["type"] for message in call.line.sent[-2:]] == ["turn", "ended"]
