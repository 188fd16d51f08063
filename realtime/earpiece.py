"""What the caller hears, 20 ms at a time: the agent's mouth, hold music under it, and the people on the bridge."""

from __future__ import annotations

from collections.abc import Callable

from domain.media.hearing import BridgeRole
from domain.media.recording import RecordingLeg
from domain.speech import SILENT_FRAME
from realtime.bridge import Bridge, mixed
from realtime.line import Line
from realtime.mouth import Mouth
from realtime.music import Elsewhere, HoldPlayer

CALLER = "caller"
AGENT = "agent"
"""Names of the two parties that every bridge has; people are there under ids of their own."""

Hear = Callable[[RecordingLeg, bytes, int], None]
"""Takes 20 ms that leave for the caller, of one voice, with the line's time in ms."""


class Earpiece:
    """Feeds the caller's line, and gives the bridge what the caller and the agent say.

    The caller hears the mouth directly, for the bridge would hold it back by 40 ms. So the agent's party is held there:
    of those on the bridge only supervisors hear it.
    """

    def __init__(
        self,
        line: Line,
        mouth: Mouth,
        bridge: Bridge,
        music: bytes,
        sent: Callable[[bytes, int], None],
        hear: Hear | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`sent` is told of each frame that leaves for the caller, with the line's time in ms.

        Where there is music `elsewhere`, that is what the caller waits by.
        """
        self._mouth = mouth
        self._bridge = bridge
        self._music = music
        self._sent = sent
        self._hear = hear
        self._elsewhere = elsewhere
        self._player: HoldPlayer | None = None
        self._now_ms = 0
        bridge.add(CALLER, BridgeRole.CALLER)
        bridge.add(AGENT, BridgeRole.AGENT)
        bridge.hold(AGENT, lambda: SILENT_FRAME)
        line.tap(lambda pcm: bridge.push(CALLER, pcm))
        line.play(self._pull)

    def hold(self) -> None:
        """Music from now on; what the agent says is heard over it."""
        if self._player is None:
            self._player = HoldPlayer(self._music, self._speak, self._elsewhere)
            self._bridge.hold(CALLER, self._player.pull)

    def resume(self) -> None:
        if self._player is not None:
            self._player = None
            self._bridge.resume(CALLER)
            if self._elsewhere is not None:
                self._elsewhere.stop()

    def _pull(self, now_ms: int) -> bytes | None:
        self._now_ms = now_ms
        frame = self._mix(now_ms)
        if frame is not None:
            self._sent(frame, now_ms)
        return frame

    def _mix(self, now_ms: int) -> bytes | None:
        if self._player is not None:
            return self._bridge.pull(CALLER)
        spoken, others = self._speak(), self._bridge.pull(CALLER)
        if others is not None and self._hear is not None:
            self._hear(RecordingLeg.ADVISOR, others, now_ms)
        return mixed([frame for frame in (spoken, others) if frame is not None])

    def _speak(self) -> bytes | None:
        """What the agent says next, which whoever may overhears."""
        frame = self._mouth.pull(self._now_ms)
        if frame is not None:
            self._bridge.push(AGENT, frame)
            if self._hear is not None:
                self._hear(RecordingLeg.AGENT, frame, self._now_ms)
        return frame
