"""`hatif tune` over the real engines, as a person runs it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from domain.pace.profiles import Profile
from workers.commands.tune import at_first_start
from workers.launch.options import load_settings
from workers.settings import Settings
from workers.tuning import kept


@pytest.mark.timeout(660)
def test_every_stage_is_measured_and_the_result_is_kept(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HATIF_")}
    environment["HATIF_MODELS_DIR"] = str(Settings().models_dir)
    command = [sys.executable, "-m", "workers.cli", "tune", "--data-dir", str(tmp_path), "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    measured = document["measured"]
    assert all(measured[name] > 0 for name in ("recognition_ms", "wide_recognition_ms", "judgement_ms", "retrieval_ms"))
    assert measured["voice_s_per_s"] > 0
    assert measured["model"]["prefill_per_s"] > 0 < measured["model"]["tokens_per_s"]
    result = kept.read(tmp_path)
    assert result is not None
    assert result.profile == document["profile"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.timeout(660)
def test_a_first_start_measures_once_and_not_where_the_profile_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HATIF_PROFILE", raising=False)
    shown = io.StringIO()

    def started(**said: Profile) -> bool:
        return at_first_start(load_settings(data_dir=tmp_path, **said), Console(file=shown, width=200))

    assert not started(profile=Profile.BALANCED)
    assert shown.getvalue() == ""
    assert started()
    kept_now = kept.read(tmp_path)
    assert kept_now is not None
    assert f"This machine gets the profile {kept_now.profile}" in shown.getvalue()
    assert load_settings(data_dir=tmp_path).profile is kept_now.profile
    assert not started()
