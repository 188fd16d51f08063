"""A recording's file, and everything that somebody with the disk in hand might do to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Rejected
from domain.media.recording import RecordingLeg, RecordingPart
from storage.recordings.sealed_file import MAX_CHUNK_SAMPLES, RecordedPart, RecordingFile, call_folder, part_path

KEY = os.urandom(32)
PART = RecordingPart(
    tenant_id="t", call_id="c/../\x00 ؟", lease=2, leg=RecordingLeg.CALLER, part_id="0a", clock_zero_at=1.5
)


def second(number: int) -> bytes:
    """A tone of its own for each second, with the noise of a room."""
    n = np.arange(16_000)
    room = np.random.default_rng(number).normal(0, 100, 16_000)
    return (5000 * np.sin(2 * np.pi * (300 + 10 * number) * n / 16_000) + room).astype("<i2").tobytes()


def written(folder: Path, part: RecordingPart = PART, seconds: int = 3, *, end: bool = True) -> Path:
    file = RecordingFile.create(folder, part, KEY)
    for number in range(seconds):
        file.append(number * 1000, second(number))
    if end:
        file.append(seconds * 1000, b"", last=True)
    file.sync()
    file.close()
    return file.path


def scanned(path: Path, part: RecordingPart = PART) -> RecordedPart:
    found = RecordedPart.scan(path, part.tenant_id, part.call_id)
    assert found is not None
    return found


def read(path: Path, part: RecordingPart = PART, key: bytes = KEY) -> list[bytes]:
    found = scanned(path, part)
    return [found.read(chunk, key) for chunk in found.chunks]


def bodies(path: Path) -> list[tuple[int, int]]:
    """Where each chunk's sealed body begins and how long it is."""
    return [(chunk.offset, chunk.sealed_bytes) for chunk in scanned(path).chunks]


def test_what_was_written_comes_back_sample_for_sample(tmp_path: Path) -> None:
    path = written(tmp_path)
    found = scanned(path)
    assert read(path) == [second(0), second(1), second(2)]
    assert (found.part, found.ended) == (PART, True)
    assert [(chunk.at_ms, chunk.samples) for chunk in found.chunks] == [(0, 16_000), (1000, 16_000), (2000, 16_000)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@given(st.lists(st.integers(-32768, 32767), max_size=400))
def test_any_sound_survives(tmp_path_factory: pytest.TempPathFactory, samples: list[int]) -> None:
    pcm = np.array(samples, "<i2").tobytes()
    file = RecordingFile.create(tmp_path_factory.mktemp("recordings"), PART, KEY)
    file.append(0, pcm)
    file.close()
    assert read(file.path) == [pcm]


def test_the_largest_chunk_of_noise_is_read_again(tmp_path: Path) -> None:
    noise = os.urandom(2 * MAX_CHUNK_SAMPLES)
    file = RecordingFile.create(tmp_path, PART, KEY)
    file.append(0, noise)
    file.close()
    assert read(file.path) == [noise]


def test_nothing_of_the_sound_is_open_on_disk(tmp_path: Path) -> None:
    content = written(tmp_path).read_bytes()
    for number in range(3):
        pcm = second(number)
        assert all(pcm[at : at + 8] not in content for at in range(0, 3200, 8))
    counts = np.bincount(np.frombuffer(content, np.uint8)[500:], minlength=256)
    assert counts.max() < 3 * counts.mean()


def test_silence_takes_next_to_nothing(tmp_path: Path) -> None:
    file = RecordingFile.create(tmp_path, PART, KEY)
    file.append(0, bytes(32_000))
    file.close()
    assert file.path.stat().st_size < 400


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        read(written(tmp_path), key=os.urandom(32))


def test_a_file_without_its_last_chunk_is_good_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, end=False)
    assert not scanned(path).ended
    assert read(path) == [second(0), second(1), second(2)]


@pytest.mark.parametrize("cut", [1, 25, 60, 5000])
def test_a_torn_tail_is_left_out_and_the_rest_is_good(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, end=False)
    os.truncate(path, path.stat().st_size - cut)
    assert read(path) == [second(0), second(1)]
    assert not scanned(path).ended


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_file_that_never_began_is_no_recording(tmp_path: Path, size: int) -> None:
    path = written(tmp_path)
    os.truncate(path, size)
    assert RecordedPart.scan(path, PART.tenant_id, PART.call_id) is None


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[bodies(path)[1][0] + 100] ^= 1
    path.write_bytes(content)


def swap_bodies(path: Path) -> None:
    """Two bodies of one length change places; only the seals can tell."""
    content = path.read_bytes()
    (first, size), (other, length) = bodies(path)[:2]
    shorter = min(size, length)
    swapped = bytearray(content)
    swapped[first : first + shorter] = content[other : other + shorter]
    swapped[other : other + shorter] = content[first : first + shorter]
    path.write_bytes(swapped)


