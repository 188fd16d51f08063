"""One SIP call as the wire of a phone line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from baresip import AudioNotActive, AudioRestarted, BaresipError, TransferFailed
from baresip.call import CallState
from baresip.events import Event

from domain.desk.contact import number_in
from domain.errors import Refused
from domain.outbound.dialling import DialState, state_of
from domain.speech import FRAME_MS
from realtime.phone.line import PhoneLine
from realtime.sip.concealment import Concealment
from realtime.sip.keys import SipKeys
from realtime.sip.sound import PhoneSound, Sound, sound_of

if TYPE_CHECKING:
    from baresip.call import Call
    from baresip.events import StackEvent

AHEAD_FRAMES = 2
"""Silence written ahead whenever the stream begins: 40 ms in which a busy loop may be late without a gap."""
READ_FRAMES = 100
MEDIA_WITHIN_S = 5.0
"""From our answer until audio can flow; it takes 0.2 s."""
RING_S = 40.0
"""Longer, and a voice mailbox would have answered; and a call without a line is taken for stillborn after 60 s."""
RTP_TIMED_OUT = "rtp stream error"
"""How the stack says that nothing came for the time that the endpoint allows."""


class SipWire:
    """Implements realtime.phone.line.Wire. `run` it for as long as the call lives."""

    comes_back = False
    """Nobody brings a SIP call again whose user agent has gone."""
    held_up_ms = 0.0
    """RTP is not held up: it is lost, or comes late and is dropped."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._closed = asyncio.Event()
        self._reason = ""
        self._fresh = True
        self._sound: Sound = PhoneSound()
        self._whole = Concealment(self._sound.heard_hz)
        self._unknown = True
        """Whether `_sound` may be another than both sides speak."""
        self._ending: asyncio.Task[None] | None = None
        self._referring: asyncio.Task[DialState] | None = None
        self._keys = SipKeys(call)
        self.line = PhoneLine(
            self,
            caller=_number(call.peer),
            refer=self.refer,
            keys=self._keys,
            forks=call.state is CallState.INCOMING,
        )
        call.on(self._on_event)  # pyright: ignore[reportUnknownMemberType]

    async def run(self) -> None:
        """Hear the caller out."""
        while not self._closed.is_set():
            try:
                if self._agreed():
                    self._hear(self._call.audio.read(READ_FRAMES * self._sound.frame_bytes))
            except AudioNotActive:
                pass
            except AudioRestarted:
                # The stack sends a re-INVITE right after answering, and a caller's hold does the same.
                self._fresh = self._unknown = True
            await asyncio.sleep(FRAME_MS / 1000)
        self._keys.close()
        if self._referring is not None:
            await asyncio.wait({self._referring})  # whoever asked knows before the line ends
        await self.line.gone(lost=RTP_TIMED_OUT in self._reason)

    def _hear(self, pcm: bytes) -> None:
        sound = self._sound.heard(pcm) if pcm else b""
        if whole := self._whole.heard(sound, time.monotonic()):
            self.line.heard(whole)

    async def pick_up(self) -> None:
        if self._call.state is CallState.ESTABLISHED:
            return  # dialled by us, and picked up by the other side
        try:
            await self._call.answer()  # pyright: ignore[reportUnknownMemberType]
        except BaresipError as error:
            raise Refused("bad_offer", "The caller has hung up, or media can't be agreed on.") from error

    async def ready(self) -> bool:
        try:
            async with asyncio.timeout(MEDIA_WITHIN_S):
                while not self._closed.is_set():
                    if self._call.state is CallState.ESTABLISHED and self._sends():
                        return True
                    await asyncio.sleep(FRAME_MS / 1000)
        except TimeoutError:
            pass
        return False

    @property
    def wide(self) -> bool:
        """By Opus."""
        return self._sound.wide

    def play(self, pcm: bytes) -> None:
        if self._unknown:
            return
        try:
            if self._fresh:
                self._call.audio.write(bytes(AHEAD_FRAMES * self._sound.frame_bytes))  # pyright: ignore[reportUnknownMemberType]
                self._fresh = False
            self._call.audio.write(self._sound.played(pcm))  # pyright: ignore[reportUnknownMemberType]
        except AudioNotActive:
            pass
        except AudioRestarted:
            self._fresh = self._unknown = True

    def throw_away(self) -> None:
        """RTP is played as it comes."""

    def hang_up(self) -> None:
        if self._ending is None and not self._closed.is_set():
            self._ending = asyncio.create_task(self._end())

    def let_go(self) -> None:
        self.hang_up()

    async def refer(self, number: str, address: Callable[[str], str], answered: Callable[[], None]) -> DialState:
        """See Refer. The truth is the far side's NOTIFY: one that accepts and never tells is UNREACHABLE."""
        self._referring = asyncio.create_task(self._refer(address(number), answered))
        return await self._referring

    async def _refer(self, address: str, answered: Callable[[], None]) -> DialState:
        try:
            await self._call.transfer(address, timeout=RING_S)
        except TransferFailed as failed:
            return state_of(failed.status)
        except BaresipError:
            return DialState.UNREACHABLE
        answered()
        return DialState.ANSWERED

    def _agreed(self) -> bool:
        """Whether it is known what both sides speak; asked whenever that may have changed. Raises AudioNotActive."""
        if self._unknown:
            info = self._call.audio.info()
            if rate_hz := info.rx_sample_rate or info.tx_sample_rate:
                self._sound = sound_of(rate_hz)
                self._whole = Concealment(self._sound.heard_hz)
                self._unknown = False
        return not self._unknown

    def _sends(self) -> bool:
        try:
            return self._call.audio.info().tx_ready
        except AudioNotActive:
            return False

    async def _end(self) -> None:
        try:
            if self._call.state is CallState.INCOMING:
                await self._call.reject()
            else:
                await self._call.hangup()
        except BaresipError:
            self._closed.set()  # it was gone already

    def _on_event(self, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_CLOSED:
                self._reason = event.text or ""
                self._closed.set()
            case Event.CALL_HOLD | Event.CALL_RESUME:
                self.line.hold(event.event is Event.CALL_HOLD)
            case Event.CALL_DTMF_START:
                # The library's own report waits for the key's end, and loses it where the next key comes before.
                self.line.pressed(event.text or "")
            case _:
                pass


def _number(uri: str | None) -> str | None:
    """The telephone number in a From header's address; None for names, and for callers who withhold theirs."""
    return number_in((uri or "").removeprefix("sip:").partition("@")[0])
