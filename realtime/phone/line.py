"""A line over a phone's leg: sound both ways on the caller's clock, keys as messages, and no page at the other end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Protocol

import numpy as np

from domain.errors import Refused
from domain.line import SessionDescription
from domain.outbound.dialling import DialState
from domain.speech import FRAME_BYTES, FRAME_MS, SILENT_FRAME, AudioFrame
from domain.turn_taking.floor import Floor
from realtime.line import FREEZE_MS, LOST_MS, Confirm, Guard, Inbox, Message, Pull, Tap
from realtime.messages import DIGITS
from realtime.music import Elsewhere
from realtime.phone.backlog import Backlog
from realtime.rates import PHONE_TIMES, Down, Up

PHONE_FRAME_BYTES = 320
"""20 ms of mono int16 at 8 kHz."""
STALL_MS = 400
"""Without audio for this long the line is filled with silence: a muted caller may send nothing at all."""
LONGEST_HOLD_S = 1_800
"""A caller who holds us for longer has forgotten us."""
AHEAD_MS = 400
"""How far the clock may run ahead of the wall, after one stall, before late audio is dropped."""


Refer = Callable[[str, Callable[[str], str], Callable[[], None]], Awaitable[DialState]]
"""Asks the caller's exchange to take the caller to a number without us, and returns what became of that.

The second makes an address of the number, where the exchange needs one, and raises Refused. Only after ANSWERED has the
caller gone there; the callback is told so before the line ends.
"""


class FarKeys(Protocol):
    """Keys that are pressed for whoever is at the far side of a leg."""

    def press(self, keys: str) -> None:
        """Of 0-9, *, #, A to D, and commas, each a pause; one after another, behind those that wait. Never blocks."""
        ...

    async def pressed(self) -> None:
        """Wait until none waits any more."""
        ...


class Wire(Protocol):
    """The protocol below a phone's leg."""

    @property
    def comes_back(self) -> bool:
        """Whether the caller's exchange brings a leg again that was let go."""
        ...

    @property
    def wide(self) -> bool:
        """Whether its sound is 16 kHz now, both ways, and not a telephone's 8."""
        ...

    async def pick_up(self) -> None:
        """Answer the caller. Raises Refused("bad_offer") when that is too late."""
        ...

    async def ready(self) -> bool:
        """Wait until audio can flow; False when it never does."""
        ...

    def play(self, pcm: bytes) -> None:
        """20 ms for the caller: PHONE_FRAME_BYTES, or FRAME_BYTES where it is wide. Never blocks."""
        ...

    @property
    def held_up_ms(self) -> float:
        """Of what was played, how much the way to the far end holds up, and brings all at once later; 0 where nobody
        can tell, or where it is thrown away whenever the caller speaks."""
        ...

    def throw_away(self) -> None:
        """Forget what was played and has not reached the caller yet, where somebody on the way keeps it."""
        ...

    def hang_up(self) -> None:
        """The call is over."""
        ...

    def let_go(self) -> None:
        """The call goes on elsewhere: leave the leg so that the caller's exchange brings it there, if it can."""
        ...


