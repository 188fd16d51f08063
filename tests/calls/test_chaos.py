"""A short round of chaos: a killed media worker in every phase of a call, counted from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = ("--fault", "media-kill", "--rounds", "2")
"""Twice as many of this one: four calls."""
PHASES = ("caller_speaking", "tool_running", "held", "bridged")


def test_calls_outlive_their_media_worker(tmp_path: Path) -> None:
    phases = [word for phase in PHASES for word in ("--phase", phase)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *ROUNDS, *phases, "--result", str(tmp_path / "chaos.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    told = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert done.returncode == 0, told
    (row,) = json.loads((tmp_path / "chaos.json").read_text())
    assert (row["fault"], row["rounds"]) == ("media-kill", 4), told
    assert row["voice_again_s_max"] is not None, told
    for what in ("turns_lost", "actions_doubled", "actions_lost", "calls_lost", "two_voices"):
        assert row[what] == 0, told
