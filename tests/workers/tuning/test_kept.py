"""The kept result of `hatif tune`: who uses it, when it no longer counts, and refusals in one sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from domain.errors import SetupError
from domain.pace.profiles import KNOBS, Profile
from tests.workers.conftest import Hatif
from workers.commands.up import profile_note
from workers.launch import data_dir
from workers.launch.options import load_settings
from workers.tuning import kept

RESULT = kept.Kept(machine=kept.this_machine(), profile=Profile.FAST, measured_on="2026-01-31")


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("profile", *dataclasses.asdict(KNOBS[Profile.FAST])):
        monkeypatch.delenv(f"HATIF_{name.upper()}", raising=False)


def test_a_kept_result_is_used_unless_the_operator_says_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "hatif tune" in (profile_note(load_settings(data_dir=tmp_path)) or "")
    kept.write(tmp_path, RESULT, {"retrieval_ms": 200})
    settings = load_settings(data_dir=tmp_path, knowledge_ms=90)
    assert (settings.profile, settings.reranker, settings.knowledge_ms) == (Profile.FAST, "none", 90)
    assert profile_note(settings) == "Profile fast, by `hatif tune` of 2026-01-31."
    monkeypatch.setenv("HATIF_PROFILE", "balanced")
    assert load_settings(data_dir=tmp_path).reranker == "minilm"
    assert profile_note(load_settings(data_dir=tmp_path)) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"machine": {}}', '{"machine": 3, "profile": "fast"}', "\x00"])
def test_a_file_that_is_no_result_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / kept.FILE).write_text(content)
    assert kept.read(tmp_path) is None
    assert load_settings(data_dir=tmp_path).profile is Profile.BALANCED


def test_another_machines_result_does_not_count(tmp_path: Path) -> None:
    other = dataclasses.replace(RESULT.machine, cores=RESULT.machine.cores + 1)
    kept.write(tmp_path, dataclasses.replace(RESULT, machine=other), {})
    assert kept.read(tmp_path) is None


def test_where_it_cant_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"can't be written to .*tuned.json: no such file"):
        kept.write(tmp_path / "gone", RESULT, {})


def test_without_models_it_is_refused_with_the_remedy(hatif: Hatif, tmp_path: Path) -> None:
    refused = hatif("tune", "--data-dir", str(tmp_path / "data"), HATIF_MODELS_DIR=str(tmp_path / "none"))
    assert refused.returncode != 0
    assert "make models" in refused.stderr
    assert not (tmp_path / "data" / kept.FILE).exists()


def test_beside_a_running_product_it_is_refused(hatif: Hatif, tmp_path: Path) -> None:
    with data_dir.held(tmp_path, "hatif up"):
        refused = hatif("tune", "--data-dir", str(tmp_path))
    assert refused.returncode != 0
    assert "stop it first" in refused.stderr
