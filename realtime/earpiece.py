"""What the caller hears, 20 ms at a time: the agent's mouth, hold music under it, and the people on the bridge."""

from __future__ import annotations

from realtime.bridge import Bridge, BridgeRole
from realtime.line import Line
from realtime.mouth import Mouth
from realtime.music import HoldPlayer

CALLER = "caller"
AGENT = "agent"
"""Names of the two parties that every bridge has; people are there under ids of their own."""


class Earpiece:
    """Feeds the caller's line, and gives the bridge what the caller and the agent say.

    While nobody else is in the call the mouth is heard directly: the bridge would hold it back for 40 ms.
    """

    def __init__(self, line: Line, mouth: Mouth, bridge: Bridge, music: bytes) -> None:
        self._mouth = mouth
        self._bridge = bridge
        self._music = music
        self._player: HoldPlayer | None = None
        self._now_ms = 0
        bridge.add(CALLER, BridgeRole.CALLER)
        bridge.add(AGENT, BridgeRole.AGENT)
        line.tap(lambda pcm: bridge.push(CALLER, pcm))
        line.play(self._pull)

    def hold(self) -> None:
        """Music from now on; what the agent says is heard over it."""
        if self._player is None:
            self._player = HoldPlayer(self._music, self._speak)
            self._bridge.hold(CALLER, self._player.pull)

    def resume(self) -> None:
        if self._player is not None:
            self._player = None
            self._bridge.resume(CALLER)

    def _pull(self, now_ms: int) -> bytes | None:
        self._now_ms = now_ms
        if self._player is None and not self._accompanied:
            return self._mouth.pull(now_ms)
        if self._player is None:
            self._speak()
        return self._bridge.pull(CALLER)

    @property
    def _accompanied(self) -> bool:
        return len(self._bridge.roles()) > 2

    def _speak(self) -> bytes | None:
        frame = self._mouth.pull(self._now_ms)
        if frame is not None and self._accompanied:
            self._bridge.push(AGENT, frame)
        return frame
