"""The whole product as an operator starts it: `hatif up` in a process of its own, on free ports and fresh data."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Generator, Mapping
from pathlib import Path

import httpx
import psutil

from domain.speech import SAMPLE_RATE_HZ, Language
from engines.remote_speech import RemoteSpeech
from tests.conftest import free_port, run_apart
from tests.realtime.streams import service
from workers.settings import Settings

START_S = 300
"""A warm start is under 20 s on an idle machine; a first one makes a database as well, and cores may be shared."""
STOP_S = 40
SAID_LAST = "Ctrl-C stops it"
"""After the first passwords."""


class Product:
    """`address` is the gateway's; `passwords` are the first ones of the tenants' administrators, by who signs in."""

    def __init__(self, data_dir: Path, *, slots: int, extra: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.speech_url = f"http://127.0.0.1:{free_port()}"
        self.audiosocket_port = free_port()
        self.sip_port = free_port()
        self.streams_port = free_port()
        self.passwords: dict[str, str] = {}
        self._output = data_dir / "output.txt"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HATIF_")},
            "HATIF_DATA_DIR": str(data_dir / "data"),
            "HATIF_GATEWAY_PORT": str(port),
            "HATIF_POSTGRES_PORT": str(free_port()),
            "HATIF_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "HATIF_TEMPORAL_UI_PORT": str(free_port()),
            "HATIF_LLM_URL": f"http://127.0.0.1:{free_port()}/v1",
            "HATIF_SPEECH_URL": self.speech_url,
            "HATIF_KNOWLEDGE_URL": f"http://127.0.0.1:{free_port()}",
            # Other tests may have the machine: what is found must not depend on when.
            "HATIF_KNOWLEDGE_MS": "5000",
            "HATIF_SIP_PORT": str(self.sip_port),
            "HATIF_AUDIOSOCKET": f"{self.audiosocket_port}=demo-shop",
            "HATIF_STREAMS_PORT": str(self.streams_port),
            "HATIF_STREAMS_URL": service.PUBLIC,
            "HATIF_STREAMS_NUMBERS": f"{service.CALLED}=demo-shop",
            "HATIF_TWILIO_AUTH_TOKEN": service.TOKEN,
            "HATIF_MEDIA_SLOTS": str(slots),
            "COLUMNS": "200",
            **(extra or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        argv = [sys.executable, "-m", "workers.cli", "up", "--no-fetch", "--grace", "1"]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                argv,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline_s = time.monotonic() + START_S
        while SAID_LAST not in (said := self.output()):
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise AssertionError(f"hatif up did not become ready:\n{said}")
            time.sleep(0.2)
        self.passwords = dict(re.findall(r"^\s+(\S.*\S)\s{2,}(\S{12,})\s*$", said.partition("First sign-in")[2], re.M))

    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace") if self._output.exists() else ""

    def stop(self) -> None:
        """Twice, so that a call that a failed test left open is cut."""
        if self._process is None:
            return
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for _ in range(2):
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_S / 2)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(STOP_S)
        self._process = None

    def settings(self) -> Settings:
        """As its own processes have them."""
        given = {f"HATIF_{name.upper()}": name for name in Settings.model_fields}
        named = {given[key]: value for key, value in self.environment.items() if key in given}
        return Settings.model_validate(named)

    def site(self, slug: str) -> dict[str, object]:
        with httpx.Client(base_url=self.address, trust_env=False) as client:
            return next(site for site in client.get("/v1/sites").json()["sites"] if site["slug"] == slug)

    def say_into(self, path: Path, *parts: str | float) -> Path:
        """A WAV of what the product's own English voice says, with silences of so many seconds between."""
        pcm = b"".join(
            run_apart(_spoken(self.speech_url, part))
            if isinstance(part, str)
            else bytes(int(part * SAMPLE_RATE_HZ) * 2)
            for part in parts
        )
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(pcm)
        return path


async def _spoken(url: str, text: str) -> bytes:
    voice = RemoteSpeech(url)
    try:
        return b"".join([piece async for piece in voice.speak(text, Language.EN)])
    finally:
        await voice.close()


@contextlib.contextmanager
def running_product(*, slots: int, extra: Mapping[str, str] | None = None) -> Generator[Product]:
    """`extra` are further settings, as environment variables."""
    # Not pytest's own folder: its parents are closed to the unprivileged user that root hands Postgres to.
    data_dir = Path(tempfile.mkdtemp(prefix="hatif-product-"))
    data_dir.chmod(0o755)
    product = Product(data_dir, slots=slots, extra=extra)
    try:
        product.start()
        yield product
    finally:
        product.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
