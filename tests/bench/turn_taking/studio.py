"""Makes the audio of scenarios: the product's English voice, in a process of its own, and cuts of real recordings."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from domain.speech import SAMPLE_RATE_HZ, Language
from engines.remote_speech import RemoteSpeech
from tests.bench.turn_taking import sounds
from tests.bench.turn_taking.scenario import Cough, Cut, Over, Pause, Said, Scenario
from tests.bench.turn_taking.sounds import Samples

AUDIO = Path(os.environ.get("HATIF_TEST_AUDIO", Path(__file__).resolve().parents[4] / "shared" / "audio"))
READY_WITHIN_S = 60
BEFORE_MS = 600
"""Of silence before the caller's first sound, while the agent listens."""
OVER_FROM_MS = 1_500
"""Where the caller's sound begins while the agent speaks."""
OVER_MS = 2_400
"""Of silence after a turn: longer than any wait for its end."""
SNAP_MS = 300
"""Cuts of recordings move by this at most, to the quietest spot: between words rather than through one."""
BACKGROUND_RMS = sounds.SPEECH_RMS / 10


@dataclass(frozen=True, slots=True)
class Take:
    """A scenario as audio, with where its turns are, in ms."""

    scenario: Scenario
    caller: Samples
    agent: Samples
    turns_ms: tuple[tuple[int, int], ...]
    pauses: int


class NotHere(Exception):
    """A recording that is not on this machine."""


@dataclass(slots=True)
class Studio:
    url: str
    _said: dict[str, Samples] = field(default_factory=dict[str, Samples])

    async def take(self, scenario: Scenario) -> Take:
        """Raises NotHere."""
        agent = await self._say(scenario.over_agent) if scenario.over_agent else sounds.silence(0)
        begin_ms = min(OVER_FROM_MS, len(agent) * 1000 // SAMPLE_RATE_HZ // 2) if scenario.over_agent else BEFORE_MS
        track = [sounds.silence(begin_ms)]
        turns: list[tuple[int, int]] = []
        began: int | None = None
        pauses = 0
        for part in scenario.parts:
            at_ms = sum(map(len, track)) * 1000 // SAMPLE_RATE_HZ
            match part:
                case Over():
                    if began is not None:
                        turns.append((began, at_ms))
                    began = None
                    track.append(sounds.silence(OVER_MS))
                case Pause(ms=ms):
                    pauses += 1
                    track.append(sounds.silence(ms))
                case Cough(seed=seed):
                    track.append(sounds.cough(seed))
                case Said(text=text):
                    began = at_ms if began is None else began
                    track.append(await self._say(text))
                case Cut():
                    began = at_ms if began is None else began
                    track.append(cut(part))
        caller = np.concatenate(track)
        size = max(len(caller), len(agent))
        caller = sounds.mixed(caller, sounds.room(size * 1000 / SAMPLE_RATE_HZ, seed=len(scenario.name), rms=15))
        if scenario.background is not None:
            behind = sounds.at_level(cut(scenario.background), BACKGROUND_RMS)
            caller = sounds.mixed(caller, np.tile(behind, -(-size // len(behind)))[:size])
        if scenario.telephone:
            caller = sounds.telephone(caller)
        return Take(scenario, caller, agent, tuple(turns), pauses)

    async def _say(self, text: str) -> Samples:
        if text not in self._said:
            self._said[text] = await self.say(text)
        return self._said[text]

    async def say(self, text: str, manner: str | None = None) -> Samples:
        """By the English voice, made anew each time: it says nothing twice in quite the same way."""
        voice = RemoteSpeech(self.url, first_byte_ms=60_000, next_bytes_ms=60_000)
        async with aclosing(voice.speak(text, Language.EN, voice=manner)) as pieces:
            pcm = b"".join([piece async for piece in pieces])
        await voice.close()
        return sounds.at_level(sounds.trimmed(sounds.from_pcm(pcm)))


def cut(wanted: Cut) -> Samples:
    samples = _recording(wanted.clip)
    until = len(samples) if wanted.until_ms is None else _quietest_near(samples, wanted.until_ms)
    since = 0 if wanted.from_ms == 0 else _quietest_near(samples, wanted.from_ms)
    return sounds.at_level(sounds.trimmed(samples[since:until]))


def _quietest_near(samples: Samples, ms: int) -> int:
    window = 40 * SAMPLE_RATE_HZ // 1000
    first = max(0, (ms - SNAP_MS) * SAMPLE_RATE_HZ // 1000)
    last = min(len(samples) - window, (ms + SNAP_MS) * SAMPLE_RATE_HZ // 1000)
    energies = {at: float(np.square(samples[at : at + window]).sum()) for at in range(first, last, window // 4)}
    return min(energies, key=lambda at: energies[at]) + window // 2


def _recording(name: str) -> Samples:
    path = AUDIO / name
    if not path.exists():
        raise NotHere(name)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    pcm = bytearray()
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            for part in resampler.resample(frame):
                pcm += bytes(part.planes[0])[: part.samples * 2]
    return sounds.from_pcm(bytes(pcm))


@contextmanager
def studio() -> Generator[Studio]:
    """With a speech process that ends with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(f"{folder}/notify")
        notified.settimeout(READY_WITHIN_S)
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.speech", "--port", str(port)],
            env=os.environ | {"NOTIFY_SOCKET": f"{folder}/notify"},
        )
        try:
            if notified.recv(100) != b"READY=1":
                raise RuntimeError("the speech process did not start")
            yield Studio(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(10)
