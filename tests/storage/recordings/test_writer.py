"""Calls recorded and played again: two voices, stops and starts, several lines, killed processes and full disks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import structlog.testing

from domain.errors import Rejected
from domain.media.recording import Playback, RecordingLeg
from domain.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES
from realtime.recorder import CallRecorder
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.migrate import migrate
from storage.recordings.reader import SealedRecordings
from storage.recordings.rows import PostgresRecordings
from storage.recordings.sealed_file import call_folder
from storage.recordings.writer import WAITING_CHUNKS, RecordingWriter
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls, PostgresServer
from tests.storage.conftest import MASTER, a_profile
from tests.storage.recordings.voices import frame, frames

pytestmark = pytest.mark.servers
CALLER, AGENT, ADVISOR = RecordingLeg
DEADLINE_S = 20
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Studio:
    rows: PostgresRecordings
    keys: PostgresKeyRing
    folder: Path
    tenant: str
    call_id: str
    writer: RecordingWriter
    shelf: SealedRecordings

    def recorder(self, lease: int = 1, now_ms: Callable[[], int] = lambda: 0) -> CallRecorder:
        return CallRecorder(self.writer, tenant_id=self.tenant, call_id=self.call_id, lease=lease, now_ms=now_ms)

    async def written(self) -> None:
        """Everything is on disk and in the rows; another writer goes on."""
        await self.writer.close()
        self.writer = RecordingWriter(self.rows, self.keys, self.folder)
        self.writer.start()

    async def found(self) -> Playback:
        await self.written()
        playback = await self.shelf.find(self.tenant, self.call_id)
        assert playback is not None
        return playback

    def files(self) -> list[Path]:
        return sorted(call_folder(self.folder, self.tenant, self.call_id).glob("*.rec"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
async def studio(db: Database, keys: PostgresKeyRing, folder: Path, tenant: str, call_id: str) -> AsyncIterator[Studio]:
    rows = PostgresRecordings(db)
    writer = RecordingWriter(rows, keys, folder)
    writer.start()
    opened = Studio(rows, keys, folder, tenant, call_id, writer, SealedRecordings(rows, keys, folder))
    yield opened
    await opened.writer.close()


def take(recorder: CallRecorder, first: int, end: int, *legs: RecordingLeg) -> None:
    for number in range(first, end):
        for leg in legs:
            recorder.take(leg, frame(leg, number), number * FRAME_MS)


def channels(playback: Playback, first: int = 0, end: int = 1 << 40) -> tuple[bytes, bytes]:
    """Left and right."""
    both = np.frombuffer(b"".join(playback.stereo(first, end)), "<i2").reshape(-1, 2)
    return both[:, 0].tobytes(), both[:, 1].tobytes()


async def test_two_voices_come_back_sample_for_sample_on_their_sides(studio: Studio) -> None:
    recorder = studio.recorder()
    assert not recorder.recording
    assert await recorder.start()
    assert recorder.recording
    take(recorder, 0, 175, CALLER, AGENT)
    recorder.stop()
    playback = await studio.found()
    assert (playback.samples, playback.starts_ms, playback.complete) == (175 * FRAME_SAMPLES, 0, True)
    assert playback.legs == {CALLER, AGENT}
    assert channels(playback) == (frames(CALLER, 0, 175), frames(AGENT, 0, 175))
    rows = await studio.rows.recordings(studio.tenant, studio.call_id)
    assert sorted((row.part.leg, row.part.lease, row.chunks, row.lost) for row in rows) == [
        (AGENT, 1, 4, 0),
        (CALLER, 1, 4, 0),
    ]
    assert all(row.ended_at is not None and row.ended_at >= row.started_at for row in rows)
    assert {studio.folder / row.path for row in rows} == set(studio.files())


@pytest.mark.parametrize(("first", "end"), [(0, 1), (319, 321), (15_999, 16_001), (12_345, 40_000), (55_000, 99_999)])
async def test_any_piece_of_it_is_the_same_as_that_piece_of_the_whole(studio: Studio, first: int, end: int) -> None:
    recorder = studio.recorder()
    await recorder.start()
    take(recorder, 0, 175, CALLER, AGENT)
    recorder.stop()
    playback = await studio.found()
    left, right = channels(playback)
    assert channels(playback, first, end) == (left[2 * first : 2 * end], right[2 * first : 2 * end])


async def test_no_sound_is_open_on_disk(studio: Studio) -> None:
    recorder = studio.recorder()
    await recorder.start()
    take(recorder, 0, 120, CALLER, AGENT)
    recorder.stop()
    await studio.written()
    content = b"".join(path.read_bytes() for path in studio.folder.rglob("*") if path.is_file())
    assert len(content) > 20_000
    for leg in (CALLER, AGENT):
        sound = frames(leg, 0, 120)
        assert not any(sound[at : at + 8] in content for at in range(0, len(sound), 640))


async def test_starting_late_pausing_and_stopping_in_mid_second_keeps_the_timeline(studio: Studio) -> None:
    recorder = studio.recorder()
    take(recorder, 0, 50, CALLER)
    await recorder.start()
    take(recorder, 50, 83, CALLER, AGENT)
    recorder.stop()
    recorder.stop()
    take(recorder, 83, 150, CALLER, AGENT)
    await recorder.start()
    take(recorder, 150, 161, CALLER, ADVISOR)
    recorder.stop()
    playback = await studio.found()
    pause = bytes((150 - 83) * FRAME_BYTES)
    assert playback.starts_ms == 1000
    assert playback.legs == {CALLER, AGENT, ADVISOR}
    assert playback.complete
    assert channels(playback) == (
        frames(CALLER, 50, 83) + pause + frames(CALLER, 150, 161),
        frames(AGENT, 50, 83) + pause + frames(ADVISOR, 150, 161),
    )
    assert len(studio.files()) == 4


async def test_a_line_that_is_adopted_goes_on_in_files_of_its_own_without_a_gap(studio: Studio) -> None:
    recorder = studio.recorder(lease=1)
    await recorder.start()
    take(recorder, 0, 77, CALLER)
    await recorder.adopt(2)
    take(recorder, 77, 130, CALLER)
    recorder.stop()
    playback = await studio.found()
    assert channels(playback)[0] == frames(CALLER, 0, 130)
    assert [path.name[:6] for path in studio.files()] == ["000001", "000002"]


async def test_another_line_follows_the_first_whose_worker_never_said_goodbye(studio: Studio) -> None:
    """Its clock begins at 0 again; what the killed worker had not yet written is missing, and that is said."""
    first = studio.recorder(lease=1)
    await first.start()
    take(first, 0, 120, CALLER, AGENT)
    await studio.written()
    second = studio.recorder(lease=2)
    await second.start()
    take(second, 0, 60, CALLER)
    second.stop()
    playback = await studio.found()
    left, right = channels(playback)
    assert not playback.complete
    assert left[: 100 * FRAME_BYTES] == frames(CALLER, 0, 100)
    assert right[: 100 * FRAME_BYTES] == frames(AGENT, 0, 100)
    assert left[-60 * FRAME_BYTES :] == frames(CALLER, 0, 60)
    assert playback.samples >= 160 * FRAME_SAMPLES


async def test_a_killed_worker_leaves_all_but_the_last_moments(
    studio: Studio, database: DatabaseUrls, folder: Path
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.recordings.recording_child",
        *[database.app, MASTER.hex(), str(folder), studio.tenant, studio.call_id],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            assert await child.stdout.readline() == b"recording\n"
    finally:
        child.kill()
        await child.wait()
    playback = await studio.found()
    left, right = channels(playback)
    assert not playback.complete
    assert len(left) >= 5 * 32_000
    count = len(left) // FRAME_BYTES
    assert left == frames(CALLER, 0, count)
    behind = len(right.rstrip(b"\0")) // FRAME_BYTES
    assert behind >= count - 50
    assert right[: behind * FRAME_BYTES] == frames(AGENT, 0, behind)
    assert all(row.ended_at is None for row in await studio.rows.recordings(studio.tenant, studio.call_id))


async def test_a_full_disk_does_not_reach_the_call_and_is_said_once_for_each_voice(
    studio: Studio, full_disk: Path
) -> None:
    studio.writer = RecordingWriter(studio.rows, studio.keys, full_disk)
    studio.shelf = SealedRecordings(studio.rows, studio.keys, full_disk)
    studio.folder = full_disk
    studio.writer.start()
    with structlog.testing.capture_logs() as logs:
        recorder = studio.recorder()
        assert await recorder.start()
        take(recorder, 0, 1000, CALLER, AGENT)
        recorder.stop()
        playback = await studio.found()
    assert not playback.complete
    left, _ = channels(playback)
    assert left[:32_000] == frames(CALLER, 0, 50)
    rows = await studio.rows.recordings(studio.tenant, studio.call_id)
    assert all(row.lost > 0 and row.ended_at is not None for row in rows)
    said = [entry for entry in logs if entry["event"] == "recording_unwritable"]
    assert sorted(entry["leg"] for entry in said) == ["agent", "caller"]
    assert {entry["reason"] for entry in said} == {"No space left on device"}


async def test_a_disk_that_hangs_costs_the_recording_and_never_the_call(studio: Studio) -> None:
    """The thread of this writer is not started: nothing is taken from what waits."""
    hanging = RecordingWriter(studio.rows, studio.keys, studio.folder)
    recorder = CallRecorder(hanging, tenant_id=studio.tenant, call_id=studio.call_id, lease=1, now_ms=lambda: 0)
    with structlog.testing.capture_logs() as logs:
        await recorder.start()
        silence = bytes(FRAME_BYTES)
        for number in range((WAITING_CHUNKS + 3) * 50):
            recorder.take(CALLER, silence, number * FRAME_MS)
        recorder.stop()
    assert [entry["event"] for entry in logs] == ["recording_unwritable"]
    hanging.start()
    playback = await _after(hanging, studio)
    assert not playback.complete
    assert playback.samples == WAITING_CHUNKS * 16_000
    (row,) = await studio.rows.recordings(studio.tenant, studio.call_id)
    assert (row.chunks, row.lost) == (WAITING_CHUNKS, 3)


async def _after(writer: RecordingWriter, studio: Studio) -> Playback:
    await writer.close()
    return await studio.found()


async def test_what_was_erased_is_neither_recorded_nor_played(studio: Studio) -> None:
    recorder = studio.recorder()
    await recorder.start()
    take(recorder, 0, 60, CALLER)
    recorder.stop()
    await studio.found()
    await studio.keys.erase_key(studio.tenant, studio.call_id)
    assert await studio.shelf.find(studio.tenant, studio.call_id) is None
    assert not await studio.recorder().start()
    assert await studio.shelf.erase(studio.tenant, studio.call_id) == 1
    assert await studio.shelf.erase(studio.tenant, studio.call_id) == 0
    assert studio.files() == []


async def test_another_tenant_and_another_call_find_nothing(studio: Studio, other_tenant: str) -> None:
    recorder = studio.recorder()
    await recorder.start()
    take(recorder, 0, 60, CALLER)
    recorder.stop()
    await studio.found()
    await studio.keys.create_key(other_tenant, studio.call_id)
    assert await studio.shelf.find(other_tenant, studio.call_id) is None
    assert await studio.shelf.find(studio.tenant, "never was") is None


async def test_files_that_were_cut_exchanged_or_taken_away_are_noticed(studio: Studio, calls: PostgresCalls) -> None:
    for call_id in (studio.call_id, f"{studio.call_id}-2"):
        await calls.create_call(studio.tenant, call_id, "web", None)
        recorder = CallRecorder(studio.writer, tenant_id=studio.tenant, call_id=call_id, lease=1, now_ms=lambda: 0)
        await recorder.start()
        take(recorder, 0, 150, CALLER, AGENT)
        recorder.stop()
    assert (await studio.found()).complete
    agent, caller = studio.files()
    whole = caller.read_bytes()
    os.truncate(caller, len(whole) - 100)
    with pytest.raises(Rejected):
        await studio.found()
    other = next(call_folder(studio.folder, studio.tenant, f"{studio.call_id}-2").glob("*caller*"))
    caller.write_bytes(other.read_bytes())
    with pytest.raises(Rejected):
        await studio.found()
    caller.write_bytes(whole)
    agent.unlink()
    playback = await studio.found()
    assert (playback.complete, playback.legs) == (False, {CALLER})
    caller.write_bytes(whole[:-10_000] + bytes(10_000))
    with pytest.raises(Rejected):
        channels(await studio.found())


async def test_rows_that_never_came_do_not_hide_a_recording(studio: Studio, calls: PostgresCalls) -> None:
    """As when the store was away to the end: this call has a key and no row of its own."""
    await studio.keys.create_key(studio.tenant, "rowless")
    with structlog.testing.capture_logs() as logs:
        recorder = CallRecorder(studio.writer, tenant_id=studio.tenant, call_id="rowless", lease=1, now_ms=lambda: 0)
        await recorder.start()
        take(recorder, 0, 60, CALLER)
        recorder.stop()
        await studio.written()
    assert {entry["event"] for entry in logs} == {"recording_row_lost"}
    playback = await studio.shelf.find(studio.tenant, "rowless")
    assert playback is not None
    assert channels(playback)[0] == frames(CALLER, 0, 60)


async def test_a_store_that_is_away_gets_its_rows_when_it_is_back(mortal: PostgresServer, folder: Path) -> None:
    await migrate(mortal.plan.owner_url, mortal.plan.app_password)
    database = Database(mortal.plan.app_url)
    keys = PostgresKeyRing(database, MASTER)
    if await PostgresTenants(database, keys).profile("t-recorded") is None:
        await PostgresTenants(database, keys).save(a_profile("t-recorded", "recorded"))
    await PostgresCalls(database, keys).create_call("t-recorded", "away", "web", None)
    rows = PostgresRecordings(database)
    writer = RecordingWriter(rows, keys, folder)
    writer.start()
    recorder = CallRecorder(writer, tenant_id="t-recorded", call_id="away", lease=1, now_ms=lambda: 0)
    await recorder.start()
    mortal.kill()
    take(recorder, 0, 60, CALLER)
    recorder.stop()
    await asyncio.to_thread(mortal.start)
    await writer.close(deadline_ms=DEADLINE_S * 1000)
    (row,) = await rows.recordings("t-recorded", "away")
    assert (row.chunks, row.lost, row.ended_at is not None) == (2, 0, True)
    await database.close()
