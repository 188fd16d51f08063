"""HATIF_PROFILE: what it sets, what overrules it, and how a slip of the pen is answered."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from domain.errors import SetupError
from domain.pace.profiles import KNOBS, Profile
from engines.model_files import read_catalogue
from workers.launch.options import as_environment, load_settings
from workers.settings import Settings


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HATIF_DATA_DIR", str(tmp_path))
    for name in ("profile", *(field.name for field in dataclasses.fields(KNOBS[Profile.BALANCED]))):
        monkeypatch.delenv(f"HATIF_{name.upper()}", raising=False)


def knobs_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in dataclasses.asdict(KNOBS[settings.profile])}


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_sets_all_of_its_knobs(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> None:
    monkeypatch.setenv("HATIF_PROFILE", str(profile))
    settings = load_settings()
    assert settings.profile is profile
    assert knobs_of(settings) == dataclasses.asdict(KNOBS[profile])
    assert settings.llm_file in read_catalogue()


def test_without_a_profile_it_is_the_balanced_one() -> None:
    assert knobs_of(load_settings()) == dataclasses.asdict(KNOBS[Profile.BALANCED])


def test_a_setting_of_its_own_overrules_the_profile_here_and_in_every_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HATIF_PROFILE", "fast")
    monkeypatch.setenv("HATIF_RERANKER", "minilm")
    settings = load_settings(asr_beam=3)
    assert knobs_of(settings) == dataclasses.asdict(KNOBS[Profile.FAST]) | {"reranker": "minilm", "asr_beam": 3}
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


@pytest.mark.parametrize(("name", "value"), [("PROFILE", "quick"), ("PROFILE", ""), ("ASR_BEAM", "0")])
def test_what_is_no_profile_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"HATIF_{name}", value)
    with pytest.raises(SetupError, match=f"HATIF_{name} can't be used"):
        load_settings()
