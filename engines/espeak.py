"""The Arabic voice: espeak-ng after diacritics; GPL-3.0, so it is loaded only by the speech process."""

from __future__ import annotations

import ctypes
import functools
import importlib
import io
import re
import shutil
import subprocess
import wave
from collections.abc import AsyncIterator
from typing import Any, Protocol

import numpy as np

from domain.errors import EngineFailed, SetupError
from domain.speech import Language
from domain.voices.manners import PLAIN, Manner
from engines.lane import Lane
from engines.pcm import FULL_SCALE, Floats
from engines.synthesis import STAGE, spoken

VOICE = "ar"
WORDS_PER_MINUTE = 150
"""espeak's own 175 runs Arabic words together; 150 is the slow end of a telephone agent's pace."""
PITCH = 42
"""0..100; a little under espeak's 50 sounds less shrill through a telephone."""
PITCH_RANGE = 50
"""0..100, espeak's own: how far the melody goes up and down."""
PROGRAM_LIMIT_S = 10
WAVE_HEADER_BYTES = 44

_AUDIO_RETRIEVAL = 2
_UTF8 = 1
_RATE_PARAMETER, _PITCH_PARAMETER, _RANGE_PARAMETER = 1, 3, 4
_VARIANT = re.compile(r"ar(\+[a-z0-9]{1,12})?")
_ARABIC = re.compile(r"[\u0621-\u064a]")
_TASHKEEL = re.compile(r"[\u064b-\u0652]")
_SHORT_VOWELS_PER_LETTER = 0.2
"""Text with more diacritics than this was vowelled by its author; the model would only worsen it."""


class Backend(Protocol):
    rate_hz: int

    def synthesise(self, text: str, voice: str, manner: Manner = PLAIN) -> Floats: ...


class EspeakLibrary:
    """libespeak-ng out of the espeakng-loader package. Its state is global: one object a process, on one thread."""

    def __init__(self) -> None:
        loader: Any = importlib.import_module("espeakng_loader")
        self._library = ctypes.CDLL(loader.get_library_path())
        self.rate_hz = int(self._library.espeak_Initialize(_AUDIO_RETRIEVAL, 0, loader.get_data_path().encode(), 0))
        if self.rate_hz <= 0:
            raise OSError("espeak-ng found no data")
        self._heard: list[Floats] = []
        callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        # The library keeps the pointer, so this object must keep the callback.
        self._callback = callback_type(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / np.float32(FULL_SCALE))
        return 0

    def synthesise(self, text: str, voice: str, manner: Manner = PLAIN) -> Floats:
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"espeak-ng has no voice {voice}")
        self._library.espeak_SetParameter(_RATE_PARAMETER, round(WORDS_PER_MINUTE * manner.speed), 0)
        self._library.espeak_SetParameter(_RANGE_PARAMETER, round(PITCH_RANGE * manner.energy), 0)
        self._library.espeak_SetParameter(_PITCH_PARAMETER, PITCH, 0)
        self._heard = [np.zeros(0, np.float32)]
        encoded = text.encode()
        if self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None):
            raise RuntimeError("espeak-ng refused the text")
        self._library.espeak_Synchronize()
        return np.concatenate(self._heard)


class EspeakProgram:
    """The espeak-ng program of the operating system, for machines where the library does not load.

    It has no option for the range of its melody, so a manner's energy is lost on it.
    """

    rate_hz = 22_050

    def __init__(self) -> None:
        program = shutil.which("espeak-ng")
        if program is None:
            raise OSError("there is no espeak-ng program")
        self._program = program

    def synthesise(self, text: str, voice: str, manner: Manner = PLAIN) -> Floats:
        options = [
            "-v",
            voice,
            "-s",
            str(round(WORDS_PER_MINUTE * manner.speed)),
            "-p",
            str(PITCH),
            "--stdout",
            "-b",
            "1",
            "--stdin",
        ]
        made = subprocess.run(  # noqa: S603
            [self._program, *options], input=text.encode(), capture_output=True, timeout=PROGRAM_LIMIT_S, check=True
        )
        with wave.open(io.BytesIO(made.stdout)) as audio:
            if audio.getframerate() != self.rate_hz:
                raise RuntimeError(f"espeak-ng speaks at {audio.getframerate()} Hz")
        # The header of a stream promises 2 GiB, so what is there is what counts.
        samples = made.stdout[WAVE_HEADER_BYTES:]
        return np.frombuffer(samples[: len(samples) // 2 * 2], np.int16).astype(np.float32) / np.float32(FULL_SCALE)


class EspeakSpeech:
    """The Voice port for Arabic; `voice` may name a variant such as "ar+f3". Raises SetupError without espeak-ng."""

    languages = frozenset({Language.AR})

    def __init__(self, backend: Backend | None = None) -> None:
        self._backend = backend or _first_backend()
        tashkeel: Any = importlib.import_module("dengjen_tashkeel_py")
        self._tashkeel = tashkeel.tashkeel
        self._lane = Lane(STAGE)

    def has_voice(self, name: str) -> bool:
        return _VARIANT.fullmatch(name) is not None

    def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        name = voice or VOICE
        if language not in self.languages or not self.has_voice(name):
            raise EngineFailed(STAGE, f"no voice {name} for {language}")
        return spoken(
            self._lane,
            lambda clause: self._backend.synthesise(self.vowelled(clause), name, manner),
            text,
            self._backend.rate_hz,
            manner,
        )

    def vowelled(self, text: str) -> str:
        """`text` with the short vowels that Arabic leaves out and that a voice needs."""
        letters = len(_ARABIC.findall(text))
        if not letters or len(_TASHKEEL.findall(text)) > letters * _SHORT_VOWELS_PER_LETTER:
            return text
        return str(self._tashkeel(text))

    def close(self) -> None:
        self._lane.close()


@functools.cache
def espeak_library() -> EspeakLibrary:
    return EspeakLibrary()


def _first_backend() -> Backend:
    failures: list[str] = []
    for backend in (espeak_library, EspeakProgram):
        try:
            return backend()
        except (ImportError, OSError) as error:
            failures.append(str(error))
    raise SetupError(f"The Arabic voice needs espeak-ng ({'; '.join(failures)}): `apt-get install espeak-ng`.")
