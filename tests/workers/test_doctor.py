"""`hatif doctor`: a line each, remedies, and its exit code."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from workers.commands import doctor
from workers.launch import checks, data_dir
from workers.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Nothing fetched, on ports that nobody has."""
    return Settings(
        data_dir=tmp_path / "data",
        models_dir=tmp_path / "models",
        gateway_port=free_port(),
        postgres_port=free_port(),
        temporal_address=f"127.0.0.1:{free_port()}",
        temporal_ui_port=free_port(),
        llm_url=f"http://127.0.0.1:{free_port()}/v1",
        speech_url=f"http://127.0.0.1:{free_port()}",
    )


def findings(settings: Settings) -> dict[str, doctor.Finding]:
    return {finding.about: finding for finding in doctor.examine(settings)}


def test_missing_models_are_named_with_the_way_to_get_them(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(settings, as_json=False) == doctor.EXIT_MISSING
    lines = [line for line in capsys.readouterr().out.splitlines() if "model whisper-base" in line]
    assert len(lines) == 1
    assert lines[0].startswith("✗ ")
    assert "model.bin is missing" in lines[0]
    assert "run make models" in lines[0]


def test_an_altered_model_is_found_even_if_its_size_is_right(settings: Settings) -> None:
    folder = settings.models_dir / "silero-vad"
    folder.mkdir(parents=True)
    (folder / "silero_vad_16k_op15.onnx").write_bytes(bytes(1_289_603))
    finding = findings(settings)["model silero-vad"]
    assert not finding.ok
    assert finding.says == "silero_vad_16k_op15.onnx is altered"


def test_a_model_that_nobody_configured_is_not_missed(settings: Settings) -> None:
    assert "model qwen2.5-coder-1.5b" not in findings(settings)


def test_a_taken_port_is_said_with_its_setting(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.postgres_port)):
        finding = findings(settings)[f"port {settings.postgres_port}"]
    assert not finding.ok
    assert "of postgres is taken" in finding.says
    assert "HATIF_POSTGRES_PORT" in finding.remedy


def test_json_says_the_same(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    code = doctor.run(settings, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (code, document["ok"]) == (doctor.EXIT_MISSING, False)
    assert {"machine", "temporalio", "disk", "memory", "speaks en", "speaks ar"} <= {
        finding["about"] for finding in document["findings"]
    }


def test_while_it_runs_the_parts_are_shown_and_the_ports_are_not(settings: Settings) -> None:
    with data_dir.held(settings.data_dir, "hatif up"):
        data_dir.write_status(
            settings.data_dir, {"gateway": 2**22 + 1, "media-1": os.getpid()}, {}, {"media-1": "fast"}
        )
        found = findings(settings)
    assert found["part media-1"].says == "running, by now with the profile fast"
    assert found["part gateway"].ok is False
    assert not [about for about in found if about.startswith("port ")]


def test_what_is_only_good_to_have_does_not_fail(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = findings(settings)
    for about in ("node, for the web build", "chromium, for the tests"):
        assert not found[about].needed


def test_too_little_room_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MIN_FREE_DISK_BYTES", 1 << 62)
    finding = findings(settings)["disk"]
    assert finding.needed
    assert not finding.ok


@pytest.mark.models
def test_with_the_models_there_everything_needed_is_found(settings: Settings) -> None:
    fetched = settings.model_copy(update={"models_dir": Settings().models_dir})
    wrong = {about: f.says for about, f in findings(fetched).items() if f.needed and not f.ok}
    # The pages are built by another target.
    assert set(wrong) <= {"web pages"}
