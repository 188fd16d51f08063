"""Speech by HTTP and by gRPC, and utterances one by one and in one go: `python -m tests.bench.speech_ports`.

With `--url grpc://127.0.0.1:8092` only a process that runs there already. The recogniser's part needs recordings: a
folder named by HATIF_TEST_AUDIO. Every figure goes to build/speech_ports.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from domain.errors import EngineError, EngineSlow
from domain.ports import Voice
from domain.speech import Language
from engines.model_files import verified
from engines.remote.link import SpeechLink
from engines.remote.voice import GrpcVoice
from engines.remote_speech import RemoteSpeech
from engines.whisper import WhisperRecogniser
from tests.bench.turn_taking import sounds
from tests.bench.turn_taking.scenario import Cut
from tests.bench.turn_taking.studio import AUDIO, cut
from tests.conftest import free_port
from workers.settings import Settings

SENTENCES = {
    "two words": ("Yes, please.", Language.EN),
    "a sentence": ("Your order is on its way, and it arrives tomorrow morning.", Language.EN),
    "Arabic": ("مرحبا بك.", Language.AR),
}
ROUNDS = 40
PATIENT_MS = 60_000
"""A busy machine is to show in the figures, and not to end them."""
START_S = 120.0
CLIPS = ("en-lj001-0012.wav", "en-lj011-0202.wav", "en-lj042-0094.wav", "ar-msa.mp3")
CLIP_MS = 3_000
TOGETHER = (1, 4, 8)
BATCHES = (1, 8)
BATCH_ROUNDS = 9
WRITTEN = Path(__file__).resolve().parents[2] / "build" / "speech_ports.json"
Row = dict[str, Any]


async def first_and_whole_ms(voice: Voice, text: str, language: Language) -> tuple[float, float]:
    began, first = time.perf_counter(), 0.0
    async for _ in voice.speak(text, language):
        first = first or time.perf_counter() - began
    return first * 1000, (time.perf_counter() - began) * 1000


async def started(url: str, voice: Voice, undo: AsyncExitStack) -> None:
    """Begun again where the machine was too busy for its warm-up, as the product begins it again."""
    async with asyncio.timeout(START_S):
        while True:
            process = subprocess.Popen([sys.executable, "-m", "workers.speech", "--listen", url])  # noqa: ASYNC220
            undo.callback(process.wait, 10)
            undo.callback(process.terminate)
            while process.poll() is None:
                try:
                    await first_and_whole_ms(voice, *SENTENCES["two words"])
                    return
                except EngineError:
                    await asyncio.sleep(0.5)


async def voices() -> list[Row]:
    """In turn, so that both meet the same machine."""
    async with AsyncExitStack() as undo:
        by_http, by_grpc = (f"{scheme}://127.0.0.1:{free_port()}" for scheme in ("http", "grpc"))
        link = SpeechLink(by_grpc)
        undo.push_async_callback(link.close)
        http = RemoteSpeech(by_http, first_byte_ms=PATIENT_MS, next_bytes_ms=PATIENT_MS)
        undo.push_async_callback(http.close)
        ports: dict[str, Voice] = {"HTTP": http, "gRPC": patient(link)}
        for url, voice in zip((by_http, by_grpc), ports.values(), strict=True):
            await started(url, voice, undo)
        return await compared(ports)


def patient(link: SpeechLink) -> GrpcVoice:
    return GrpcVoice(link, first_byte_ms=PATIENT_MS, next_bytes_ms=PATIENT_MS)


async def compared(ports: dict[str, Voice]) -> list[Row]:
    """What the process itself refuses as too slow is counted and goes into no other figure."""
    rows: list[Row] = []
    for what, (text, language) in SENTENCES.items():
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, voice in ports.items():
                try:
                    took[name].append(await first_and_whole_ms(voice, text, language))
                except EngineSlow:
                    continue
        for name, times in took.items():
            first = sorted(first for first, _ in times)
            row: Row = {"what": what, "port": name, "said": len(times), "refused": ROUNDS - len(times)}
            if times:
                row["first_ms_p50"] = round(statistics.median(first), 1)
                row["first_ms_p95"] = round(first[int(len(first) * 0.95)], 1)
                row["whole_ms_p50"] = round(statistics.median(whole for _, whole in times), 1)
            rows.append(shown(row))
    return rows


async def batches(folder: Path) -> list[Row]:
    """By turns, so that each kind meets the same machine."""
    clips = [sounds.to_pcm(cut(Cut(clip, 0, CLIP_MS))) for clip in CLIPS]
    by_batch = {batch: WhisperRecogniser(folder, deadline_ms=PATIENT_MS, batch=batch) for batch in BATCHES}
    for recogniser in by_batch.values():
        await recogniser.warm_up()
    rows: list[Row] = []
    for count in TOGETHER:
        wall_ms: dict[int, list[float]] = {batch: [] for batch in BATCHES}
        waited_ms: dict[int, list[float]] = {batch: [] for batch in BATCHES}
        processor_ms: dict[int, list[float]] = {batch: [] for batch in BATCHES}
        for _ in range(BATCH_ROUNDS):
            for batch, recogniser in by_batch.items():
                began, used = time.perf_counter(), time.process_time()
                waits = await asyncio.gather(*(heard_after_ms(recogniser, clips[n % len(clips)]) for n in range(count)))
                waited_ms[batch].append(statistics.mean(waits))
                wall_ms[batch].append((time.perf_counter() - began) * 1000)
                processor_ms[batch].append((time.process_time() - used) * 1000)
        for batch in BATCHES:
            row: Row = {"utterances_at_once": count, "batch": batch}
            row["all_ms_p50"] = round(statistics.median(wall_ms[batch]))
            row["each_waited_ms_p50"] = round(statistics.median(waited_ms[batch]))
            row["processor_ms_each"] = round(statistics.median(processor_ms[batch]) / count)
            rows.append(shown(row))
    for recogniser in by_batch.values():
        recogniser.close()
    return rows


async def heard_after_ms(recogniser: WhisperRecogniser, pcm: bytes) -> float:
    began = time.perf_counter()
    await recogniser.transcribe(pcm)
    return (time.perf_counter() - began) * 1000


def shown(row: Row) -> Row:
    print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return row


async def main(url: str | None, *, voices_too: bool) -> None:
    found: dict[str, object] = {"load_average_before": round(os.getloadavg()[0], 1)}
    if url is not None:
        settings = Settings()
        token = settings.speech_token.get_secret_value() if settings.speech_token else None
        link = SpeechLink(url, token=token, ca=settings.speech_ca)
        found["voices"] = await compared({"gRPC": patient(link)})
        await link.close()
    else:
        if voices_too:
            found["voices"] = await voices()
        if all((AUDIO / clip).is_file() for clip in CLIPS):
            found["recogniser"] = await batches(verified("whisper-base", Settings().models_dir))
    found["load_average_after"] = round(os.getloadavg()[0], 1)
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speech_ports", description=__doc__)
    parser.add_argument("--url", help="grpc://… or grpcs://… of a speech process that runs")
    parser.add_argument("--recogniser", action="store_true", help="only the recogniser's part")
    options = parser.parse_args()
    asyncio.run(main(options.url, voices_too=not options.recogniser))
