"""Where a model file may come from: a local bundle or the publisher's hub; model_mirror.py has the last resort."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import certifi
import httpx

from engines.model_files import ModelFile

Advance = Callable[[int], None]
"""Takes the number of bytes of the file that are here by now."""

CHUNK_BYTES = 1 << 18


class SourceFailed(Exception):
    """This source has no good copy of the file; the message ends a sentence that names the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a source may keep us waiting."""

    connect_s: float = 3.0
    """A laptop without network must not wait long for nothing."""
    silence_s: float = 20.0
    window_s: float = 30.0
    least_bytes_per_s: int = 20_000
    """Below this over a window, half a gigabyte would take seven hours: the next source is better."""
    attempts: int = 3
    """Tries at one file, each going on where the last one broke off."""
    registry_s: float = 8.0
    """For one question to the package registry; a good answer was seen to take 1.5 s."""
    package_s: float = 900.0
    """For one package of at most 100 MB, so 110 kB/s."""


class Partial:
    """A file that is growing under a name of its own, no larger than promised, hashed as it grows."""

    def __init__(self, path: Path, file: ModelFile, *, resume: bool) -> None:
        self._file = file
        self._path = path
        self._digest = hashlib.sha256()
        self.done_bytes = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.exists() and path.stat().st_size < file.size_bytes:
            with path.open("rb") as source:
                for chunk in iter(lambda: source.read(CHUNK_BYTES), b""):
                    self._digest.update(chunk)
                    self.done_bytes += len(chunk)
            self._out = path.open("ab")
        else:
            self._out = path.open("wb")

    def restart(self) -> None:
        self._out.truncate(0)
        self._out.seek(0)
        self._digest = hashlib.sha256()
        self.done_bytes = 0

    def write(self, chunk: bytes) -> None:
        if self.done_bytes + len(chunk) > self._file.size_bytes:
            raise SourceFailed(f"sends more than the {self._file.size_bytes} bytes of {self._file.path}")
        self._out.write(chunk)
        self._digest.update(chunk)
        self.done_bytes += len(chunk)

    @property
    def complete(self) -> bool:
        return self.done_bytes == self._file.size_bytes

    @property
    def unaltered(self) -> bool:
        return self._digest.hexdigest() == self._file.sha256

    def close(self) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()


class Source(Protocol):
    name: str
    resumes: bool
    """Whether an earlier broken-off copy from this source can be gone on with."""

    def offers(self, file: ModelFile) -> bool: ...

    def copy(self, file: ModelFile, into: Partial, advance: Advance) -> None:
        """Raises SourceFailed; what has been written until then may be gone on with."""
        ...


class Bundle:
    """A folder laid out like the models folder: `<model>/<file>`."""

    name = "the bundle"
    resumes = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def offers(self, file: ModelFile) -> bool:
        return (self._folder / file.path).is_file()

    def copy(self, file: ModelFile, into: Partial, advance: Advance) -> None:
        try:
            with (self._folder / file.path).open("rb") as source:
                for chunk in iter(lambda: source.read(CHUNK_BYTES), b""):
                    into.write(chunk)
                    advance(into.done_bytes)
        except PermissionError as error:
            raise SourceFailed(f"can't be read: {error.strerror}") from error


class Hub:
    """The publisher's own files over HTTP; a host that did not answer once is not asked again."""

    name = "the publisher's hub"
    resumes = True

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._answered: dict[str, bool] = {}
        trust = ssl.create_default_context()
        trust.load_verify_locations(certifi.where())
        self._client = httpx.Client(
            timeout=httpx.Timeout(patience.silence_s, connect=patience.connect_s),
            # A kept connection that the hub closed meanwhile looks like a broken download.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=True,
            verify=trust,
            headers={"Accept-Encoding": "identity", "User-Agent": "hatif"},
        )

    def offers(self, file: ModelFile) -> bool:
        return file.hub_url is not None

    def copy(self, file: ModelFile, into: Partial, advance: Advance) -> None:
        url = file.hub_url or ""
        host = httpx.URL(url).host
        if host not in self._answered:
            self._answered[host] = self._answers(url)
        if not self._answered[host]:
            raise SourceFailed(f"({host}) can't be reached")
        for attempt in range(1, self._patience.attempts + 1):
            before = into.done_bytes
            try:
                self._download(url, into, advance)
            except httpx.HTTPError as error:
                if attempt == self._patience.attempts or into.done_bytes == before:
                    raise SourceFailed(f"({host}) broke off: {type(error).__name__}") from error
            if into.complete:
                return
        raise SourceFailed(f"({host}) ended at {into.done_bytes} of {file.size_bytes} bytes")

    def _answers(self, url: str) -> bool:
        """Ask in a thread, because a name look-up has no time limit of its own."""
        answered = threading.Event()

        def ask() -> None:
            try:
                self._client.head(url, follow_redirects=False)
            except (httpx.HTTPError, RuntimeError):
                return
            answered.set()

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._patience.connect_s)
        return answered.is_set()

    def _download(self, url: str, into: Partial, advance: Advance) -> None:
        headers = {"Range": f"bytes={into.done_bytes}-"} if into.done_bytes else {}
        with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                into.restart()
                return
            if not response.is_success:
                raise SourceFailed(f"({response.url.host}) answers with status {response.status_code}")
            if not _continues(response, into.done_bytes):
                into.restart()
            # In pieces as they arrive: gathered ones would be lost when the connection breaks.
            for chunk in self._brisk(response.iter_bytes()):
                into.write(chunk)
                advance(into.done_bytes)

    def _brisk(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        window_began, window_bytes = time.monotonic(), 0
        for chunk in chunks:
            yield chunk
            window_bytes += len(chunk)
            lasted_s = time.monotonic() - window_began
            if lasted_s >= self._patience.window_s:
                if window_bytes < self._patience.least_bytes_per_s * lasted_s:
                    raise SourceFailed(f"sends only {window_bytes / lasted_s / 1000:.0f} kB/s")
                window_began, window_bytes = time.monotonic(), 0

    def close(self) -> None:
        self._client.close()


def _continues(response: httpx.Response, done_bytes: int) -> bool:
    """Whether the body begins where our partial file ends."""
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        return done_bytes == 0
    span = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return span is not None and int(span[1]) == done_bytes