def swap_chunks(path: Path) -> None:
    content = path.read_bytes()
    (first, size), (other, length) = bodies(path)[:2]
    one, two = content[first - 21 : first + size], content[other - 21 : other + length]
    path.write_bytes(content[: first - 21] + two + one + content[other + length :])


def cut_out(path: Path) -> None:
    content = path.read_bytes()
    start, size = bodies(path)[1]
    path.write_bytes(content[: start - 21] + content[start + size :])


def move_in_time(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[bodies(path)[1][0] - 6] ^= 1
    path.write_bytes(content)


def shift_the_clock(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"clock_zero_at":1.5', b'"clock_zero_at":9.5'))


def go_on_after_the_end(path: Path) -> None:
    content = path.read_bytes()
    start, size = bodies(path)[0]
    path.write_bytes(content + content[start - 21 : start + size])


def garbage_after_the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def another_leg(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"leg":"caller"', b'"leg":"agent"'))


def another_name(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"part_id":"0a"', b'"part_id":"0b"'))


def no_line(path: Path) -> None:
    path.write_bytes(b"garbage\n" + path.read_bytes())


def a_long_line(path: Path) -> None:
    path.write_bytes(b"x" * 10_000)


def another_format(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"hatif recording 1", b"hatif recording 2"))


@pytest.mark.parametrize(
    "tamper",
    [
        flip,
        swap_bodies,
        swap_chunks,
        cut_out,
        move_in_time,
        shift_the_clock,
        go_on_after_the_end,
        garbage_after_the_end,
        another_leg,
        another_name,
        no_line,
        a_long_line,
        another_format,
    ],
)
def test_tampering_is_noticed(tmp_path: Path, tamper: Callable[[Path], None]) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    tamper(path)
    assert path.read_bytes() != before
    with pytest.raises(Rejected) as rejection:
        read(path)
    assert PART.call_id not in str(rejection.value)


@given(at=st.integers(0, 1 << 30), value=st.integers(1, 255), cut=st.integers(0, 2000))
def test_whatever_is_done_to_a_file_no_false_sound_comes_out(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int, cut: int
) -> None:
    file = RecordingFile.create(tmp_path_factory.mktemp("recordings"), PART, KEY)
    said = [bytes([number, 0]) * 160 for number in range(4)]
    for number, pcm in enumerate(said):
        file.append(number * 10, pcm)
    file.close()
    content = bytearray(file.path.read_bytes())
    content[at % len(content)] ^= value
    file.path.write_bytes(content[: len(content) - cut])
    try:
        found = RecordedPart.scan(file.path, PART.tenant_id, PART.call_id)
    except Rejected:
        return
    for chunk in found.chunks if found else []:
        try:
            pcm = found.read(chunk, KEY) if found else b""
        except Rejected:
            continue
        assert (pcm, chunk.at_ms) == (said[chunk.index], chunk.index * 10)


@pytest.mark.parametrize(
    "change", [{"call_id": "other"}, {"leg": RecordingLeg.AGENT}, {"lease": 3}, {"part_id": "0b"}, {"tenant_id": "u"}]
)
def test_a_file_does_not_pass_for_another(tmp_path: Path, change: dict[str, object]) -> None:
    """Neither as it is, nor with the other's first line in front, though both have the same key."""
    other = replace(PART, **change)  # pyright: ignore[reportArgumentType]
    ours, theirs = written(tmp_path), written(tmp_path, other)
    content = theirs.read_bytes()
    theirs.write_bytes(ours.read_bytes())
    with pytest.raises(Rejected):
        read(theirs, other)
    line, rest = content.split(b"\n", 1)[0], ours.read_bytes().split(b"\n", 1)[1]
    theirs.write_bytes(line + b"\n" + rest)
    with pytest.raises(Rejected):
        read(theirs, other)


def test_a_full_disk_leaves_the_file_as_it_was(full_disk: Path) -> None:
    file = RecordingFile.create(full_disk, PART, KEY)
    with pytest.raises(OSError, match="No space left"):
        for number in range(10):
            file.append(number * 1000, os.urandom(32_000))
    kept = file.chunks
    file.append(99_000, bytes(320))
    file.close()
    found = scanned(file.path)
    assert [chunk.at_ms for chunk in found.chunks] == [*range(0, kept * 1000, 1000), 99_000]
    assert found.read(found.chunks[-1], KEY) == bytes(320)


def test_names_hold_no_ids_of_calls(tmp_path: Path) -> None:
    assert part_path(tmp_path, PART).name == "000002-caller-0a.rec"
    assert call_folder(tmp_path, "t", "a") != call_folder(tmp_path, "t", "b") != call_folder(tmp_path, "u", "b")
    assert call_folder(tmp_path, PART.tenant_id, PART.call_id).parent.parent == tmp_path
