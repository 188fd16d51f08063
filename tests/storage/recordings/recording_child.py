"""A process that records a call of two voices until it is killed.

Arguments: URL of the store, master key in hex, folder, tenant, call. It says "recording" once five seconds are on disk.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from domain.media.recording import RecordingLeg
from domain.speech import FRAME_MS
from realtime.recorder import CallRecorder
from storage.keys import PostgresKeyRing
from storage.recordings.rows import PostgresRecordings
from storage.recordings.sealed_file import RecordedPart
from storage.recordings.writer import RecordingWriter
from storage.session import Database
from tests.storage.recordings.voices import frame


async def main(url: str, master: str, folder: str, tenant: str, call_id: str) -> None:
    database = Database(url)
    keys = PostgresKeyRing(database, bytes.fromhex(master))
    writer = RecordingWriter(PostgresRecordings(database), keys, Path(folder))
    writer.start()
    recorder = CallRecorder(writer, tenant_id=tenant, call_id=call_id, lease=1, now_ms=lambda: 0)
    await recorder.start()
    said = False
    for number in range(100_000):
        for leg in (RecordingLeg.CALLER, RecordingLeg.AGENT):
            recorder.take(leg, frame(leg, number), number * FRAME_MS)
        await asyncio.sleep(0.001)
        if number % 50 == 0 and not said and _seconds(Path(folder), tenant, call_id) >= 10:
            print("recording", flush=True)
            said = True


def _seconds(folder: Path, tenant: str, call_id: str) -> int:
    parts = (RecordedPart.scan(path, tenant, call_id) for path in folder.rglob("*.rec"))
    return sum(len(part.chunks) for part in parts if part is not None)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
