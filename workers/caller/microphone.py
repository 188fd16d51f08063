"""The caller's microphone: a track of 20 ms frames on the audio clock, silent unless something is being said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from workers.caller.audio_file import SEND_RATE_HZ, Pcm
from workers.caller.measure import speech_end
from workers.caller.recording import RATE_HZ, Decimator, Leg, to_samples

FRAME_S = 0.020
_FRAME = int(SEND_RATE_HZ * FRAME_S)
_FRAME_RECORDED = int(RATE_HZ * FRAME_S)
_LEAST_GAP_S = FRAME_S / 2
"""Two frames never leave closer than this: a late one is caught up at double speed, not in a burst."""
_GIVE_UP_S = 0.100
"""Later than this and the clock moves instead: more than a receiver's jitter buffer would take anyway."""


class Microphone(MediaStreamTrack):
    """Sends what `say` is given and records every frame at the slot in which it left.

    A frame that leaves less than 100 ms late keeps its slot, so that a busy machine can only lengthen a figure.
    """

    kind = "audio"

    def __init__(self, leg: Leg, origin_s: float, on_frame: Callable[[], None]) -> None:
        """`origin_s` is the loop's time at which the recording begins; `on_frame` is called for each frame sent."""
        super().__init__()
        self._leg = leg
        self._origin_s = origin_s
        self._decimator = Decimator()
        self._on_frame = on_frame
        self._event_loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._due_s: float | None = None
        self._left_s = 0.0
        self._frames = 0
        self._said: list[Pcm] = []
        self._to_say: list[Pcm] = []
        self.said_at: list[int] = []
        """Where in the recording each frame stands of what was said last."""
        self.slipped_ms = 0
        """How much the clock had to move because this machine was busy elsewhere."""
        self._saying: asyncio.Future[None] | None = None

    def say(self, pcm: Pcm) -> asyncio.Future[None]:
        """Begin with the next frame; the future is done when the last sample has left. One at a time.

        Cancelling the future stops the sound.
        """
        if self._saying is not None and not self._saying.done():
            raise RuntimeError("something is being said already")
        padded = np.pad(pcm, (0, -len(pcm) % _FRAME))
        self._said = [padded[at : at + _FRAME] for at in range(0, len(padded), _FRAME)]
        self._to_say = self._said[::-1]
        self.said_at = []
        self._saying = self._event_loop.create_future()
        if not self._to_say:
            self._saying.set_result(None)
        return self._saying

    def idle(self) -> bool:
        """Whether nothing is being said."""
        return self._saying is None or self._saying.done()

    def speech_end(self) -> int | None:
        """Where in the recording the speech ended that was said last; None where it held none.

        Judged on the clip as it was given: a pause that this machine put into it is no end.
        """
        said = Decimator().feed(np.concatenate(self._said[: len(self.said_at)] or [np.zeros(0, np.int16)]))
        end = speech_end(said)
        if end is None:
            return None
        frame, within = divmod(end - 1, _FRAME_RECORDED)
        return self.said_at[frame] + within + 1

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        slot_s = await self._slot()
        saying = bool(self._to_say)
        pcm = self._next()
        place = self._leg.put(to_samples((slot_s - self._origin_s) * 1000), self._decimator.feed(pcm))
        if saying:
            self.said_at.append(place)
        if self._saying is not None and not self._to_say and not self._saying.done():
            self._saying.set_result(None)
        self._on_frame()
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SEND_RATE_HZ
        frame.time_base = Fraction(1, SEND_RATE_HZ)
        frame.pts = self._frames * _FRAME
        self._frames += 1
        return frame

    async def _slot(self) -> float:
        """Wait until the next frame is due; returns the loop's time of its slot."""
        now = self._event_loop.time()
        due = now if self._due_s is None else self._due_s
        wait_s = max(due, self._left_s + _LEAST_GAP_S) - now
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._left_s = self._event_loop.time()
        if self._left_s - due > _GIVE_UP_S:
            self.slipped_ms += round((self._left_s - due) * 1000)
            due = self._left_s
        self._due_s = due + FRAME_S
        return due

    def _next(self) -> Pcm:
        if self._saying is not None and self._saying.cancelled():
            self._to_say.clear()
        return self._to_say.pop() if self._to_say else np.zeros(_FRAME, np.int16)
