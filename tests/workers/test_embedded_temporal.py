"""How the embedded Temporal is started; tests/realtime/test_durable.py runs it, kills it and starts it again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from domain.errors import SetupError
from tests.conftest import free_port
from workers.embedded_temporal import namespace_answers, temporal_argv, temporal_env
from workers.settings import Settings


def _settings(tmp_path: Path, address: str) -> Settings:
    return Settings(data_dir=tmp_path, temporal_address=address, temporal_ui_port=8299)


def test_it_listens_on_loopback_and_keeps_its_history_in_the_data_directory(tmp_path: Path) -> None:
    argv = temporal_argv(_settings(tmp_path, "127.0.0.1:7299"))
    options = dict(pairwise(argv))
    assert (options["--ip"], options["--port"], options["--ui-port"]) == ("127.0.0.1", "7299", "8299")
    assert Path(options["--db-filename"]).parent == tmp_path
    assert argv.count("--search-attribute") == 5
    assert "TenantId=Keyword" in argv
    assert "--ui-disable-news-fetch" in argv


@pytest.mark.parametrize("address", ["temporal.example.com:7233", "127.0.0.1", "127.0.0.1:", "0.0.0.0:7233", ""])
def test_another_machine_is_one_clear_sentence(tmp_path: Path, address: str) -> None:
    with pytest.raises(SetupError, match="HATIF_TEMPORAL_ADDRESS"):
        temporal_argv(_settings(tmp_path, address))


def test_our_secrets_are_not_its_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATIF_LLM_API_KEY", "hunter2")
    assert "hunter2" not in str(temporal_env(_settings(tmp_path, "127.0.0.1:7299")))


async def test_nobody_there_is_no_answer(tmp_path: Path) -> None:
    assert not await namespace_answers(_settings(tmp_path, f"127.0.0.1:{free_port()}"))
