"""One call's turns on disk while the store is away: a JSON line each, sealed with the call's data key.

The first line names tenant and call; each further line is `{"seq", "sealed"}`. The process that writes a file holds
a lock on it, which dies with the process: an unlocked file was left behind. Blocking: keep it off the event loop.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from pydantic import TypeAdapter

from domain.errors import Rejected
from domain.speech import Turn
from storage.sealing import place, seal, unseal

_turn = TypeAdapter(Turn)
NAME_BYTES = 120
"""Of a call id in a file's name, escaped; file systems end at 255 and the name is only for people."""


class SpoolFile:
    """Lines wait in order: `append` at the end, `head` looks at the first, `advance` is done with it."""

    def __init__(self, path: Path, descriptor: int, tenant_id: str, call_id: str) -> None:
        self.path = path
        self.tenant_id = tenant_id
        self.call_id = call_id
        self._descriptor = descriptor
        self._lengths: deque[int] = deque()
        self._head = self._end = os.fstat(descriptor).st_size

    def __len__(self) -> int:
        """Lines not yet done with."""
        return len(self._lengths)

    @classmethod
    def create(cls, folder: Path, tenant_id: str, call_id: str) -> SpoolFile:
        """Raises OSError, and leaves nothing behind then."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{quote(call_id, safe='')[:NAME_BYTES]}.{secrets.token_hex(4)}.jsonl"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(descriptor, _line({"tenant_id": tenant_id, "call_id": call_id}))
            os.fsync(descriptor)
            _sync_folder(folder)
            return cls(path, descriptor, tenant_id, call_id)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise

    def append(self, turns: list[Turn], key: bytes) -> None:
        """On disk when it returns. Raises OSError when the disk is full; the file is then as before."""
        lines = [_seal_line(turn, key, self.tenant_id, self.call_id) for turn in turns]
        try:
            _write(self._descriptor, b"".join(lines))
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._lengths.extend(map(len, lines))
        self._end += sum(map(len, lines))

    def head(self, key: bytes) -> Turn:
        """Raises Rejected when the line was altered."""
        return _open_line(os.pread(self._descriptor, self._lengths[0], self._head), key, self.tenant_id, self.call_id)

    def advance(self) -> None:
        self._head += self._lengths.popleft()

    def close(self) -> None:
        """Unlocks; the lines stay for another process unless all are done with."""
        if not self._lengths:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def index(self) -> None:
        """Find the lines of a file that was left behind; a torn last line was never promised to anybody."""
        content = os.pread(self._descriptor, self._end, 0)
        lines = content.splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        self._head = len(whole[0])
        self._lengths.extend(map(len, whole[1:]))
        self._end = sum(map(len, whole))
        os.ftruncate(self._descriptor, self._end)


def left_behind(folder: Path) -> Iterator[SpoolFile]:
    """Files whose process is gone, locked as they come. Files without a whole first line are deleted."""
    for path in sorted(folder.glob("*.jsonl")):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            # Delivered by another process in the meantime, or not ours to read.
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        names = _names(os.pread(descriptor, os.fstat(descriptor).st_size, 0).partition(b"\n"))
        if names is None:
            path.unlink(missing_ok=True)
            os.close(descriptor)
            continue
        file = SpoolFile(path, descriptor, *names)
        file.index()
        yield file


def _names(parts: tuple[bytes, bytes, bytes]) -> tuple[str, str] | None:
    first, newline, _ = parts
    try:
        fields = json.loads(first)
        return (str(fields["tenant_id"]), str(fields["call_id"])) if newline else None
    except (ValueError, KeyError, TypeError):
        return None


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _seal_line(turn: Turn, key: bytes, tenant_id: str, call_id: str) -> bytes:
    value = json.dumps(asdict(turn)).encode()
    sealed = seal(key, value, place("spool", tenant_id, call_id, turn.seq))
    return _line({"seq": turn.seq, "sealed": base64.b64encode(sealed).decode()})


def _open_line(line: bytes, key: bytes, tenant_id: str, call_id: str) -> Turn:
    try:
        fields = cast(dict[str, Any], json.loads(line))
        at = place("spool", tenant_id, call_id, fields["seq"])
        return _turn.validate_python(json.loads(unseal(key, base64.b64decode(fields["sealed"]), at)))
    except (ValueError, KeyError, TypeError):
        # Not chained: the error would quote the line.
        raise Rejected("spool", f"a line of call {call_id} is not one of ours") from None


def _write(descriptor: int, content: bytes) -> None:
    # A full disk takes a part first and complains at the next write.
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
