"""Speech by HTTP and by gRPC, and utterances one by one and in one go: `python -m tests.bench.speech_ports`.

With `--url grpc://127.0.0.1:8092` only a process that runs there already. The recogniser's part needs recordings: a
folder named by HATIF_TEST_AUDIO.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

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
START_S = 60.0
CLIPS = ("en-lj001-0012.wav", "en-lj011-0202.wav", "en-lj042-0094.wav", "ar-msa.mp3")
CLIP_MS = 3_000
TOGETHER = (1, 4, 8)
BATCH_ROUNDS = 7


async def first_and_whole_ms(voice: Voice, text: str, language: Language) -> tuple[float, float]:
    began, first = time.perf_counter(), 0.0
    async for _ in voice.speak(text, language):
        first = first or time.perf_counter() - began
    return first * 1000, (time.perf_counter() - began) * 1000


async def started(url: str, voice: Voice, undo: AsyncExitStack) -> None:
    process = subprocess.Popen([sys.executable, "-m", "workers.speech", "--listen", url])  # noqa: ASYNC220
    undo.callback(process.wait, 10)
    undo.callback(process.terminate)
    async with asyncio.timeout(START_S):
        while True:
            try:
                await first_and_whole_ms(voice, *SENTENCES["two words"])
                return
            except Exception:
                await asyncio.sleep(0.5)


async def voices() -> None:
    """In turn, so that both meet the same machine."""
    async with AsyncExitStack() as undo:
        by_http, by_grpc = (f"{scheme}://127.0.0.1:{free_port()}" for scheme in ("http", "grpc"))
        link = SpeechLink(by_grpc)
        undo.push_async_callback(link.close)
        http = RemoteSpeech(by_http)
        undo.push_async_callback(http.close)
        ports: dict[str, Voice] = {"HTTP": http, "gRPC": GrpcVoice(link)}
        for url, voice in zip((by_http, by_grpc), ports.values(), strict=True):
            await started(url, voice, undo)
        await compared(ports)


async def compared(ports: dict[str, Voice]) -> None:
    for what, (text, language) in SENTENCES.items():
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, voice in ports.items():
                took[name].append(await first_and_whole_ms(voice, text, language))
        for name, times in took.items():
            first = sorted(first for first, _ in times)
            whole = statistics.median(whole for _, whole in times)
            print(
                f"{what:>12}  {name}  first {statistics.median(first):.1f} ms"
                f" (p95 {first[int(ROUNDS * 0.95)]:.1f}), whole {whole:.1f} ms"
            )


async def batches(folder: Path) -> None:
    clips = [sounds.to_pcm(cut(Cut(clip, 0, CLIP_MS))) for clip in CLIPS]
    for batch in (1, 8):
        recogniser = WhisperRecogniser(folder, deadline_ms=60_000, batch=batch)
        await recogniser.warm_up()
        for count in TOGETHER:
            took: list[float] = []
            for _ in range(BATCH_ROUNDS):
                began = time.perf_counter()
                await asyncio.gather(*(recogniser.transcribe(clips[n % len(clips)]) for n in range(count)))
                took.append((time.perf_counter() - began) * 1000)
            print(f"{count} utterances of 3 s at once, batches of {batch}: {statistics.median(took):.0f} ms for all")
        recogniser.close()


async def main(url: str | None) -> None:
    if url is not None:
        settings = Settings()
        token = settings.speech_token.get_secret_value() if settings.speech_token else None
        link = SpeechLink(url, token=token, ca=settings.speech_ca)
        await compared({"gRPC": GrpcVoice(link)})
        await link.close()
        return
    await voices()
    if all((AUDIO / clip).is_file() for clip in CLIPS):
        await batches(verified("whisper-base", Settings().models_dir))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speech_ports", description=__doc__)
    parser.add_argument("--url", help="grpc://… or grpcs://… of a speech process that runs")
    asyncio.run(main(parser.parse_args().url))
