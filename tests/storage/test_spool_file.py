from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Rejected
from domain.speech import Language, Speaker, Turn, TurnKind
from storage.spool_file import SpoolFile, left_behind

KEY = os.urandom(32)


def a_turn(seq: int, text: str = "سلام") -> Turn:
    return Turn(
        seq=seq,
        speaker=Speaker.AGENT,
        text=text,
        language=Language.AR,
        started_ms=0,
        ended_ms=seq,
        kind=TurnKind.CLARIFY,
        intent="hours",
        stages_ms={"tts": 5},
    )


def taken(file: SpoolFile) -> list[Turn]:
    turns: list[Turn] = []
    while len(file):
        turns.append(file.head(KEY))
        file.advance()
    return turns


def left(folder: Path, count: int) -> Path:
    file = SpoolFile.create(folder, "t", "c/../\x00 ؟" + "x" * 300)
    file.append([a_turn(seq) for seq in range(count)], KEY)
    file.close()
    return file.path


def test_lines_come_back_in_order_and_the_file_goes(tmp_path: Path):
    file = SpoolFile.create(tmp_path, "t", "c")
    file.append([a_turn(0), a_turn(1)], KEY)
    assert file.head(KEY) == a_turn(0)
    file.advance()
    file.append([a_turn(2)], KEY)
    assert taken(file) == [a_turn(1), a_turn(2)]
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_left_behind_is_found_once(tmp_path: Path):
    path = left(tmp_path, 3)
    files = list(left_behind(tmp_path))
    assert [(file.tenant_id, file.call_id[:2], file.path) for file in files] == [("t", "c/", path)]
    assert list(left_behind(tmp_path)) == []
    assert taken(files[0]) == [a_turn(seq) for seq in range(3)]
    files[0].close()
    assert list(left_behind(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_last_line_is_forgotten_and_the_next_starts_cleanly(tmp_path: Path, cut: int):
    path = left(tmp_path, 3)
    os.truncate(path, path.stat().st_size - cut)
    (file,) = left_behind(tmp_path)
    file.append([a_turn(7)], KEY)
    assert taken(file) == [a_turn(0), a_turn(1), a_turn(7)]
    file.close()


@pytest.mark.parametrize(
    "content", [b"", b'{"tenant_id":"t","call', b"garbage\n", b"[]\n", b'{"tenant_id":1}\n', b"\xff\n"]
)
def test_a_file_without_a_whole_first_line_is_deleted(tmp_path: Path, content: bytes):
    (tmp_path / "c.jsonl").write_bytes(content)
    assert list(left_behind(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line", [b"{}\n", b"x\n", b'{"seq":1,"sealed":"AAAA"}\n', b'{"seq":1,"sealed":7}\n', b"\xff\xfe\n"]
)
def test_an_altered_line_is_refused_and_the_next_is_read(tmp_path: Path, line: bytes):
    path = left(tmp_path, 1)
    first, turn = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + turn)
    (file,) = left_behind(tmp_path)
    with pytest.raises(Rejected):
        file.head(KEY)
    file.advance()
    assert taken(file) == [a_turn(0)]
    file.close()


def test_a_line_copied_to_another_call_does_not_open(tmp_path: Path):
    path = left(tmp_path, 1)
    other = SpoolFile.create(tmp_path, "t", "other")
    other.close()
    other.path.write_bytes(b'{"tenant_id":"t","call_id":"other"}\n' + path.read_bytes().splitlines(keepends=True)[1])
    (file,) = (found for found in left_behind(tmp_path) if found.call_id == "other")
    with pytest.raises(Rejected):
        file.head(KEY)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=50))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, words: str):
    file = SpoolFile.create(tmp_path_factory.mktemp("spool"), "t", "c")
    file.append([a_turn(1, words)], KEY)
    assert taken(file) == [a_turn(1, words)]
    file.close()
