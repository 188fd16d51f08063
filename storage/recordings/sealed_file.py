"""One leg of one call on disk: a line that names it, then chunks of sound, each sealed with the call's data key.

Each chunk is a head, open to be read, and a sealed body; the seal binds the body to the head and to the first line, so
that a chunk opens only in its own file and at its own place. An empty last chunk says that the recording was ended;
without it the process died, and the file is good up to its last whole chunk.

The sound is kept whole rather than as Opus: differences of samples, deflated. A larger recogniser and the separation
of speakers may hear it again later as it was; each chunk stands alone, to the sample; and it takes 0.4 ms of work for
a second of speech where Opus takes 10, and 20 kB where Opus takes 3. Silence takes 60 bytes. Blocking.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np
from pydantic import TypeAdapter

from domain.errors import Rejected
from domain.media.recording import RecordingPart
from domain.speech import SAMPLE_RATE_HZ
from storage.sealing import seal, unseal

FORMAT = "hatif recording 1"
SUFFIX = ".rec"
MAX_CHUNK_SAMPLES = SAMPLE_RATE_HZ
MAX_SEALED_BYTES = 3 * MAX_CHUNK_SAMPLES
"""Noise does not deflate: two bytes a sample and a little more."""
MAX_LINE_BYTES = 4096

_shape = TypeAdapter(RecordingPart)
_HEAD = struct.Struct(">IIQIB")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's head and where its body is: `at_ms` on the line's clock, `index` within the file."""

    index: int
    at_ms: int
    samples: int
    last: bool
    offset: int
    sealed_bytes: int

    def head(self) -> bytes:
        return _HEAD.pack(self.sealed_bytes, self.index, self.at_ms, self.samples, self.last)


def call_folder(folder: Path, tenant_id: str, call_id: str) -> Path:
    """All files of one call, and of no other, whatever characters its id has."""
    digest = sha256(f"{tenant_id}\x1f{call_id}".encode(errors="surrogatepass")).hexdigest()
    return folder / digest[:2] / digest[:40]


def part_path(folder: Path, part: RecordingPart) -> Path:
    name = f"{part.lease:06}-{part.leg.value}-{part.part_id}{SUFFIX}"
    return call_folder(folder, part.tenant_id, part.call_id) / name


class RecordingFile:
    """Being written; by one thread."""

    def __init__(self, path: Path, descriptor: int, first_line: bytes, key: bytes) -> None:
        self.path = path
        self.chunks = 0
        self._descriptor = descriptor
        self._first_line = first_line
        self._key = key
        self._end = len(first_line)

    @classmethod
    def create(cls, folder: Path, part: RecordingPart, key: bytes) -> RecordingFile:
        """Raises OSError, and leaves no file behind then."""
        path = part_path(folder, part)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        first_line = _first_line(part)
        try:
            _write(descriptor, first_line, 0)
            return cls(path, descriptor, first_line, key)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise

    def append(self, at_ms: int, pcm: bytes, *, last: bool = False) -> None:
        """Survives the process from here on. Raises OSError when the disk is full; the file is then as before."""
        body = _deflate(pcm)
        # The seal adds the nonce and the tag, whose lengths are known: the head can say the whole beforehand.
        chunk = Chunk(self.chunks, at_ms, len(pcm) // 2, last, 0, len(body) + 28)
        head = chunk.head()
        sealed = seal(self._key, body, self._first_line + head)
        try:
            _write(self._descriptor, head + sealed, self._end)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(head) + len(sealed)
        self.chunks += 1

    def sync(self) -> None:
        """Survives a power cut from here on."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class RecordedPart:
    """Being read: what its first line and the heads say. `ended` False: its process died, or still writes."""

    def __init__(self, path: Path, part: RecordingPart, first_line: bytes, chunks: list[Chunk], ended: bool) -> None:
        self.path = path
        self.part = part
        self.chunks = chunks
        self.ended = ended
        self._first_line = first_line

    @classmethod
    def scan(cls, path: Path, tenant_id: str, call_id: str) -> RecordedPart | None:
        """None when not even the first line is whole. Raises Rejected for what this call's writer did not write."""
        with path.open("rb") as file:
            first_line = file.readline(MAX_LINE_BYTES)
            if not first_line.endswith(b"\n"):
                if len(first_line) == MAX_LINE_BYTES:
                    raise _altered()
                return None
            part = _part(first_line)
            if (part.tenant_id, part.call_id, path.name) != (tenant_id, call_id, part_path(path, part).name):
                raise _altered()
            chunks = list(_heads(file.fileno(), len(first_line), os.fstat(file.fileno()).st_size))
        ended = bool(chunks) and chunks[-1].last
        return cls(path, part, first_line, [chunk for chunk in chunks if not chunk.last], ended)

    def read(self, chunk: Chunk, key: bytes) -> bytes:
        """Its PCM. Raises Rejected when it was altered, or stood elsewhere."""
        with self.path.open("rb") as file:
            sealed = os.pread(file.fileno(), chunk.sealed_bytes, chunk.offset)
        pcm = _inflate(unseal(key, sealed, self._first_line + chunk.head()))
        if len(pcm) != 2 * chunk.samples:
            raise _altered()
        return pcm


def _heads(descriptor: int, at: int, size: int) -> Iterator[Chunk]:
    """Whole chunks only; a torn tail is left out. Raises Rejected when they don't count up, or go on after the last."""
    index, ended = 0, False
    while at + _HEAD.size <= size:
        sealed_bytes, found, at_ms, samples, last = _HEAD.unpack(os.pread(descriptor, _HEAD.size, at))
        if ended or found != index or last > 1 or samples > MAX_CHUNK_SAMPLES or sealed_bytes > MAX_SEALED_BYTES:
            raise _altered()
        at += _HEAD.size
        if at + sealed_bytes > size:
            return
        yield Chunk(index, at_ms, samples, bool(last), at, sealed_bytes)
        at += sealed_bytes
        index += 1
        ended = bool(last)
    if ended and at != size:
        raise _altered()


def _first_line(part: RecordingPart) -> bytes:
    return json.dumps({"format": FORMAT, **asdict(part)}, separators=(",", ":")).encode() + b"\n"


def _part(line: bytes) -> RecordingPart:
    try:
        fields = cast(dict[str, Any], json.loads(line))
        if fields.pop("format") != FORMAT:
            raise _altered()
        return _shape.validate_python(fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _altered() from None


def _altered() -> Rejected:
    return Rejected("recordings", "a recording was altered")


def _deflate(pcm: bytes) -> bytes:
    """Differences of neighbours, low bytes first and then high ones: speech's high bytes are nearly all alike."""
    steps = np.diff(np.frombuffer(pcm, "<i2"), prepend=np.int16(0)).astype("<i2")
    return zlib.compress(steps.view(np.uint8).reshape(-1, 2).T.tobytes(), 1)


def _inflate(body: bytes) -> bytes:
    try:
        planes = zlib.decompressobj().decompress(body, 2 * MAX_CHUNK_SAMPLES)
        steps = np.frombuffer(planes, np.uint8).reshape(2, -1).T.copy().view("<i2")
    except (zlib.error, ValueError):
        raise _altered() from None
    return np.cumsum(steps, dtype="<i2").tobytes()


def _write(descriptor: int, content: bytes, at: int) -> None:
    # A full disk takes a part first and complains at the next write.
    while content:
        written = os.pwrite(descriptor, content, at)
        content, at = content[written:], at + written
