"""The Voice port over XTTS v2 (coqui-tts): its own speakers, and voices learnt from a sample."""

from __future__ import annotations

import importlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import EngineFailed, SetupError
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language
from domain.voices.manners import PLAIN, REST_MS, Manner
from engines.clauses import clauses
from engines.lane import Lane
from engines.pcm import Floats, to_floats
from engines.synthesis import PIECE_DEADLINE_MS, STAGE
from engines.xtts.rate import Rate

LICENCE = "CPML"
"""The Coqui Public Model Licence: no commercial use."""
FILES = ("config.json", "model.pth", "vocab.json")
CHUNK_TOKENS = 16
"""Of 46 ms each: three quarters of a second of sound a step, so that the first comes early."""
SAMPLE_HZ = 22_050
"""At which samples are learnt from."""
LEARNT_S = 12
CHUNK_S = 4
"""The model's own advice: it hears 12 s of a sample, in pieces of 4 s."""
MOST_LEARNT = 64
LEARNT_FOR_S = 600.0
"""How long a voice whose consent was withdrawn may still speak here; then it has to be taught again."""
LIVELY_TEMPERATURE = 0.75
"""Of the model's own; more is livelier and less sure."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """What the model knows of a voice: how it speaks, and how it sounds."""

    latents: Any
    embedding: Any


class XttsSpeech:
    """`folder` holds the files of XTTS v2; nothing is fetched. Raises SetupError.

    One clause of one call is written at a time, but calls take turns after each chunk of it.
    """

    languages = frozenset(Language)

    def __init__(
        self,
        folder: Path,
        *,
        licence: str,
        device: str = "cuda",
        chunk_tokens: int = CHUNK_TOKENS,
        deadline_ms: int = PIECE_DEADLINE_MS,
    ) -> None:
        if licence != LICENCE:
            raise SetupError(
                "XTTS v2 may not be used commercially: read its Coqui Public Model Licence, and say "
                f"HATIF_XTTS_LICENCE={LICENCE} if you keep to it."
            )
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise SetupError(f"{folder} is no XTTS v2 model: {missing[0]} is missing.")
        self._model, self._torch = _loaded(folder, device)
        self._rate_hz = int(self._model.config.model_args.output_sample_rate)
        self._chunk_tokens = chunk_tokens
        self._deadline_ms = deadline_ms
        self._own = _own_speakers(self._model)
        self._learnt: OrderedDict[str, tuple[Speaker, float]] = OrderedDict()
        self._lane = Lane(STAGE)

    @property
    def own_voices(self) -> list[str]:
        """By the names that they can be asked by; the first speaks where none is named."""
        return list(self._own)

    def has_voice(self, name: str) -> bool:
        return self._speaker(name) is not None

    async def learn(self, name: str, pcm: bytes) -> None:
        """Take in a voice from a sample of 16 kHz PCM; the oldest of too many is forgotten."""
        speaker = await self._lane.run(2 * self._deadline_ms, self._listen, pcm)
        self._learnt[name] = (speaker, time.monotonic())
        self._learnt.move_to_end(name)
        while len(self._learnt) > MOST_LEARNT:
            self._learnt.popitem(last=False)

    async def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        name = voice or next(iter(self._own), "")
        speaker = self._speaker(name)
        if speaker is None:
            raise EngineFailed(STAGE, f"no voice {name or 'at all'} for {language}")
        rest = b""
        for clause in clauses(text, manner.register):
            rate = Rate(self._rate_hz, SAMPLE_RATE_HZ)
            chunks = self._chunks(clause, language, speaker, manner)
            try:
                while (chunk := await self._lane.run(self._deadline_ms, next, chunks, None)) is not None:
                    if pcm := rate.fed(chunk):
                        yield rest + pcm
                        rest = b""
                if pcm := rate.flushed():
                    yield rest + pcm
            finally:
                # In the lane's own thread: a generator that runs can't be closed from another.
                await self._lane.run(self._deadline_ms, chunks.close)
            rest = bytes(REST_MS[manner.register] * BYTES_PER_MS)

    def close(self) -> None:
        self._lane.close()

    def _speaker(self, name: str) -> Speaker | None:
        if name in self._own:
            return self._own[name]
        speaker, learnt_s = self._learnt.get(name, (None, 0.0))
        return speaker if time.monotonic() - learnt_s < LEARNT_FOR_S else None

    def _listen(self, pcm: bytes) -> Speaker:
        from_hz = Rate(SAMPLE_RATE_HZ, SAMPLE_HZ)
        samples = to_floats(from_hz.fed(to_floats(pcm)) + from_hz.flushed())
        audio = self._torch.from_numpy(samples)[None]
        return Speaker(
            latents=self._model.get_gpt_cond_latents(audio, SAMPLE_HZ, length=LEARNT_S, chunk_length=CHUNK_S),
            embedding=self._model.get_speaker_embedding(audio, SAMPLE_HZ),
        )

    def _chunks(
        self, clause: str, language: Language, speaker: Speaker, manner: Manner
    ) -> Generator[Floats, None, None]:
        """Sound of one clause as it is written; between two steps another clause may be on its way."""
        written = self._model.inference_stream(
            clause,
            language.value,
            speaker.latents,
            speaker.embedding,
            stream_chunk_size=self._chunk_tokens,
            temperature=LIVELY_TEMPERATURE * manner.energy,
            speed=manner.speed,
        )
        inner: Any = self._model.gpt.gpt_inference
        prefix: Any = None
        while True:
            # The model keeps the clause that it is at in itself, not in the generator.
            if prefix is not None:
                inner.cached_prefix_emb = prefix
            chunk = next(written, None)
            if chunk is None:
                return
            prefix = inner.cached_prefix_emb
            yield np.asarray(chunk.detach().cpu().numpy(), np.float32).reshape(-1)


def _loaded(folder: Path, device: str) -> tuple[Any, Any]:
    """The model and torch. Raises SetupError."""
    try:
        torch: Any = importlib.import_module("torch")
        configs: Any = importlib.import_module("TTS.tts.configs.xtts_config")
        models: Any = importlib.import_module("TTS.tts.models.xtts")
    except ImportError as error:
        raise SetupError(f"XTTS needs Hatif's extra speech-xtts, see docs/speech.md: {error}.") from error
    # Its warnings quote the text that is to be spoken.
    logging.getLogger("TTS").setLevel(logging.CRITICAL)
    try:
        config = configs.XttsConfig()
        config.load_json(str(folder / "config.json"))
        model = models.Xtts(config)
        model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
        return model.to(device), torch
    except Exception as error:
        raise SetupError(f"{folder} can't be loaded as XTTS v2 on {device}: {type(error).__name__}.") from error


def _own_speakers(model: Any) -> dict[str, Speaker]:
    known: Any = getattr(model.speaker_manager, "speakers", None) or {}
    return {
        str(name).replace(" ", "_"): Speaker(latents=one["gpt_cond_latent"], embedding=one["speaker_embedding"])
        for name, one in known.items()
    }
