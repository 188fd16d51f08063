"""The `hatif` command, run as the program runs it."""

from __future__ import annotations

import io
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from workers import cli


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


Hatif = Callable[..., Ran]
Wav = Callable[[bytes], Path]


@pytest.fixture
def wav_of(tmp_path: Path) -> Wav:
    """Writes sound, mono int16 at 16 kHz, into a file."""

    def write(pcm: bytes) -> Path:
        path = tmp_path / "spoken.wav"
        with wave.open(str(path), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(16_000)
            wav.writeframes(pcm)
        return path

    return write


@pytest.fixture
def hatif(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hatif:
    """Runs the entry point, as the program does, in this process."""

    def run(*arguments: str, stdin: str = "", **env: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["hatif", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        printed = capsys.readouterr()
        return Ran(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run
