"""Speech recognition by Whisper over CTranslate2, in a window as short as the utterance."""

from __future__ import annotations

import importlib
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language, Transcript
from engines.lane import Lane
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


class WhisperRecogniser:
    """The Recogniser port. One model and one thread of work for all calls of the process.

    `folder` is a CTranslate2 Whisper model: base on a CPU with int8, or large-v3-turbo with device "cuda"
    and float16. `beam`: how many readings are followed side by side. Raises SetupError where it can't be loaded.
    """

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 2,
        beam: int = 1,
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
        self._lane = Lane(STAGE)

    async def warm_up(self) -> None:
        """Hear a second of noise in each language, so that the first caller does not pay for memory and caches."""
        noise = np.random.default_rng(1).normal(0, 1_000, SAMPLE_RATE_HZ).astype(np.int16).tobytes()
        for language in Language:
            await self._lane.run(60_000, self._hear, noise, language, threading.Event())

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        deadline_ms = self._deadline_ms + len(pcm) // BYTES_PER_MS * self._deadline_ms_per_s // 1000
        forsaken = threading.Event()
        try:
            return await self._lane.run(deadline_ms, self._hear, pcm, language, forsaken)
        finally:
            forsaken.set()

    def close(self) -> None:
        self._lane.close()

    def _hear(self, pcm: bytes, language: Language | None, forsaken: threading.Event) -> Transcript:
        """Stops at the next step once nobody waits for it: whoever went on speaking is heard again soon."""
        samples = to_floats(pcm)
        sure = 1.0 if language else 0.0
        if is_silence(samples):
            return _nothing(language, sure)
        drafts: list[Draft] = []
        spoken = language
        for piece in pieces(samples):
            encoded = self._encode(piece)
            if forsaken.is_set():
                break
            if spoken is None:
                # The first piece decides for the whole utterance.
                spoken, sure = self._language(encoded)
            draft = self._decode(encoded, spoken, piece)
            if draft.text and not is_unfounded(draft.text, draft.confidence, draft.no_speech):
                drafts.append(draft)
        if not drafts:
            return _nothing(spoken, sure=1.0 if language else 0.0)
        return Transcript(
            text=" ".join(draft.text for draft in drafts),
            language=spoken or Language.EN,
            language_confidence=sure,
            confidence=sum(draft.confidence for draft in drafts) / len(drafts),
        )

    def _encode(self, piece: Floats, *, least_frames: int = LEAST_MEL_FRAMES) -> Any:
        """Encoded mel of only as many frames as the piece needs, instead of Whisper's 30 s: five times faster."""
        wanted = (len(piece) / SAMPLE_RATE_HZ + SPARE_S) * MEL_FRAMES_PER_S
        frames = min(max(least_frames, int(wanted) // 2 * 2), MOST_MEL_FRAMES)
        mel: Floats = self._whisper.feature_extractor(piece, padding=SAMPLE_RATE_HZ)[:, :frames]
        mel = np.pad(mel, ((0, 0), (0, frames - mel.shape[1])))
        return self._whisper.model.encode(self._storage(mel[None]), to_cpu=False)

    def _language(self, encoded: Any) -> tuple[Language, float]:
        """The likelier of our languages, and its share of their probability: Arabic is also heard as its neighbours."""
        heard: dict[str, float] = dict(self._whisper.model.detect_language(encoded)[0])
        chances = {language: heard.get(f"<|{language}|>", 0.0) for language in Language}
        likeliest = max(chances, key=lambda language: chances[language])
        return likeliest, chances[likeliest] / (sum(chances.values()) or 1.0)

    def _decode(self, encoded: Any, language: Language, piece: Floats) -> Draft:
        draft = self._generate(encoded, language, len(piece) / SAMPLE_RATE_HZ)
        if stutters(draft.text):
            # The caller may have said it twice; in the whole window the model does not make that up.
            encoded = self._encode(piece, least_frames=MOST_MEL_FRAMES)
            draft = self._generate(encoded, language, len(piece) / SAMPLE_RATE_HZ)
        return Draft(text="", confidence=0.0, no_speech=1.0) if loops(draft.text) else draft

    def _generate(self, encoded: Any, language: Language, duration_s: float) -> Draft:
        tokenizer = self._tokenizers[language]
        prompt: list[int] = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        result = self._whisper.model.generate(
            encoded,
            [prompt],
            beam_size=self.beam,
            max_length=len(prompt) + SPARE_TOKENS + int(duration_s * TOKENS_PER_S),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens: list[int] = result.sequences_ids[0]
        # The score is the mean over the tokens without the end-of-text token, which was decided as well.
        mean_log_probability = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Draft(
            text=tokenizer.decode(tokens).strip(),
            confidence=min(1.0, math.exp(mean_log_probability)),
            no_speech=result.no_speech_prob,
        )


def _nothing(language: Language | None, sure: float) -> Transcript:
    return Transcript(text="", language=language or Language.EN, language_confidence=sure, confidence=0.0)


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
