"""The headless caller against a small gateway of its own, over real HTTP and WebRTC, whose delays are known."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import wave
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typer
import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from typer.testing import CliRunner

from domain.errors import LineBusy, LineLost, Refused
from tests.workers.conftest import Wav
from workers import call_cli
from workers.caller import Caller, Event

RATE_HZ = 48_000
FRAME = RATE_HZ // 50
PATH_MS = 160
"""aiortc's two jitter buffers, one each way; the rest of the road is below a frame."""
TOLERANCE_MS = 40
SPOKEN_MS = 390
"""Ends within a frame, so that the recording's low-pass does not carry its last half millisecond into the next."""
PITCHES_HZ = (500, 1000, 2000, 3000, 4000)
"""Of the sentences of one call, in order, so that the recording itself tells where each begins."""
TONE_MS = 300


def tone(ms: int, hz: float = 300.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    n = np.arange(rate_hz * ms // 1000)
    return (9000 * np.sin(2 * np.pi * hz * n / rate_hz)).astype(np.int16)


@dataclass
class Sentence:
    kind: str
    text: str
    wait_ms: int


GREETING = Sentence("greeting", "Welcome.", 100)
SCRIPT = {
    "plain": [Sentence("answer", "We open at nine.", 300)],
    "opener": [Sentence("filler", "One moment.", 200), Sentence("answer", "Tomorrow at ten.", 400)],
    "sorry": [Sentence("apology", "Sorry, I missed that.", 200)],
    "goodbye": [Sentence("goodbye", "Goodbye.", 100)],
}
"""What is answered, by the name of the behaviour; waits count from the caller's last sound or the sentence before."""


@dataclass
class Line(MediaStreamTrack):
    """The agent's side of one call: it answers the n-th turn by the n-th behaviour of its site key."""

    behaviours: list[str]
    kind: str = "audio"
    seq: int = 0
    frames_sent: int = 0
    heard_ms: int = 0
    last_loud_ms: int | None = None
    plan: deque[tuple[int, Sentence]] = field(default_factory=deque)
    playing: deque[np.ndarray] = field(default_factory=deque)
    speaking: Sentence | None = None
    asked: int | None = None
    began_s: list[tuple[str, float]] = field(default_factory=list)
    """The kind of each sentence, and when its first frame left, on the clock that both sides share."""

    def __post_init__(self) -> None:
        super().__init__()
        self.channel: Any = None
        self.started = time.monotonic()
        self.plan.append((0, GREETING))

    def tell(self, message: dict[str, Any]) -> None:
        with suppress(Exception):
            self.channel.send(json.dumps(message))

    def ask(self, text: str) -> None:
        self.seq += 1
        self.asked = self.seq
        self.tell(
            {"type": "transcript", "seq": self.seq, "speaker": "caller", "text": text, "language": "en", "final": True}
        )
        name = self.behaviours.pop(0)
        self.plan = deque(self.scheduled(SCRIPT[name]))

    def scheduled(self, sentences: list[Sentence]) -> Iterator[tuple[int, Sentence]]:
        at_ms = self.sent_ms
        for sentence in sentences:
            at_ms += sentence.wait_ms
            yield at_ms, sentence
            at_ms += TONE_MS

    @property
    def sent_ms(self) -> int:
        return self.frames_sent * 20

    async def listen(self, track: MediaStreamTrack) -> None:
        """Take 100 ms of silence after sound as the end of a turn."""
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.heard_ms += 20
                if np.abs(frame.to_ndarray()).max() > 1000:
                    self.last_loud_ms = self.heard_ms
                elif self.last_loud_ms is not None and self.heard_ms - self.last_loud_ms >= 100:
                    self.last_loud_ms = None
                    self.ask("what I said")

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(max(0.0, self.started + self.frames_sent * 0.020 - time.monotonic()))
        if self.channel is not None and not self.playing and self.plan and self.sent_ms >= self.plan[0][0]:
            _, self.speaking = self.plan.popleft()
            self.seq += 1
            self.tell({"type": "speaking", "seq": self.seq, "kind": self.speaking.kind, "at_ms": self.heard_ms})
            self.began_s.append((self.speaking.kind, time.monotonic()))
            pitch_hz = PITCHES_HZ[len(self.began_s) - 1]
            self.playing.extend(tone(TONE_MS, pitch_hz).reshape(-1, FRAME))
        pcm = self.playing.popleft() if self.playing else np.zeros(FRAME, np.int16)
        if self.speaking is not None and not self.playing:
            self.finished(self.speaking)
            self.speaking = None
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self.frames_sent * FRAME, Fraction(1, RATE_HZ)
        self.frames_sent += 1
        return frame

    def finished(self, sentence: Sentence) -> None:
        common = {"seq": self.seq, "speaker": "agent", "kind": sentence.kind}
        self.tell({"type": "transcript", "text": sentence.text, "language": "en", "final": True, **common})
        self.tell({"type": "turn", "stages_ms": {"asr": 11, "brain": 22}, **common})
        if sentence.kind == "goodbye":
            self.tell({"type": "ended", "outcome": "agent_said_goodbye"})
        elif self.asked is not None and not self.plan:
            self.tell({"type": "answered", "seq": self.asked})
            self.asked = None


@dataclass
class Peer:
    url: str
    lines: list[Line] = field(default_factory=list)


def gateway(peer: Peer) -> FastAPI:
    """The requests of a call; the site key names the behaviours, or `busy`.

    A text "fall silent" leaves the connection dead: nothing more comes, and nothing is taken.
    """
    app = FastAPI()
    calls: dict[str, RTCPeerConnection] = {}
    tasks: set[asyncio.Task[None]] = set()

    @app.get("/v1/sites")
    async def sites() -> dict[str, Any]:
        return {
            "sites": [{"slug": "demo-shop", "name": {}, "default_language": "en", "site_key": "plain opener plain"}]
        }

    @app.post("/v1/call-tokens", status_code=201)
    async def token(request: Request) -> Any:
        if request.headers.get("origin") != peer.url:
            return JSONResponse({"code": "wrong_origin", "detail": "not from here", "status": 403}, 403)
        body = await request.json()
        return {"token": body["site_key"], "expires_in_s": 60, "tenant": {}, "ice_servers": [], "languages": ["en"]}

    @app.post("/v1/calls", status_code=201)
    async def place(request: Request) -> Any:
        behaviours = request.headers["authorization"].removeprefix("Bearer ").split()
        if behaviours == ["busy"]:
            return JSONResponse({"code": "busy", "detail": "Every line is busy.", "status": 503}, 503)
        call_id = f"c{len(calls) + 1}"
        return {"call_id": call_id, **await connect(call_id, 1, behaviours, await request.json())}

    @app.post("/v1/calls/{call_id}/reconnect")
    async def reconnect(call_id: str, request: Request) -> Any:
        behaviours = request.headers["authorization"].removeprefix("Bearer ").split()
        if behaviours == ["over"]:
            return JSONResponse({"code": "call_ended", "detail": "This call is over.", "status": 409}, 409)
        return {"call_id": call_id, **await connect(call_id, 2, behaviours[-1:], await request.json())}

    async def connect(call_id: str, lease: int, behaviours: list[str], asked: dict[str, Any]) -> dict[str, Any]:
        pc = calls[call_id] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        line = Line(behaviours)
        peer.lines.append(line)
        silent = asyncio.Event()

        @pc.on("datachannel")
        def opened(channel: Any) -> None:
            line.channel, line.started = channel, time.monotonic() - line.sent_ms / 1000
            line.tell({"type": "ready", "call_id": call_id, "lease": lease})

            @channel.on("message")
            def said(data: str) -> None:
                message = json.loads(data)
                if silent.is_set():
                    return
                if message == {"type": "text", "text": "fall silent"}:
                    silent.set()
                    line.stop()
                elif message["type"] == "text":
                    line.ask(message["text"])
                elif message["type"] == "hangup":
                    line.tell({"type": "ended", "outcome": "caller_hung_up"})
                elif message["type"] == "ping":
                    line.tell({"type": "pong", "t": message["t"]})

        @pc.on("track")
        def heard(track: MediaStreamTrack) -> None:
            tasks.add(asyncio.create_task(line.listen(track)))

        await pc.setRemoteDescription(RTCSessionDescription(**asked["offer"]))
        pc.addTrack(line)
        await pc.setLocalDescription(await pc.createAnswer())
        return {"lease": lease, "answer": {"type": "answer", "sdp": pc.localDescription.sdp}}

    @app.delete("/v1/calls/{call_id}", status_code=204)
    async def hang_up(call_id: str) -> None:
        await calls[call_id].close()

    return app


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """The address of a running peer; its loop has a thread of its own, as it would be another machine."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        peer = Peer(f"http://127.0.0.1:{sock.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(gateway(peer), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([sock])))
        thread.start()
        yield peer
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def url(peer: Peer) -> str:
    return peer.url


@pytest.fixture
def spoken(wav_of: Wav) -> Path:
    return wav_of(tone(SPOKEN_MS, rate_hz=16_000).tobytes())


async def test_voice_to_voice_is_the_peers_delay_and_the_road(peer: Peer, tmp_path: Path) -> None:
    async with Caller(peer.url) as caller:
        assert await caller.greeted() == "Welcome."
        plain = await caller.speak(tone(SPOKEN_MS, rate_hz=16_000).tobytes())
        opener = await caller.speak(tone(SPOKEN_MS, rate_hz=16_000).tobytes())
        typed = await caller.write("When do you open?")
        assert await caller.hang_up() == "caller_hung_up"
    caller.recording.write(tmp_path / "call.wav")

    assert [turn.kind for turn in (plain, opener, typed)] == ["answer"] * 3
    assert (plain.heard, plain.answered, plain.language) == ("what I said", "We open at nine.", "en")
    assert plain.stages_ms == {"asr": 11, "brain": 22}
    assert opener.answered == "One moment. Tomorrow at ten."
    assert typed.heard == "When do you open?"
    with wave.open(str(tmp_path / "call.wav")) as wav:
        assert (wav.getnchannels(), wav.getframerate()) == (2, 16_000)
        both = np.frombuffer(wav.readframes(wav.getnframes()), np.int16).reshape(-1, 2)
    first_end, second_end = (end for _, end in sounds_ms(both[:, 0], 1000))
    typed_at = next(event.at for event in caller.events if event.message.get("text") == "When do you open?") / 16
    _, answer, filler, later, last = (begins_ms(both[:, 1], hz) for hz in PITCHES_HZ)
    assert plain.voice_to_voice_ms == pytest.approx(answer - first_end, abs=30)
    assert plain.with_openers_ms == plain.voice_to_voice_ms
    assert opener.with_openers_ms == pytest.approx(filler - second_end, abs=30)
    assert opener.voice_to_voice_ms == pytest.approx(later - second_end, abs=30)
    # The text was sent a moment before its transcript came back.
    assert typed.voice_to_voice_ms == pytest.approx(last - typed_at, abs=100)

    # Nothing is heard before it left and had its way; and the peer takes 100 ms of silence for the end of a turn.
    for heard_at, (_, at_s) in zip((answer, filler, later, last), peer.lines[0].began_s[1:], strict=True):
        assert heard_at >= (at_s - caller.origin_s) * 1000 + PATH_MS // 2 - TOLERANCE_MS
    assert (plain.voice_to_voice_ms or 0) >= 100 + 300 + PATH_MS - TOLERANCE_MS
    assert (opener.voice_to_voice_ms or 0) >= 100 + 200 + TONE_MS + 400 + PATH_MS - TOLERANCE_MS


def begins_ms(channel: np.ndarray, pitch_hz: int) -> int:
    """Where a tone of this pitch begins, to 10 ms."""
    windows = channel[: len(channel) // 160 * 160].reshape(-1, 160).astype(float)
    found = (np.abs(np.fft.rfft(windows)).argmax(axis=1) * 100 == pitch_hz) & (np.abs(windows).max(axis=1) > 1000)
    return int(np.flatnonzero(found)[0]) * 10


def sounds_ms(channel: np.ndarray, gap_ms: int) -> list[tuple[int, int]]:
    """Stretches of sound with no silence of `gap_ms` within, as (start, end)."""
    loud_ms = np.flatnonzero(np.abs(channel.astype(int)) > 1000) / 16
    breaks = np.flatnonzero(np.diff(loud_ms) > gap_ms)
    starts, ends = [loud_ms[0], *loud_ms[breaks + 1]], [*loud_ms[breaks], loud_ms[-1]]
    return [(round(start), round(end)) for start, end in zip(starts, ends, strict=True)]


async def test_a_goodbye_ends_the_call(url: str) -> None:
    async with Caller(url, site_key="goodbye") as caller:
        await caller.greeted()
        turn = await caller.write("bye")
        assert turn.kind == "goodbye"
        assert not turn.is_answer
        assert caller.ended
        with pytest.raises(LineLost):
            await caller.write("are you there?")
    assert caller.report.outcome == "agent_said_goodbye"


async def test_talking_can_be_stopped_in_mid_word(url: str) -> None:
    answered = asyncio.Event()
    async with Caller(url, site_key="plain", on_event=lambda e: e.type == "answered" and answered.set()) as caller:
        await caller.greeted()
        talking = caller.start_speaking(tone(20_000, rate_hz=16_000).tobytes())
        await asyncio.wait({talking}, timeout=0.5)
        talking.cancel()
        await asyncio.wait_for(answered.wait(), 15)
        talking = caller.start_speaking(b"")
        assert talking.done()
    ((start, end),) = sounds_ms(caller.recording.sent.samples(), 1000)
    assert end - start < 2000


async def test_a_link_that_falls_silent_is_replaced_by_another(url: str) -> None:
    second = asyncio.Event()

    def ready(event: Event) -> None:
        if (event.type, event.message.get("lease")) == ("ready", 2):
            second.set()

    async with Caller(url, site_key="plain", on_event=ready) as caller:
        await caller.greeted()
        assert caller.send({"type": "text", "text": "fall silent"})
        await asyncio.wait_for(second.wait(), 15)
        turn = await caller.write("When do you open?")
        assert turn.answered.endswith("We open at nine.")
        assert await caller.hang_up() == "caller_hung_up"
    ((noticed, open_again),) = caller.cuts
    assert open_again is not None
    assert noticed < open_again
    silent = [event.at for event in caller.events if event.type == "ready"]
    received = caller.recording.received.samples(silent[1])
    assert np.abs(received.astype(int)).max() > 1000, "the second link is heard in the same recording"


async def test_a_call_that_is_over_is_not_asked_back_into(url: str) -> None:
    async with Caller(url, site_key="over") as caller:
        assert caller.send({"type": "text", "text": "fall silent"})
        await caller._until(lambda: False, 15)
        assert caller.ended
    assert caller.report.outcome == "lost"


async def test_busy_unknown_and_foreign_are_told_apart(url: str) -> None:
    with pytest.raises(LineBusy, match="busy"):
        await Caller(url, site_key="busy").__aenter__()
    with pytest.raises(Refused, match="demo-shop"):
        await Caller(url, tenant="nobody").__aenter__()
    with pytest.raises(Refused, match="not from here"):
        await Caller(url.replace("127.0.0.1", "localhost")).__aenter__()


def command() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    call_cli.register(app)
    return app


def test_the_command_keeps_the_order_of_its_items(url: str, spoken: Path, tmp_path: Path) -> None:
    record = tmp_path / "call.wav"
    arguments = [
        "call",
        "--json",
        "--text",
        "first",
        str(spoken),
        "--text=third",
        "--url",
        url,
        "--record",
        str(record),
    ]
    result = CliRunner().invoke(command(), arguments)
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [turn["heard"] for turn in report["turns"]] == ["first", "what I said", "third"]
    assert set(report) == {"call_id", "outcome", "greeting", "turns"}
    assert set(report["turns"][0]) == {
        *("heard", "language", "answered", "kind", "voice_to_voice_ms", "with_openers_ms", "stages_ms")
    }
    assert report["greeting"] == "Welcome."
    assert report["outcome"] == "caller_hung_up"
    assert record.stat().st_size > 100_000


def test_a_turn_that_is_not_answered_is_exit_one(url: str) -> None:
    result = CliRunner().invoke(command(), ["call", "--text", "hm", "--url", url, "--site-key", "sorry"])
    assert result.exit_code == call_cli.NOT_ANSWERED
    assert "turn 1 got no answer" in result.stderr
    assert "Sorry, I missed that." in result.stdout


def test_a_call_that_ends_early_is_exit_one(url: str) -> None:
    arguments = ["call", "--text", "bye", "--text", "more", "--url", url, "--site-key", "goodbye", "--json"]
    result = CliRunner().invoke(command(), arguments)
    assert result.exit_code == call_cli.NOT_ANSWERED
    assert "after 1 of 2 turns" in result.stderr
    assert json.loads(result.stdout)["outcome"] == "agent_said_goodbye"


def test_busy_is_exit_three(url: str) -> None:
    result = CliRunner().invoke(command(), ["call", "--text", "hm", "--url", url, "--site-key", "busy", "--json"])
    assert result.exit_code == call_cli.BUSY
    assert "busy" in result.stderr
    assert json.loads(result.stdout) == {"call_id": None, "outcome": "busy", "greeting": "", "turns": []}
