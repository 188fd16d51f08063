"""The real model process on a port of its own, for the tests that need the real model."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engines.model_files import verified
from workers.settings import Settings

MODEL = "qwen2.5-coder-0.5b"


@contextmanager
def embedded_model(name: str = MODEL) -> Iterator[str]:
    """The /v1 address of a model server. Fails with the fetching command when the model file is not there."""
    verified(name, Settings().models_dir)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "workers.model", "--port", str(port), "--model", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        assert "listens on" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