class PhoneLine:
    """One leg. Its wire tells what comes in; `answer` it once, then it is a Line until `frames` ends."""

    def __init__(
        self,
        wire: Wire,
        caller: str | None = None,
        refer: Refer | None = None,
        music: Elsewhere | None = None,
        keys: FarKeys | None = None,
        *,
        forks: bool = False,
    ) -> None:
        self.caller = caller
        """The number that calls, in its normal form, where the network tells one."""
        self.refer = refer
        """None where nothing can be asked of the caller's exchange."""
        self.music = music
        """The exchange's own; None: ours is played."""
        self.keys = keys
        """None where the leg's protocol has no way to press any."""
        self.forks = forks
        """Whether the same leg may come to several machines at once, so that only the first may take it."""
        self._wire = wire
        self._up, self._down = Up(PHONE_TIMES), Down(PHONE_TIMES)
        self._backlog = Backlog()
        self._pending = bytearray()
        self._inbox = Inbox()
        self._guard = Guard(self.close)
        self._closed = asyncio.Event()
        self._pacing: asyncio.Task[None] | None = None
        self._pull: Pull | None = None
        self._began_s: float | None = None
        self._held_s: float | None = None
        """Since when the caller's side holds us."""
        self._heard_s = 0.0
        self._stalled = False
        """Nothing comes, and silence is filled in."""
        self._emitted_ms = 0
        self._over = False
        self._lost = False

    # ------------------------------------------------------------ told by the wire

    def heard(self, pcm: bytes) -> None:
        """Any whole number of samples of the caller, mono int16 at the wire's rate, as they arrive."""
        if self._closed.is_set() or self._held_s is not None:
            return
        self._heard_s = time.monotonic()
        self._stalled = False
        if self._began_s is None:
            self._began_s = self._heard_s
        self._pending += pcm if self._wire.wide else self._up.feed(pcm)
        while len(self._pending) >= FRAME_BYTES:
            frame = bytes(self._pending[:FRAME_BYTES])
            del self._pending[:FRAME_BYTES]
            if self._emitted_ms - (self._heard_s - self._began_s) * 1000 <= AHEAD_MS:
                self._arrive(frame)

    def pressed(self, digit: str) -> None:
        """A key; other than `0-9*#` there is none that a conversation knows."""
        if digit in DIGITS:
            self._inbox.tell({"type": "dtmf", "digit": digit})

    def hold(self, held: bool) -> None:
        """The caller's side holds us: until it comes back nothing is said, and its music is not heard.

        The clock of the call stands still meanwhile, so that nobody is asked whether they are there.
        """
        self._held_s = time.monotonic() if held else None

    async def gone(self, *, lost: bool) -> None:
        """The leg has ended; `lost` when its connection broke, rather than that the caller hung up."""
        self._lost = self._lost or lost
        await self.close()

    # ------------------------------------------------------------ Line

    @property
    def now_ms(self) -> int:
        return self._inbox.now_ms

    @property
    def quiet_ms(self) -> int:
        """0 while the leg stands: a caller who is muted sends nothing, and is there."""
        return LOST_MS + 1 if self._lost else 0

    @property
    def comes_back(self) -> bool:
        """See Wire.comes_back."""
        return self._wire.comes_back

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    async def answer(self, offer: SessionDescription) -> SessionDescription:
        """The leg is its own answer. Raises Refused("bad_offer") when the caller has hung up meanwhile."""
        if self._closed.is_set():
            raise Refused("bad_offer", "The caller has hung up.")
        await self._wire.pick_up()
        self._begin_pace()
        return SessionDescription(type="answer", sdp=offer.sdp, worker=offer.worker)

    @contextlib.asynccontextmanager
    async def before_call(self) -> AsyncGenerator[AsyncIterator[AudioFrame]]:
        """What is heard of somebody whom we dialled until the call begins, with its clock, after it; we are silent."""
        self._begin_pace()
        try:
            yield self._inbox.frames()
        finally:
            self._inbox.begin_anew()

    async def connected(self) -> bool:
        return await self._wire.ready() and not self._closed.is_set()

    def frames(self) -> AsyncIterator[AudioFrame]:
        return self._inbox.frames()

    def messages(self) -> AsyncIterator[Message]:
        return self._inbox.messages()

    def send(self, message: Message) -> None:
        """There is no page to be told; but a call that ends, or has to move, is a matter of the leg."""
        match message["type"]:
            case "ended":
                self._over = True
            case "move" if self._wire.comes_back:
                self._lost = True
                self._wire.let_go()
            case "floor" if message["floor"] == Floor.CALLER:
                self._wire.throw_away()
            case _:
                pass

    def play(self, pull: Pull) -> None:
        self._pull = pull

    def tap(self, tap: Tap) -> None:
        self._inbox.tap = tap

    def guard(self, still_ours: Confirm) -> None:
        """After a stretch without this process, stay silent until `still_ours` says that the lease is; else close."""
        self._guard.still_ours = still_ours

    async def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._inbox.close()
        self._guard.cancel()
        if self._pacing is not None and self._pacing is not asyncio.current_task():
            self._pacing.cancel()
        if self._over:
            self._wire.hang_up()
        else:
            self._wire.let_go()

    async def hang_up(self) -> None:
        """There is no call for this leg."""
        self._over = True
        await self.close()

    # ------------------------------------------------------------ the pace

    def _begin_pace(self) -> None:
        self._pacing = self._pacing or asyncio.create_task(self._pace())

    async def _pace(self) -> None:
        """Every 20 ms of the wall clock: our audio out, and silence in when nothing comes."""
        next_s = self._heard_s = time.monotonic()
        self._began_s = self._began_s or next_s
        while not self._closed.is_set():
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            now_s = time.monotonic()
            if now_s - next_s > FREEZE_MS / 1000:
                next_s = self._heard_s = now_s
                self._backlog.empty()
                self._guard.doubt()
            self._backlog.late(max((now_s - next_s) * 1000, self._wire.held_up_ms))
            next_s += FRAME_MS / 1000
            if self._held_s is not None:
                self._heard_s = now_s
                self._began_s = now_s - self._emitted_ms / 1000
                if now_s - self._held_s > LONGEST_HOLD_S:
                    await self.close()
                continue
            if now_s - self._heard_s > STALL_MS / 1000:
                self._fill()
            pcm = self._pull(self.now_ms) if self._pull is not None and not self._guard.doubts else None
            self._play(pcm or SILENT_FRAME)

    def _play(self, frame: bytes) -> None:
        if self._backlog.leaves_out(frame):
            return
        if not self._wire.wide:
            frame = self._down.feed(np.frombuffer(frame, "<i2").reshape(-1, 1))
        self._wire.play(frame)

    def _fill(self) -> None:
        if not self._stalled:
            self._stalled = True
            # Whatever came late after earlier stalls leaves no less room for what comes late after this one.
            self._began_s = self._heard_s - self._emitted_ms / 1000
        self._arrive(SILENT_FRAME)

    def _arrive(self, frame: bytes) -> None:
        self._emitted_ms += FRAME_MS
        self._inbox.put(frame)
