"""Debian's baresip as a phone: a file is its microphone, and what it hears is written to another."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.conftest import free_port

MODULES = Path("/usr/lib/baresip/modules")
CONFIG = """
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
module_path {modules}
module {codec}.so
{security}module aufile.so
module sndfile.so
module account.so
module menu.so
module stdio.so
audio_source aufile,{microphone}
snd_path {folder}
{source}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """What a phone has for TLS, whether it calls and is called by it, and whether its sound is encrypted."""

    certificate: bytes
    """PEM, with the key: others connect to it, too, in a call that it began."""
    authorities: bytes
    tls: bool = True
    srtp: bool = True


def _free_pair() -> int:
    """A free port that a free one follows: baresip takes that one for TLS, and ends where it can't have it."""
    for _ in range(100):
        port = free_port()
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port
    raise AssertionError("no two free ports in a row")


def _security(folder: Path, secured: Secured) -> str:
    certificate, authorities = folder / "certificate.pem", folder / "authorities.pem"
    certificate.write_bytes(secured.certificate)
    authorities.write_bytes(secured.authorities)
    return f"module srtp.so\nsip_certificate {certificate}\nsip_cafile {authorities}\n"


class SipPhone:
    """It calls, speaks for as long as `says` lasts, and hangs up then."""

    def __init__(self, folder: Path, says: bytes, secured: Secured | None = None, *, opus: bool = False) -> None:
        """`says` is mono int16 at 8 kHz, or at 48 where it speaks Opus only."""
        self.folder = folder
        self._opus = opus
        by_tls, srtp = (
            ";transport=tls" if secured and secured.tls else "",
            ";mediaenc=srtp-mand" if secured and secured.srtp else "",
        )
        (folder / "accounts").write_text(f"<sip:alice@127.0.0.1{by_tls}>;regint=0;answermode=auto{srtp}\n")
        (folder / "contacts").touch()
        self._microphone = folder / "microphone.wav"
        self.will_say(says)
        self.port = _free_pair()
        config = CONFIG.format(
            port=self.port,
            modules=MODULES,
            microphone=self._microphone,
            folder=folder,
            codec="opus" if opus else "g711",
            source="ausrc_srate 48000\nausrc_channels 1\n" if opus else "",
            security=_security(folder, secured) if secured else "",
        )
        (folder / "config").write_text(config)
        self._process: asyncio.subprocess.Process | None = None
        self.said = ""

    def will_say(self, says: bytes) -> None:
        """From the next call on."""
        with wave.open(str(self._microphone), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000 if self._opus else 8_000)
            file.writeframes(says)

    @staticmethod
    def installed() -> bool:
        return shutil.which("baresip") is not None and MODULES.is_dir()

    async def call(self, uri: str) -> None:
        await self._start("-e", f"/dial {uri}")

    async def wait(self) -> None:
        """Be at `sip:alice@127.0.0.1:<port>`, and pick up at once."""
        await self._start()
        await self.told("baresip is ready")

    async def _start(self, *arguments: str) -> None:
        self._process = await asyncio.create_subprocess_exec(
            "baresip", "-f", str(self.folder), *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    def press(self, key: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(key.encode())

    async def told(self, words: str) -> None:
        """Wait until it has said so on its console."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while words not in self.said:
                piece = await self._process.stdout.read(4_096)
                assert piece, f"the phone ended: {self.said[-2_000:]}"
                self.said += piece.decode(errors="replace")

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.communicate()

    def heard(self) -> bytes:
        """What its speaker played: mono int16 at the rate of what it says.

        A re-INVITE begins another file; the longest has the call.
        """
        recorded = max(self.folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_size)
        with wave.open(str(recorded)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")[:: file.getnchannels()].tobytes()
