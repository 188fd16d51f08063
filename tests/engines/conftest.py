"""Real models, real speech and the real speech process, for the engines' tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.audio import decode_audio

from engines.model_files import verified
from workers.settings import Settings

READY_WITHIN_S = 60


@pytest.fixture(scope="session")
def model() -> Callable[[str], Path]:
    """The folder of a real model; a missing one fails the test with the sentence that says how to get it."""
    return lambda name: verified(name, Settings().models_dir)


@pytest.fixture(scope="session")
def spoken_clip() -> Callable[[str], bytes]:
    """Real human speech as the ports' PCM; the test is skipped on machines without the clips."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "audio"
    folder = Path(os.environ.get("HATIF_TEST_AUDIO", beside))

    def read(name: str) -> bytes:
        if not (folder / name).is_file():
            pytest.skip(f"no {name} in {folder}; HATIF_TEST_AUDIO may name a folder that has it")
        samples = decode_audio(str(folder / name))
        return (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()

    return read


@pytest.fixture(scope="session")
def speech_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real speech process with both voices."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready = tmp_path_factory.mktemp("speech") / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(ready))
        notified.settimeout(READY_WITHIN_S)
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.speech", "--port", str(port)],
            env=os.environ | {"NOTIFY_SOCKET": str(ready)},
        )
        try:
            assert notified.recv(100) == b"READY=1"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)
