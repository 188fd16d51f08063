from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import SetupError
from storage.secret_files import read_or_make


def test_many_at_once_agree_on_one_secret(tmp_path: Path):
    path = tmp_path / "keys" / "secret"
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: read_or_make(path, lambda: os.urandom(16)), range(64)))
    assert len({secret for secret, _ in found}) == 1
    assert [made for _, made in found].count(True) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_a_clear_sentence(tmp_path: Path):
    (tmp_path / "keys").touch()
    with pytest.raises(SetupError, match="secret"):
        read_or_make(tmp_path / "keys" / "secret", lambda: b"x")
