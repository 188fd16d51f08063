"""`hatif call --sip` against far ends that refuse it, in Debian's sipp, and one that answers after a known silence."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import subprocess
import sys
import time
import uuid
import wave
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from domain.errors import Refused
from domain.line import SessionDescription
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from tests.conftest import free_port
from tests.realtime.phone.sipp import SIPP
from tests.workers.conftest import Wav
from workers import call_cli
from workers.caller.phone.address import SipAddress

pytestmark = pytest.mark.servers
HERE = Path(__file__).parent
WAITS_MS = 700
GREETS_MS = 400
LOUD = 1_000


def tone(ms: int, hz: int, rate_hz: int) -> np.ndarray:
    n = np.arange(rate_hz * ms // 1000)
    return (9000 * np.sin(2 * np.pi * hz * n / rate_hz)).astype("<i2")


@pytest.fixture
def spoken(wav_of: Wav) -> Path:
    return wav_of(tone(600, 500, 16_000).tobytes() + bytes(6_400))


def called(*arguments: str) -> Result:
    """`hatif call` in this process."""
    app = typer.Typer()
    app.callback()(lambda: None)
    call_cli.register(app)
    result = CliRunner().invoke(app, ["call", *arguments])
    assert "Traceback" not in result.stderr
    return result


def test_addresses_are_read() -> None:
    assert SipAddress.parse("demo@pbx") == SipAddress(user="demo", host="pbx", port=5060, transport="udp")
    whole = "sip:+97145550100@127.0.0.1:5070;transport=TCP"
    assert str(SipAddress.parse(whole)) == "sip:+97145550100@127.0.0.1:5070;transport=tcp"
    for wrong in ("", "demo", "demo@", "sip:a b@c", "sip:a@b:0", "sip:a@b:99999", "sip:a@b;lr", "http://a@b/"):
        with pytest.raises(Refused):
            SipAddress.parse(wrong)


@pytest.mark.parametrize("way", ["", ";transport=tcp"])
def test_nobody_listens(spoken: Path, way: str) -> None:
    result = called("--sip", f"sip:demo@127.0.0.1:{free_port()}{way}", str(spoken), "--json")
    assert (result.exit_code, result.stdout) == (call_cli.NO_CALL, "")
    assert "nobody answers" in result.stderr


def test_what_a_phone_cannot_do_is_said_before_it_calls(spoken: Path) -> None:
    typed = called("--sip", "sip:demo@127.0.0.1", "--text", "hello")
    assert typed.exit_code == call_cli.BAD_INPUT
    assert "type" in typed.stderr
    wrong = called("--sip", "demo", str(spoken))
    assert wrong.exit_code == call_cli.BAD_INPUT
    assert "sip:demo@127.0.0.1:5060" in wrong.stderr


@pytest.mark.skipif(SIPP is None, reason="Debian's sip-tester is not on this machine")
@pytest.mark.parametrize(
    ("status", "expected", "says"),
    [
        (486, call_cli.BUSY, "busy"),
        (503, call_cli.BUSY, "503"),
        (404, call_cli.BAD_INPUT, "no such number"),
        (403, call_cli.BAD_INPUT, "takes no calls from here"),
        (488, call_cli.BAD_INPUT, "pcma"),
        (603, call_cli.BAD_INPUT, "declined"),
        (500, call_cli.NO_CALL, "500"),
    ],
)
def test_the_far_ends_answer_is_said_in_words(
    spoken: Path, tmp_path: Path, status: int, expected: int, says: str
) -> None:
    scenario = (HERE / "refuses.xml").read_text().replace("STATUS", str(status))
    with far_end(scenario, tmp_path) as port:
        result = called("--sip", f"sip:demo@127.0.0.1:{port}", str(spoken), "--codec", "pcma")
    assert result.exit_code == expected, result.stderr
    assert says in result.stderr


@pytest.mark.skipif(SIPP is None, reason="Debian's sip-tester is not on this machine")
def test_a_far_end_that_speaks_another_codec_is_no_call(spoken: Path, tmp_path: Path) -> None:
    with far_end((HERE / "other_codec.xml").read_text(), tmp_path) as port:
        result = called("--sip", f"sip:demo@127.0.0.1:{port}", str(spoken), "--json")
    assert (result.exit_code, result.stdout) == (call_cli.BAD_INPUT, ""), result.stderr
    assert "speaks none of pcmu, pcma" in result.stderr


@contextlib.contextmanager
def far_end(scenario: str, folder: Path) -> Iterator[int]:
    assert SIPP is not None
    port = free_port()
    (folder / "scenario.xml").write_text(scenario)
    sipp = subprocess.Popen(
        [SIPP, "-sf", "scenario.xml", "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin", "-timeout", "60s"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until_s = time.monotonic() + 60
        while not taken(port):
            assert time.monotonic() < until_s and sipp.poll() is None, "sipp does not listen"
            time.sleep(0.05)
        yield port
    finally:
        sipp.terminate()
        sipp.wait()


def taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


class Answering:
    """A far end that greets, and says a tone so long after each sound of its caller has ended."""

    def __init__(self) -> None:
        self.answered = 0
        self._said: list[tuple[int, np.ndarray]] = [(0, tone(GREETS_MS, 1_000, 16_000))]
        self._heard_ms: int | None = None

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        line.play(self._pull)
        await line.answer(SessionDescription(type="offer", sdp="ticket"))
        await line.connected()
        async for frame in line.frames():
            if np.abs(np.frombuffer(frame.pcm, "<i2").astype(int)).max() > LOUD:
                self._heard_ms = frame.at_ms + 20
            elif self._heard_ms is not None and frame.at_ms - self._heard_ms >= 200:
                self._said.append((self._heard_ms + WAITS_MS, tone(300, 2_000, 16_000)))
                self._heard_ms = None
                self.answered += 1
        await line.hang_up()

    def _pull(self, now_ms: int) -> bytes | None:
        if not self._said or now_ms < self._said[0][0]:
            return None
        _, sound = self._said[0]
        piece, rest = sound[:320], sound[320:]
        self._said[0] = (0, rest)
        if not len(rest):
            self._said.pop(0)
        return piece.tobytes()


async def test_each_answer_is_timed_by_what_was_heard(spoken: Path, tmp_path: Path) -> None:
    far, port, record = Answering(), free_port(), tmp_path / "call.wav"
    endpoint = SipEndpoint(
        host="127.0.0.1",
        port=port,
        numbers={"demo": str(uuid.uuid4())},
        most_calls=1,
        lock=tmp_path / "sip.lock",
        receive=far.receive,
        door=Door(sources=[ip_network("127.0.0.1")], most_legs=1, most_a_minute=9, most_of_tenant=1),
        refusals=Refusals(lambda *line: None),
    )
    endpoint.start()
    try:
        async with asyncio.timeout(30):
            await endpoint.listening.wait()
        # Two SIP stacks need two processes.
        calling = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workers.cli", "call", "--sip", f"sip:demo@127.0.0.1:{port}",
            str(spoken), str(spoken), "--json", "--record", str(record), "--codec", "pcma",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(150):
            out, err = await calling.communicate()
    finally:
        await endpoint.close()
    assert calling.returncode == 0, err.decode()
    told: dict[str, Any] = json.loads(out)
    assert told["outcome"] == "caller_hung_up"
    assert told["greeting_ms"] >= GREETS_MS - 40
    assert far.answered == len(told["turns"]) == 2
    with wave.open(str(record)) as wav:
        assert (wav.getnchannels(), wav.getframerate()) == (2, 16_000)
        both = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2).astype(int)
    ends = last_of_each_sound(both[:, 0])
    onsets = first_of_each_sound(both[:, 1])
    assert len(ends) == 2
    for turn, end in zip(told["turns"], ends, strict=True):
        assert turn["with_openers_ms"] >= WAITS_MS
        onset = next(onset for onset in onsets if onset > end)
        assert turn["with_openers_ms"] == pytest.approx((onset - end) / 16, abs=30)


def first_of_each_sound(channel: np.ndarray) -> list[int]:
    loud = np.flatnonzero(np.abs(channel) > LOUD)
    return [int(loud[0]), *(int(b) for a, b in itertools.pairwise(loud) if b - a > 3_200)]


def last_of_each_sound(channel: np.ndarray) -> list[int]:
    loud = np.flatnonzero(np.abs(channel) > LOUD)
    return [*(int(a) for a, b in itertools.pairwise(loud) if b - a > 3_200), int(loud[-1])]
