"""A part's output: a log file that never grows past its bound, and its last lines in memory."""

from __future__ import annotations

from collections import deque
from pathlib import Path

MAX_FILE_BYTES = 5 * 1024 * 1024
"""A day of a busy media worker's log lines is about 4 MB."""
KEPT_FILES = 3
TAIL_LINES = 20
TAIL_LINE_BYTES = 2_000


class Output:
    """Appends to `path`, and moves it to `path.1` … when it is full."""

    def __init__(self, path: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._path = path
        self._max_file_bytes = max_file_bytes
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)
        self._partial = b""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._size = path.stat().st_size

    def write(self, chunk: bytes) -> None:
        """Never raises for a full disk: a part must not block because its words can't be kept."""
        *lines, partial = (self._partial + chunk).split(b"\n")
        self._partial = partial[-TAIL_LINE_BYTES:]
        self._tail.extend(line[-TAIL_LINE_BYTES:] for line in lines if line.strip())
        try:
            if self._size + len(chunk) > self._max_file_bytes:
                self._rotate()
            self._size += self._file.write(chunk) or 0
        except OSError:
            return

    def last_line(self) -> str:
        """The last thing it said, or an empty string."""
        if self._partial.strip():
            return self._partial.decode(errors="replace").strip()
        return self._tail[-1].decode(errors="replace").strip() if self._tail else ""

    def close(self) -> None:
        self._file.close()

    def _rotate(self) -> None:
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))
        self._file.close()
        self._file = self._path.open("ab", buffering=0)
        self._size = 0

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
