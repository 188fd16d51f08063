"""The English voice: Piper, which is GPL-3.0 and so is imported only by the speech process."""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import EngineFailed, SetupError
from domain.speech import Language
from domain.voices.manners import PLAIN, Manner
from engines.lane import Lane
from engines.onnx import onnx_session
from engines.pcm import Floats
from engines.synthesis import STAGE, spoken

VOLUME = 0.8
"""Piper makes the loudest sample full scale, which clips in a telephone codec."""
MOST_LOUDER = 1.1
"""Times: no sample comes near full scale."""


class PiperSpeech:
    """The Voice port over the one voice in `folder`. Raises SetupError where it can't be loaded."""

    languages = frozenset({Language.EN})

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        weights = next(folder.glob("*.onnx"), None)
        if weights is None:
            raise SetupError(f"The voice folder {folder} holds no ONNX file.")
        self._name = weights.stem
        try:
            piper: Any = importlib.import_module("piper")
            config: Any = importlib.import_module("piper.config")
            described = json.loads(weights.with_name(weights.name + ".json").read_text(encoding="utf-8"))
            self._style: Any = config.SynthesisConfig
            self._voice = piper.PiperVoice(
                config=config.PiperConfig.from_dict(described),
                # Its threads would go on spinning after a sentence, on cores that the recogniser and the model need.
                session=onnx_session(weights, threads=threads, spinning=False),
            )
        except Exception as error:
            raise SetupError(f"The English voice {weights} can't be loaded: {type(error).__name__}.") from error
        self._rate_hz = int(self._voice.config.sample_rate)
        self._lane = Lane(STAGE)

    def has_voice(self, name: str) -> bool:
        return name == self._name

    def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        if language not in self.languages or not (voice is None or self.has_voice(voice)):
            raise EngineFailed(STAGE, f"no voice {voice or 'at all'} for {language}")
        own = self._voice.config
        style = self._style(
            volume=VOLUME * min(manner.energy, MOST_LOUDER),
            length_scale=own.length_scale / manner.speed,
            noise_scale=own.noise_scale * manner.energy,
            noise_w_scale=own.noise_w_scale,
        )
        return spoken(self._lane, lambda clause: self._synthesise(clause, style), text, self._rate_hz, manner)

    def _synthesise(self, clause: str, style: Any) -> Floats:
        # Double brackets would be read as phonemes.
        made = self._voice.synthesize(clause.replace("[[", "").replace("]]", ""), style)
        parts: list[Floats] = [part.audio_float_array for part in made]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    def close(self) -> None:
        self._lane.close()
