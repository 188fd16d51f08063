"""Model files on this machine: what deploy/models.toml promises, and whether a folder really holds it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, cast

from domain.errors import SetupError

CATALOGUE = Path(__file__).resolve().parent.parent / "deploy" / "models.toml"
MEND = "`hatif doctor` says what is wrong, `make models` fetches it again"
STAMP = ".verified.json"
_HASH_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorPart:
    """One member of a registry package's wheel: data, which is unpacked and never imported."""

    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model. Mirror parts are joined in order; their sum must have `sha256`."""

    path: str
    size_bytes: int
    sha256: str
    hub_url: str | None = None
    mirror: tuple[MirrorPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    purpose: str
    publisher: str
    repository: str
    licence: str
    notice: str
    """What an operator should know before using it; often empty."""
    wanted: bool
    """Fetched unless the operator asks for other models."""
    files: tuple[ModelFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


class FileState(StrEnum):
    OK = "ok"
    MISSING = "missing"
    ALTERED = "altered"


def read_catalogue(path: Path = CATALOGUE) -> dict[str, Model]:
    """Every model by its name. Raises SetupError for a catalogue that can't be read."""
    try:
        with path.open("rb") as source:
            rows = cast("list[dict[str, Any]]", tomllib.load(source)["model"])
        models = [_model(row) for row in rows]
    except OSError as error:
        raise SetupError(f"The list of models {path} can't be read: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SetupError(f"The list of models {path} is not valid: {error}.") from error
    return {model.name: model for model in models}


def _model(row: Mapping[str, Any]) -> Model:
    return Model(
        name=_plain_path(row["name"]),
        purpose=row["purpose"],
        publisher=row["publisher"],
        repository=row["repository"],
        licence=row["licence"],
        notice=row.get("notice", ""),
        wanted=row.get("wanted", False),
        files=tuple(_file(file) for file in row["file"]),
    )


def _file(row: Mapping[str, Any]) -> ModelFile:
    if len(row["sha256"]) != 64:
        raise ValueError(f"the sha256 of {row['path']} has not 64 digits")
    return ModelFile(
        path=_plain_path(row["path"]),
        size_bytes=int(row["bytes"]),
        sha256=row["sha256"],
        hub_url=row.get("hub"),
        mirror=tuple(part for source in row.get("mirror", ()) for part in _parts(source)),
    )


def _parts(source: Mapping[str, Any]) -> list[MirrorPart]:
    """`parts = 6` repeats the row for n = 1..6 with {n} filled into package and member."""
    return [
        MirrorPart(
            package=source["package"].format(n=n), version=source["version"], member=source["member"].format(n=n)
        )
        for n in range(1, source.get("parts", 1) + 1)
    ]


def _plain_path(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{text!r} leads out of the models folder")
    return text


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def states(model: Model, models_dir: Path, *, thorough: bool = False) -> dict[str, FileState]:
    """The state of each of a model's files.

    A file whose size and time of change are those of its last successful check is not hashed again,
    so that a warm start doesn't read half a gigabyte; `thorough` hashes it all the same.
    """
    folder = models_dir / model.name
    stamps = _read_stamps(folder)
    trusted = {} if thorough else stamps
    found: dict[str, FileState] = {}
    fresh: dict[str, list[int | str]] = {}
    for file in model.files:
        try:
            stat = (folder / file.path).stat()
        except OSError:
            found[file.path] = FileState.MISSING
            continue
        stamp: list[int | str] = [stat.st_size, stat.st_mtime_ns, file.sha256]
        if stat.st_size != file.size_bytes:
            found[file.path] = FileState.ALTERED
        elif trusted.get(file.path) == stamp or sha256_of(folder / file.path) == file.sha256:
            found[file.path] = FileState.OK
            fresh[file.path] = stamp
        else:
            found[file.path] = FileState.ALTERED
    if fresh != stamps:
        _write_stamps(folder, fresh)
    return found


def _read_stamps(folder: Path) -> dict[str, Any]:
    try:
        stamps = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", stamps) if isinstance(stamps, dict) else {}


def _write_stamps(folder: Path, stamps: Mapping[str, Any]) -> None:
    # A read-only folder is fine: its files are then hashed at every start.
    with contextlib.suppress(OSError):
        (folder / STAMP).write_text(json.dumps(stamps))


def verified(name: str, models_dir: Path, *, catalogue: Path = CATALOGUE) -> Path:
    """The folder of a model whose files are all there and unaltered.

    Raises SetupError that names the file, what is wrong with it, and what mends it.
    """
    models = read_catalogue(catalogue)
    if name not in models:
        raise SetupError(f"There is no model named {name!r}; {catalogue.name} has {', '.join(sorted(models))}.")
    model = models[name]
    folder = models_dir / name
    for path, state in states(model, models_dir).items():
        match state:
            case FileState.OK:
                continue
            case FileState.MISSING:
                raise SetupError(f"The model file {folder / path} is missing; {MEND}.")
            case FileState.ALTERED:
                raise SetupError(f"The model file {folder / path} is not the one in {catalogue.name}; {MEND}.")
    return folder


def located(name_or_folder: str, models_dir: Path) -> Path:
    """The folder of a model of the catalogue, or an operator's own folder, which nothing verifies.

    Raises SetupError.
    """
    if "/" not in name_or_folder:
        return verified(name_or_folder, models_dir)
    folder = Path(name_or_folder).expanduser()
    if not folder.is_dir():
        raise SetupError(f"The model folder {folder} does not exist.")
    return folder
