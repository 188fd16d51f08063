"""What a models folder must hold, and how it is told what is wrong."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from domain.errors import SetupError
from engines.model_files import STAMP, FileState, MirrorPart, located, read_catalogue, states, verified

CONTENT = b"weights" * 1000


def catalogue_in(folder: Path, *, path: str = "weights.bin", sha256: str | None = None) -> Path:
    file = folder / "models.toml"
    file.write_text(
        f"""
[[model]]
name = "tiny"
purpose = "tests"
publisher = "nobody"
repository = "https://models.invalid/tiny"
licence = "MIT"
wanted = true
[[model.file]]
path = "{path}"
bytes = {len(CONTENT)}
sha256 = "{sha256 or hashlib.sha256(CONTENT).hexdigest()}"
hub = "https://models.invalid/weights.bin"
mirror = [{{ package = "tiny-{{n}}", version = "1.0", member = "tiny_{{n}}/part{{n:02}}", parts = 2 }}]
"""
    )
    return file


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "weights.bin").write_bytes(CONTENT)
    return tmp_path


NOT_PUBLISHED = frozenset({"minilm-reranker"})
"""Models whose file a package made itself from the publisher's: an address at the publisher would be another file."""


def test_every_model_of_the_product_says_where_it_is_from():
    models = read_catalogue()
    assert {"silero-vad", "whisper-base", "piper-en-joe", "qwen2.5-coder-0.5b"} <= {
        model.name for model in models.values() if model.wanted
    }
    for model in models.values():
        assert model.publisher and model.licence and model.repository.startswith("https://")
        if model.name in NOT_PUBLISHED:
            assert model.notice and "the package's own" in model.notice, "it says that no hub has this file"
            assert all(file.hub_url is None and file.mirror for file in model.files)
            continue
        assert all(file.hub_url and file.hub_url.startswith("https://") and file.mirror for file in model.files)


def test_a_mirror_in_parts_is_written_once(tmp_path: Path):
    (file,) = read_catalogue(catalogue_in(tmp_path))["tiny"].files
    assert file.mirror == (
        MirrorPart(package="tiny-1", version="1.0", member="tiny_1/part01"),
        MirrorPart(package="tiny-2", version="1.0", member="tiny_2/part02"),
    )


def test_a_whole_model_is_its_folder(models_dir: Path):
    assert verified("tiny", models_dir, catalogue=catalogue_in(models_dir)) == models_dir / "tiny"


def test_a_missing_file_is_named_with_what_mends_it(tmp_path: Path):
    with pytest.raises(SetupError, match=r"weights\.bin is missing; .*make models"):
        verified("tiny", tmp_path, catalogue=catalogue_in(tmp_path))


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", b"W" + CONTENT[1:], b""])
def test_an_altered_file_is_refused(models_dir: Path, content: bytes):
    catalogue = catalogue_in(models_dir)
    verified("tiny", models_dir, catalogue=catalogue)
    (models_dir / "tiny" / "weights.bin").write_bytes(content)
    with pytest.raises(SetupError, match=r"weights\.bin is not the one in models\.toml; .*make models"):
        verified("tiny", models_dir, catalogue=catalogue)


def test_a_verified_file_is_not_read_again_until_it_changes(models_dir: Path):
    model = read_catalogue(catalogue_in(models_dir))["tiny"]
    weights = models_dir / "tiny" / "weights.bin"
    assert states(model, models_dir) == {"weights.bin": FileState.OK}
    times = weights.stat()
    weights.write_bytes(b"W" + CONTENT[1:])
    os.utime(weights, ns=(times.st_atime_ns, times.st_mtime_ns))
    # Same size and time: only the thorough look, which `hatif doctor` takes, reads the bytes.
    assert states(model, models_dir) == {"weights.bin": FileState.OK}
    assert states(model, models_dir, thorough=True) == {"weights.bin": FileState.ALTERED}
    assert states(model, models_dir) == {"weights.bin": FileState.ALTERED}


def test_another_hash_in_the_catalogue_outdates_the_stamp(models_dir: Path):
    verified("tiny", models_dir, catalogue=catalogue_in(models_dir))
    with pytest.raises(SetupError, match="is not the one"):
        verified("tiny", models_dir, catalogue=catalogue_in(models_dir, sha256="0" * 64))


@pytest.mark.parametrize("stamp", ["", "[]", "{", '{"weights.bin": 5}'])
def test_a_broken_stamp_is_only_a_slower_start(models_dir: Path, stamp: str):
    (models_dir / "tiny" / STAMP).write_text(stamp)
    assert verified("tiny", models_dir, catalogue=catalogue_in(models_dir)) == models_dir / "tiny"


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", ""])
def test_a_file_outside_the_folder_is_no_model(tmp_path: Path, path: str):
    with pytest.raises(SetupError, match="leads out of the models folder"):
        read_catalogue(catalogue_in(tmp_path, path=path))


@pytest.mark.parametrize("text", ["", "model = 5", "[[model]]\nname = 'x'", "not toml", "[[model]]\nfile = []"])
def test_a_broken_catalogue_is_one_sentence(tmp_path: Path, text: str):
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(SetupError, match=r"models\.toml is not valid"):
        read_catalogue(tmp_path / "models.toml")


def test_an_absent_catalogue_is_one_sentence(tmp_path: Path):
    with pytest.raises(SetupError, match="can't be read"):
        read_catalogue(tmp_path / "models.toml")


def test_an_unknown_name_is_told_the_known_ones(tmp_path: Path):
    with pytest.raises(SetupError, match=r"'gpt'; models\.toml has tiny"):
        verified("gpt", tmp_path, catalogue=catalogue_in(tmp_path))


def test_an_operators_own_folder_is_taken_as_it_is(models_dir: Path, tmp_path: Path):
    assert located(str(models_dir / "tiny"), tmp_path) == models_dir / "tiny"
    with pytest.raises(SetupError, match="does not exist"):
        located("/nowhere/at/all", tmp_path)
