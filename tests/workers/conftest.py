"""The `hatif` command, run as the program runs it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from workers import cli


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


Hatif = Callable[..., Ran]


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
