"""The whole product under `hatif up`: it comes up, mends itself, stops, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import free_port

pytestmark = [pytest.mark.servers, pytest.mark.models, pytest.mark.timeout(420)]

START_S = 300
"""A cold start on two busy cores took 80 s."""


class Running:
    """`hatif up` as a child, its lines, and every process that it ever had."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.data_dir = folder / "data"
        self.gateway_port = free_port()
        self.environment = {
            **os.environ,
            "HATIF_DATA_DIR": str(self.data_dir),
            "HATIF_GATEWAY_PORT": str(self.gateway_port),
            "HATIF_POSTGRES_PORT": str(free_port()),
            "HATIF_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "HATIF_TEMPORAL_UI_PORT": str(free_port()),
            "HATIF_LLM_URL": f"http://127.0.0.1:{free_port()}/v1",
            "HATIF_SPEECH_URL": f"http://127.0.0.1:{free_port()}",
            "HATIF_KNOWLEDGE_URL": f"http://127.0.0.1:{free_port()}",
        }
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "up", "--no-fetch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                with self._changed:
                    self.lines.append(" ".join(line.split()))
                    self._changed.notify_all()

    def until(self, begins: str, *, since: int = 0) -> None:
        """Wait for a line that begins so, after the first `since` ones."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: any(line.startswith(begins) for line in self.lines[since:]) or self.process.poll() is not None,
                START_S,
            )
            assert found, self.lines
        assert any(line.startswith(begins) for line in self.lines[since:]), self.lines

    def family(self) -> list[psutil.Process]:
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def child(self, module: str) -> psutil.Process:
        return next(child for child in self.family() if module in child.cmdline())

    def ended(self) -> int:
        status = self.process.wait(120)
        self._reader.join(10)
        return status


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own folder: its parents are closed to the unprivileged user that root hands Postgres to.
    with tempfile.TemporaryDirectory(prefix="hatif-up-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    started = Running(folder)
    try:
        started.until("Hatif answers")
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.ended()


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=30)
    return not alive


def test_a_whole_life(running: Running) -> None:
    """One start, because a start is dear: ready, a death, a second run, and an orderly end."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.gateway_port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    assert any(line.startswith("softphone http://127.0.0.1:") for line in running.lines)
    assert any("shown this once" in line for line in running.lines)

    # What the parts write is the operator's alone.
    open_to_others = [path for path in running.data_dir.glob("*") if path.stat().st_mode & 0o007]
    assert open_to_others == []

    second = subprocess.run(
        [sys.executable, "-m", "workers.cli", "up", "--no-fetch"],
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == os.EX_CONFIG
    assert f"hatif up (process {running.process.pid}) uses the data directory" in second.stderr

    said = len(running.lines)
    running.child("workers.media").kill()
    running.until("✗ media-1 died (signal 9), starting again", since=said)
    running.until("✓ media-1", since=said)

    family = running.family()
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == 0
    assert running.lines[-1] == "Everything has stopped."
    stopped = [line.split()[1] for line in running.lines if line.startswith("· ")]
    assert set(stopped[:2]) == {"media-1", "media-2"}, "those that hold calls stop first, in any order"
    using = max(stopped.index(part) for part in ("media-1", "media-2", "gateway", "durable"))
    assert using < min(stopped.index(part) for part in ("postgres", "temporal")), "what they rest on stops after them"
    assert gone(family)


def test_a_killed_root_leaves_nothing_and_starts_again(running: Running) -> None:
    family = running.family()
    running.process.kill()
    assert gone(family)

    again = Running(running.data_dir.parent)
    try:
        again.until("✓ postgres")
        again.process.send_signal(signal.SIGTERM)
        assert again.ended() == 0
    finally:
        if again.process.poll() is None:
            again.process.kill()
            again.ended()
