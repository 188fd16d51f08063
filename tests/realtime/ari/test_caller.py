"""Callers behind an Asterisk: taken to a phone of the exchange, or played its music, and never stranded."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network

import numpy as np
import pytest

from domain.outbound.dialling import DialState
from domain.speech import FRAME_MS, SILENT_FRAME
from realtime.ari.exchange import Exchange as Ari
from realtime.ari.music import ExchangeMusic
from realtime.ari.ringing import Ringing, Step
from realtime.audiosocket.server import AudioSocketServer
from realtime.music import PAUSE_MS, HoldPlayer, hold_music
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from tests.conftest import free_port
from tests.realtime.ari.asterisk import ANSWERS, RINGS, Asterisk, Channel
from tests.realtime.phone.desk import Desk

TENANT = "a-tenant"
PHONE, MUSIC = "hatif-phone-", "hatif-music-"


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    made = Asterisk()
    async with made.serving():
        yield made


class Hatif:
    """An AudioSocket port whose exchange has an interface, and the leg that came to it."""

    def __init__(self, exchange: Ari) -> None:
        self.exchange = exchange
        self.desk, self.port, self.answered = Desk(), free_port(), 0
        self.line: PhoneLine
        self.server = AudioSocketServer(
            host="127.0.0.1",
            tenants={self.port: TENANT},
            door=Door(sources=[ip_network("127.0.0.1")], most_legs=8, most_a_minute=99, most_of_tenant=8),
            refusals=Refusals(lambda *line: self.desk.refused.append(line)),
            receive=self.desk.receive,
            exchanges={self.port: exchange},
        )

    async def called_by(self, asterisk: Asterisk) -> Channel:
        await self.server.start()
        caller = await asterisk.calls(self.port)
        self.line, _, _ = await self.desk.next()
        return caller

    async def close(self) -> None:
        self.server.close()
        await self.line.close()
        await self.exchange.close()

    async def takes(self, number: str = "200") -> DialState:
        assert self.line.refer is not None
        async with asyncio.timeout(20):
            return await self.line.refer(number, str, self._was_answered)

    async def has_the_caller(self, caller: Channel) -> bool:
        """Their keys still come by the leg."""
        assert caller.leg is not None
        caller.leg.press("5")
        async with asyncio.timeout(20):
            return await anext(self.line.messages()) == {"type": "dtmf", "digit": "5"}

    def _was_answered(self) -> None:
        assert not self.line.is_closed, "whoever asked is told before the line ends"
        self.answered += 1


Serve = Callable[[Ari], Hatif]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    served: list[Hatif] = []

    def start(exchange: Ari) -> Hatif:
        served.append(Hatif(exchange))
        return served[-1]

    yield start
    for hatif in served:
        await hatif.close()


async def test_a_caller_is_taken_to_the_phone_and_the_leg_ends(
    serve: Serve, asterisk: Asterisk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    asterisk.phones["200"] = ANSWERS
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    assert await hatif.takes() is DialState.ANSWERED
    assert hatif.answered == 1
    phone = asterisk.one(PHONE)
    assert (caller.bridged_with, phone.bridged_with) == (phone.id, caller.id)
    async with asyncio.timeout(20):
        assert [frame async for frame in hatif.line.frames() if frame.pcm != SILENT_FRAME] == []
    asked = {path: query for _, path, query in asterisk.asked}
    application = asked[f"/channels/{phone.id}"]["app"]
    assert asterisk.paths() == [
        "GET /channels",
        f"POST /channels/{phone.id}",
        f"POST /applications/{application}/subscription",
        f"POST /channels/{phone.id}/continue",
    ]
    assert asked[f"/channels/{phone.id}"] == {
        "endpoint": "Local/200@hatif-phones/n", "app": application, "timeout": "40"
    }  # fmt: skip
    assert phone.variables == {"HATIF_CALLER": caller.name}
    assert phone.number == caller.number
    assert caller.number.removeprefix("+") not in caplog.text


@pytest.mark.parametrize(
    ("becomes", "state"),
    [
        (17, DialState.BUSY),
        (19, DialState.NO_ANSWER),
        (21, DialState.REJECTED),
        (20, DialState.UNREACHABLE),
        (34, DialState.UNREACHABLE),
    ],
)
async def test_a_phone_in_vain_is_told_as_it_was(
    serve: Serve, asterisk: Asterisk, becomes: int, state: DialState
) -> None:
    asterisk.phones["200"] = becomes
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    assert await hatif.takes() is state
    assert await hatif.has_the_caller(caller)
    assert hatif.answered == 0


@pytest.mark.parametrize(
    ("request_", "status"),
    [("GET /channels", 503), ("/subscription", 422), ("/continue", 404), ("/continue", 409), ("/continue", 500)],
)
async def test_an_exchange_that_fails_leaves_the_caller_here_and_nothing_ringing(
    serve: Serve, asterisk: Asterisk, request_: str, status: int
) -> None:
    asterisk.phones["200"] = ANSWERS
    asterisk.fails[request_] = status
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    assert await hatif.takes() is DialState.UNREACHABLE
    await asterisk.until(PHONE, there=False)
    assert await hatif.has_the_caller(caller)


async def test_an_exchange_that_is_not_there_or_does_not_know_us(serve: Serve, asterisk: Asterisk) -> None:
    for exchange in (
        asterisk.ari(password="not this one"),
        Ari(url=f"http://127.0.0.1:{free_port()}/ari", user="hatif", password="any"),
    ):
        hatif = serve(exchange)
        caller = await hatif.called_by(asterisk)
        assert await hatif.takes() is DialState.UNREACHABLE
        assert await hatif.has_the_caller(caller)
        assert "not this one" not in repr(exchange)


async def test_no_such_phone_and_no_such_caller(serve: Serve, asterisk: Asterisk) -> None:
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    assert await hatif.takes("999") is DialState.UNREACHABLE
    asterisk.phones["200"] = ANSWERS
    caller.app = ("Wait", "1")
    assert await hatif.takes() is DialState.UNREACHABLE
    assert await hatif.has_the_caller(caller)


async def test_a_bridge_that_fails_leaves_the_caller_here(serve: Serve, asterisk: Asterisk) -> None:
    asterisk.phones["200"], asterisk.bridge_fails = ANSWERS, True
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    assert await hatif.takes() is DialState.UNREACHABLE
    assert await hatif.has_the_caller(caller)


async def test_events_that_break_while_it_rings(serve: Serve, asterisk: Asterisk) -> None:
    asterisk.phones["200"] = RINGS
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    taking = asyncio.create_task(hatif.takes())
    await asterisk.until(PHONE)
    await asterisk.drop_events()
    assert await taking is DialState.UNREACHABLE
    await asterisk.until(PHONE, there=False)
    assert await hatif.has_the_caller(caller)


async def test_events_that_break_once_the_exchange_takes_the_caller(serve: Serve, asterisk: Asterisk) -> None:
    asterisk.phones["200"], asterisk.drops_events_when_bridging = ANSWERS, True
    hatif = serve(asterisk.ari())
    await hatif.called_by(asterisk)
    assert await hatif.takes() is DialState.ANSWERED
    assert asterisk.one(PHONE).bridged_with is not None


@pytest.mark.parametrize("by_caller", [True, False])
async def test_a_phone_rings_no_longer_than_it_is_wanted(serve: Serve, asterisk: Asterisk, by_caller: bool) -> None:
    asterisk.phones["200"] = RINGS
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    taking = asyncio.create_task(hatif.takes())
    await asterisk.until(PHONE)
    if by_caller and caller.leg is not None:
        await caller.leg.hang_up()
    else:
        taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await asterisk.until(PHONE, there=False)


async def test_a_phone_that_a_lost_worker_rang_is_rung_anew(serve: Serve, asterisk: Asterisk) -> None:
    asterisk.phones["200"] = ANSWERS
    hatif = serve(asterisk.ari())
    caller = await hatif.called_by(asterisk)
    left = Channel(f"{PHONE}{caller.app[1][6:42]}", "Local/200@hatif-phones-00000000;1")
    asterisk.channels[left.id] = left
    assert await hatif.takes() is DialState.ANSWERED
    assert asterisk.one(PHONE) is not left


def loudness(player: HoldPlayer, ms: int) -> float:
    return float(np.abs(np.frombuffer(b"".join(player.pull() for _ in range(ms // FRAME_MS)), "<i2")).max())


async def test_a_held_caller_hears_the_exchanges_music_between_our_words(serve: Serve, asterisk: Asterisk) -> None:
    hatif = serve(asterisk.ari(music="jazz"))
    caller = await hatif.called_by(asterisk)
    saying: list[bytes | None] = []
    player = HoldPlayer(hold_music(), lambda: saying.pop(0) if saying else None, hatif.line.music)
    assert loudness(player, 1_000) == 0
    await asterisk.has(lambda: any(one.music == "jazz" for one in asterisk.channels.values()))
    music = asterisk.one(MUSIC)
    assert music.whispers_to == caller.id
    saying += [SILENT_FRAME] * 5
    player.pull()
    await asterisk.has(lambda: music.music is None)
    assert loudness(player, 100 + PAUSE_MS) == 0
    await asterisk.has(lambda: music.music == "jazz")

    # Nobody hears it together with whoever answers.
    asterisk.phones["200"] = ANSWERS
    assert await hatif.takes() is DialState.ANSWERED
    player.pull()
    await hatif.line.close()
    paths = asterisk.paths()
    assert [path for path in paths if "/snoop/" in path] == [f"POST /channels/{caller.id}/snoop/{music.id}"]
    assert paths.index(f"DELETE /channels/{music.id}") < next(i for i, p in enumerate(paths) if p.endswith("/continue"))


async def test_the_music_ends_with_the_wait_and_with_the_leg(serve: Serve, asterisk: Asterisk) -> None:
    hatif = serve(asterisk.ari(music="jazz"))
    caller = await hatif.called_by(asterisk)
    music = hatif.line.music
    assert isinstance(music, ExchangeMusic)
    for end in (music.stop, caller.leg.hang_up if caller.leg is not None else music.stop):
        music.play(True)
        await asterisk.until(MUSIC)
        if (ending := end()) is not None:
            await ending
        await asterisk.until(MUSIC, there=False)
        await music.stopped()


@pytest.mark.parametrize("broken", ["/moh", "events"])
async def test_where_the_exchange_plays_nothing_ours_is_heard(serve: Serve, asterisk: Asterisk, broken: str) -> None:
    hatif = serve(asterisk.ari(music="jazz"))
    await hatif.called_by(asterisk)
    if broken == "/moh":
        asterisk.fails[broken] = 409
    player = HoldPlayer(hold_music(), elsewhere=hatif.line.music)
    assert loudness(player, 1_000) == 0
    await asterisk.until(MUSIC)
    if broken == "events":
        await asterisk.drop_events()
    async with asyncio.timeout(20):
        while loudness(player, 1_000) == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asterisk.until(MUSIC, there=False)


RANG = b"""
{"type":"Dial","timestamp":"2026-11-28T12:36:02.673+0000","dialstatus":"","forward":"","dialstring":"200@hatif-phones/n","peer":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Down","protocol_id":"","caller":{"name":"","number":""},"connected":{"name":"","number":"+971501234567"},"accountcode":"","dialplan":{"context":"default","exten":"s","priority":1,"app_name":"","app_data":""},"creationtime":"2026-11-28T12:36:02.671+0000","language":"en"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
{"type":"Dial","timestamp":"2026-11-28T12:36:03.021+0000","dialstatus":"RINGING","forward":"","dialstring":"","peer":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Ringing"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
{"type":"ChannelStateChange","timestamp":"2026-11-28T12:36:03.022+0000","channel":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Ringing"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
"""
ENDED = b"""
{"type":"Dial","timestamp":"2026-11-28T12:36:43.022+0000","dialstatus":"%s","forward":"","dialstring":"","peer":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Ringing"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
{"type":"ChannelDestroyed","timestamp":"2026-11-28T12:36:43.023+0000","cause":%d,"cause_txt":"","channel":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Ringing"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
"""
ANSWERED = b"""
{"type":"Dial","timestamp":"2026-11-28T12:36:05.022+0000","dialstatus":"ANSWER","forward":"","dialstring":"","peer":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Up"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
{"type":"StasisStart","timestamp":"2026-11-28T12:36:05.023+0000","args":[],"channel":{"id":"phone","name":"Local/200@hatif-phones-00000001;1","state":"Up"},"asterisk_id":"52:54:00:12:34:56","application":"hatif-1"}
"""


def told(ringing: Ringing, recorded: bytes) -> list[Step | DialState]:
    return [step for line in recorded.split(b"\n") if line for step in [ringing.told(json.loads(line))] if step]


@pytest.mark.parametrize(
    ("status", "cause", "state"),
    [
        (b"BUSY", 17, DialState.BUSY),
        (b"BUSY", 16, DialState.BUSY),
        (b"NOANSWER", 0, DialState.NO_ANSWER),
        (b"CANCEL", 26, DialState.NO_ANSWER),
        (b"NOANSWER", 21, DialState.REJECTED),
        (b"NOANSWER", 1, DialState.UNREACHABLE),
        (b"CONGESTION", 34, DialState.UNREACHABLE),
        (b"CHANUNAVAIL", 0, DialState.UNREACHABLE),
    ],
)
def test_recorded_events_of_a_phone_in_vain(status: bytes, cause: int, state: DialState) -> None:
    assert told(Ringing(channel="phone"), RANG + ENDED % (status, cause)) == [state]
    assert told(Ringing(channel="another"), RANG + ENDED % (status, cause)) == []


def test_recorded_events_of_a_phone_that_is_answered() -> None:
    ringing = Ringing(channel="phone")
    assert told(ringing, RANG + ANSWERED) == [Step.ANSWERED]
    entered = {"type": "ChannelEnteredBridge", "channel": {"id": "phone"}, "bridge": {"id": "b1"}}
    assert ringing.told(entered) is Step.TOGETHER
    gone = Ringing(channel="phone")
    # Whoever picked up hangs up before they are together with the caller.
    assert told(gone, RANG + ANSWERED + ENDED % (b"", 16)) == [Step.ANSWERED, DialState.UNREACHABLE]
    assert gone.told({"type": 7}) is gone.told({}) is None
