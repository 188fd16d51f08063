"""Speech recognition by Whisper over CTranslate2, in a window as short as the utterance."""

from __future__ import annotations

import importlib
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language, Transcript
from engines.lane import Batches
from engines.pcm import Floats, to_floats
from engines.whisper_doubt import is_silence, is_unfounded, loops, stutters

STAGE = "asr"
DEADLINE_MS = 5_000
"""The base model takes 0.2-0.5 s for most utterances on two cores; after five seconds the caller has given up."""
DEADLINE_MS_PER_S = 200
"""More for each second of audio: a minute took 6.4 s on two busy cores."""
MEL_FRAMES_PER_S = 100
LEAST_MEL_FRAMES = 800
"""In a shorter window the base model says sentences twice: 13 of 60 short ones in 4 s, 1 of 60 in 6 s, none in 8 s."""
MOST_MEL_FRAMES = 3_000
SPARE_S = 2.0
"""Silence that the model gets after the words, for the same reason."""
PIECE_S = 28.0
"""Whisper hears 30 s at a time; longer utterances are cut at the quietest spot before this."""
CUT_WITHIN_S = 6.0
TOKENS_PER_S = 12
"""Fast Arabic takes about 9 tokens a second; a decoder that writes more is looping."""
SPARE_TOKENS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One decoding of one piece."""

    text: str
    confidence: float
    no_speech: float


@dataclass(slots=True, kw_only=True)
class Hearing:
    """One utterance on its way through the model, piece by piece."""

    pcm: bytes
    language: Language | None
    """Forced; else the first piece decides for the whole utterance."""
    forsaken: threading.Event = field(default_factory=threading.Event)
    """Set when nobody waits for it any more: whoever went on speaking is heard again soon."""
    pieces: list[Floats] = field(default_factory=list[Floats])
    spoken: Language | None = None
    sure: float = 1.0
    drafts: list[Draft] = field(default_factory=list[Draft])

    def begin(self) -> None:
        samples = to_floats(self.pcm)
        self.pieces = [] if is_silence(samples) else pieces(samples)
        self.spoken, self.sure, self.drafts = self.language, 1.0, []

    def transcript(self) -> Transcript:
        found = self.drafts
        return Transcript(
            text=" ".join(draft.text for draft in found),
            language=self.spoken or Language.EN,
            language_confidence=self.sure if found else float(self.language is not None),
            confidence=sum(draft.confidence for draft in found) / len(found) if found else 0.0,
        )


class WhisperRecogniser:
    """The Recogniser port. One model and one thread of work for all calls of the process.

    `folder` is a CTranslate2 Whisper model: base on a CPU with int8, or large-v3-turbo with device "cuda"
    and float16. `beam`: how many readings are followed side by side. `batch`: how many calls' utterances are read in
    one go, where they come together. Raises SetupError where it can't be loaded.
    """

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 2,
        beam: int = 1,
        batch: int = 1,
        deadline_ms: int = DEADLINE_MS,
        deadline_ms_per_s: int = DEADLINE_MS_PER_S,
    ) -> None:
        faster_whisper: Any = importlib.import_module("faster_whisper")
        tokenizer: Any = importlib.import_module("faster_whisper.tokenizer")
        self._storage: Any = importlib.import_module("faster_whisper.transcribe").get_ctranslate2_storage
        try:
            self._whisper = faster_whisper.WhisperModel(
                str(folder), device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
            )
        except Exception as error:
            raise SetupError(f"{folder} can't be loaded as a Whisper model on {device}: {error}.") from error
        self._tokenizers = {
            language: tokenizer.Tokenizer(self._whisper.hf_tokenizer, True, task="transcribe", language=language)
            for language in Language
        }
        self.beam = beam
        """May be set between two utterances."""
        self._deadline_ms = deadline_ms
        self._deadline_ms_per_s = deadline_ms_per_s
        self._batches = Batches[Hearing, Transcript](STAGE, self._hear, most=batch)

    async def warm_up(self) -> None:
        """Hear a second of noise in each language, so that the first caller does not pay for memory and caches."""
        noise = np.random.default_rng(1).normal(0, 1_000, SAMPLE_RATE_HZ).astype(np.int16).tobytes()
        for language in Language:
            await self._batches.run(60_000, Hearing(pcm=noise, language=language))

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        deadline_ms = self._deadline_ms + len(pcm) // BYTES_PER_MS * self._deadline_ms_per_s // 1000
        hearing = Hearing(pcm=pcm, language=language)
        try:
            return await self._batches.run(deadline_ms, hearing)
        finally:
            hearing.forsaken.set()

    def close(self) -> None:
        self._batches.close()

    def _hear(self, together: Sequence[Hearing]) -> list[Transcript]:
        for hearing in together:
            hearing.begin()
        while going := [hearing for hearing in together if hearing.pieces and not hearing.forsaken.is_set()]:
            self._hear_next(going)
        return [hearing.transcript() for hearing in together]

    def _hear_next(self, together: Sequence[Hearing]) -> None:
        """One piece of each."""
        heard = [hearing.pieces.pop(0) for hearing in together]
        encoded = self._encode(heard)
        if all(hearing.forsaken.is_set() for hearing in together):
            return
        if any(hearing.spoken is None for hearing in together):
            for hearing, (likeliest, sure) in zip(together, self._languages(encoded), strict=True):
                if hearing.spoken is None:
                    hearing.spoken, hearing.sure = likeliest, sure
        spoken = [hearing.spoken or Language.EN for hearing in together]
        for hearing, draft in zip(together, self._decode(encoded, spoken, heard), strict=True):
            if draft.text and not is_unfounded(draft.text, draft.confidence, draft.no_speech):
                hearing.drafts.append(draft)

    def _encode(self, heard: Sequence[Floats], *, least_frames: int = LEAST_MEL_FRAMES) -> Any:
        """Encoded mel of only as many frames as the longest needs, instead of Whisper's 30 s: five times faster."""
        wanted = (max(len(piece) for piece in heard) / SAMPLE_RATE_HZ + SPARE_S) * MEL_FRAMES_PER_S
        frames = min(max(least_frames, int(wanted) // 2 * 2), MOST_MEL_FRAMES)
        mels: list[Floats] = []
        for piece in heard:
            mel: Floats = self._whisper.feature_extractor(piece, padding=SAMPLE_RATE_HZ)[:, :frames]
            mels.append(np.pad(mel, ((0, 0), (0, frames - mel.shape[1]))))
        return self._whisper.model.encode(self._storage(np.stack(mels)), to_cpu=False)

    def _languages(self, encoded: Any) -> list[tuple[Language, float]]:
        """The likelier of our languages, and its share of their probability: Arabic is also heard as its neighbours."""
        return [_likeliest(dict(heard)) for heard in self._whisper.model.detect_language(encoded)]

    def _decode(self, encoded: Any, spoken: Sequence[Language], heard: Sequence[Floats]) -> list[Draft]:
        drafts = self._generate(encoded, spoken, heard)
        for place, draft in enumerate(drafts):
            if stutters(draft.text):
                # The caller may have said it twice; in the whole window the model does not make that up.
                alone = self._encode([heard[place]], least_frames=MOST_MEL_FRAMES)
                drafts[place] = self._generate(alone, [spoken[place]], [heard[place]])[0]
        return [Draft(text="", confidence=0.0, no_speech=1.0) if loops(draft.text) else draft for draft in drafts]

    def _generate(self, encoded: Any, spoken: Sequence[Language], heard: Sequence[Floats]) -> list[Draft]:
        tokenizers = [self._tokenizers[language] for language in spoken]
        prompts: list[list[int]] = [[*one.sot_sequence, one.no_timestamps] for one in tokenizers]
        longest_s = max(len(piece) for piece in heard) / SAMPLE_RATE_HZ
        results = self._whisper.model.generate(
            encoded,
            prompts,
            beam_size=self.beam,
            max_length=len(prompts[0]) + SPARE_TOKENS + int(longest_s * TOKENS_PER_S),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [_draft(tokenizer, result) for tokenizer, result in zip(tokenizers, results, strict=True)]


def _likeliest(heard: dict[str, float]) -> tuple[Language, float]:
    chances = {language: heard.get(f"<|{language}|>", 0.0) for language in Language}
    likeliest = max(chances, key=lambda language: chances[language])
    return likeliest, chances[likeliest] / (sum(chances.values()) or 1.0)


def _draft(tokenizer: Any, result: Any) -> Draft:
    tokens: list[int] = result.sequences_ids[0]
    # The score is the mean over the tokens without the end-of-text token, which was decided as well.
    mean_log_probability = result.scores[0] * len(tokens) / (len(tokens) + 1)
    return Draft(
        text=tokenizer.decode(tokens).strip(),
        confidence=min(1.0, math.exp(mean_log_probability)),
        no_speech=result.no_speech_prob,
    )


def pieces(samples: Floats) -> list[Floats]:
    """The utterance in pieces that Whisper can hear at once, cut where it is quietest."""
    found: list[Floats] = []
    longest, window, step = (int(seconds * SAMPLE_RATE_HZ) for seconds in (PIECE_S, CUT_WITHIN_S, 0.1))
    while len(samples) > longest:
        last = samples[longest - window : longest]
        loudness = np.square(last[: len(last) // step * step].reshape(-1, step)).mean(axis=1)
        cut = longest - window + int(loudness.argmin()) * step + step // 2
        found.append(samples[:cut])
        samples = samples[cut:]
    return [*found, samples]
