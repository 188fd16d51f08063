"""A caller with a script, who notices everything: what was confirmed, what was heard and when, and who spoke."""

from __future__ import annotations

import asyncio

import numpy as np
from av import AudioFrame

from domain.speech import SAMPLE_RATE_HZ
from workers.caller import Caller
from workers.caller.link import Link
from workers.caller.recording import to_ms

LOUD = 300
"""-40 dBFS: voices, music and tones are well above, what a codec makes of silence well below."""
WINDOW = SAMPLE_RATE_HZ // 50
REMNANT_MS = 100
"""Sound that a jitter buffer still had in it when its line was cut; only what goes on beyond it is a voice."""
CONFIRM_S = 25.0
"""How long the caller waits for a sign of being understood before saying it again, as people do."""


class ScriptedCaller(Caller):
    """A Caller that keeps its dead links open, so that a second voice on one of them would be heard."""

    def __init__(self, url: str, tenant: str) -> None:
        super().__init__(url, tenant=tenant, language="en")
        self.script: list[str] = []
        """Everything that was said or typed and confirmed by a turn, in order."""
        self.second_voice_ms = 0
        """Sound that came on a link after another one had taken its place."""
        self._kept: list[Link] = []

    async def _part(self, link: Link) -> None:
        self._kept.append(link)

    async def _close(self) -> None:
        for link in self._kept:
            await link.close()
        await super()._close()

    def frame(self, link: Link, frame: AudioFrame) -> None:
        if link in self._kept:
            samples = np.asarray(frame.to_ndarray(), dtype=np.int32)
            if int(np.abs(samples).max(initial=0)) > LOUD:
                self.second_voice_ms += frame.samples * 1000 // frame.sample_rate
            return
        super().frame(link, frame)

    # ------------------------------------------------------------ what the caller does

    async def say_until_confirmed(self, text: str, within_s: float = CONFIRM_S) -> bool:
        """Type it, and again for as long as nothing shows that it was taken; one confirmation is enough."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        while loop.time() < until_s and not self.ended:
            before = len(self.events)
            if self.send({"type": "text", "text": text}) and await self._until(
                lambda since=before: self.confirmed(text, since), min(6.0, until_s - loop.time())
            ):
                self.script.append(text)
                return True
            await self.link_open(until_s - loop.time())
        return False

    async def ask(self, text: str) -> bool:
        """Say it until it is confirmed, and hear the answer to its end, as far as there is one."""
        since = len(self.events)
        confirmed = await self.say_until_confirmed(text)
        await self.event("answered", since, CONFIRM_S)
        return confirmed

    def confirmed(self, text: str, since: int) -> bool:
        """Whether Hatif has told the words as a final turn of the caller."""
        return any(
            event.type == "transcript"
            and event.message.get("final")
            and event.message.get("speaker") == "caller"
            and event.message.get("text") == text
            for event in self.events[since:]
        )

    async def event(self, kind: str, since: int, within_s: float, **wanted: object) -> bool:
        """Wait for a message of this type, with these members, that came since then."""

        def came() -> bool:
            return any(
                event.type == kind and all(event.message.get(name) == value for name, value in wanted.items())
                for event in self.events[since:]
            )

        return await self._until(came, within_s)

    @property
    def silent(self) -> bool:
        """Whether the microphone has said everything."""
        return self._microphone.idle()

    async def quiet(self) -> None:
        """Wait until the agent has been silent for a moment."""
        await self._until(lambda: self._quiet(500), 20)

    async def spoken_out(self) -> None:
        """Wait until the microphone has said everything."""
        await self._until(self._microphone.idle, 20)

    def finished_turns(self, speaker: str) -> list[str]:
        """The words of each of their turns that Hatif told as finished, by its final transcript."""
        texts: dict[tuple[int, str], str] = {}
        finished: list[str] = []
        for event in self.events:
            key = (event.seq, str(event.message.get("speaker")))
            if event.type == "transcript" and event.message.get("final"):
                texts[key] = str(event.message.get("text", ""))
            elif event.type == "turn" and key[1] == speaker and texts.get(key):
                finished.append(texts[key])
        return finished

    async def cut_after(self, at: int, within_s: float) -> int | None:
        """When a dead link was first noticed after this moment; None when none was in time."""
        await self._until(lambda: any(noticed >= at for noticed, _ in self.cuts), within_s)
        return next((noticed for noticed, _ in self.cuts if noticed >= at), None)

    async def link_open(self, within_s: float) -> bool:
        """Wait until no link is being sought."""
        return await self._until(lambda: self._asking is None and not self._lost, max(0.1, within_s))

    async def sound_after(self, at: int, within_s: float) -> int | None:
        """The first sound at or after a sample of the recording, waiting for it; None when none came in time."""
        found: list[int] = []

        def sounded() -> bool:
            heard = self.recording.received.samples(at)
            whole = heard[: len(heard) // WINDOW * WINDOW].astype(np.int32).reshape(-1, WINDOW)
            loud = np.flatnonzero(np.abs(whole).max(axis=1, initial=0) > LOUD)
            if len(loud):
                found.append(at + int(loud[0]) * WINDOW)
            return bool(found)

        await self._until(sounded, within_s)
        return found[0] if found else None


def seconds(samples: int) -> float:
    return to_ms(samples) / 1000
