"""Whether suppressing noise helps: `python -m tests.bench.noise` (docs/performance.md has what came of it).

Real recordings with a fan, a street and people talking mixed in, as they are and after each suppressor that is
installed beside the product; none is a part of it: `pip install pywebrtc-audio pyspeex-noise pyrnnoise`. Counts the
recogniser's wrong letters, what the voice detector takes for speech in noise alone and misses in noisy speech, and the
processor's time for 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper.audio import decode_audio

from domain.speech import FRAME_BYTES, SAMPLE_RATE_HZ
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.rates import Down, Up
from tests.bench.turn_taking.sounds import SPEECH_RMS, Samples, at_level, to_pcm
from tests.engines.test_recogniser import ARABIC, ENGLISH, errors, plain
from workers.settings import Settings

AUDIO = Path(os.environ.get("HATIF_TEST_AUDIO", Path(__file__).resolve().parents[3] / "shared" / "audio"))
LEAD_S = 2
"""Of noise alone before each recording: a suppressor learns it there, as in a call it does before the first word."""
SPEECH = 0.5
Suppress = Callable[[bytes], bytes]
"""Takes 20 ms and returns as much, at 16 kHz."""


def webrtc(level: int) -> Suppress:
    process = importlib.import_module("pywebrtc_audio").NoiseSuppressor(sample_rate=SAMPLE_RATE_HZ, level=level).process
    return lambda pcm: process(np.frombuffer(pcm, np.int16)).tobytes()


def speex(down_db: int) -> Suppress:
    process = importlib.import_module("pyspeex_noise").AudioProcessor(0, -down_db).process_10ms
    return lambda pcm: process(pcm[: FRAME_BYTES // 2]) + process(pcm[FRAME_BYTES // 2 :])


def rnnoise() -> Suppress:
    # Its package opens with an audio library and a plotter; the binding to the model needs neither.
    found = importlib.util.find_spec("pyrnnoise")
    assert found is not None and found.origin is not None
    spec = importlib.util.spec_from_file_location("rnnoise", Path(found.origin).with_name("rnnoise.py"))
    assert spec is not None and spec.loader is not None
    binding: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(binding)
    state, up, down = binding.create(), Up(), Down()

    def suppress(pcm: bytes) -> bytes:
        wide = np.frombuffer(up.feed(pcm), np.int16)
        clean = [binding.process_mono_frame(state, wide[at : at + 480])[0] for at in (0, 480)]
        return down.feed(np.concatenate(clean).reshape(-1, 1))

    return suppress


SUPPRESSORS: dict[str, tuple[str | None, Callable[[], Suppress]]] = {
    "none": (None, lambda: lambda pcm: pcm),
    "WebRTC NS, 6 dB": ("pywebrtc_audio", lambda: webrtc(0)),
    "WebRTC NS, 12 dB": ("pywebrtc_audio", lambda: webrtc(1)),
    "WebRTC NS, 18 dB": ("pywebrtc_audio", lambda: webrtc(2)),
    "Speex, 15 dB": ("pyspeex_noise", lambda: speex(15)),
    "Speex, 30 dB": ("pyspeex_noise", lambda: speex(30)),
    "RNNoise": ("pyrnnoise", rnnoise),
}


def fan(size: int) -> Samples:
    """Steady, most of it low."""
    white = np.fft.rfft(np.random.default_rng(1).normal(0, 1, size))
    return np.fft.irfft(white / np.sqrt(1 + np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ) / 200), size)


def street(size: int) -> Samples:
    """Louder and softer within seconds, as cars pass."""
    passing = np.random.default_rng(2).uniform(0.2, 1.5, size // SAMPLE_RATE_HZ + 2)
    return fan(size)[::-1] * np.interp(np.arange(size) / SAMPLE_RATE_HZ, np.arange(len(passing)), passing)


def babble(size: int) -> Samples:
    """The recordings themselves, eight at once and backwards: voices without words."""
    voices = [
        np.resize(np.roll(clip(name)[::-1], 9_000 * n), size) for n, name in enumerate([*ENGLISH, *ARABIC, *ENGLISH])
    ]
    return np.sum(voices, axis=0)


NOISES = {"fan": fan, "street": street, "babble": babble}


def clip(name: str) -> Samples:
    return at_level(decode_audio(str(AUDIO / name)).astype(np.float64))


def noisy(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    loud = noise * (SPEECH_RMS * 10 ** (-snr_db / 20) / np.sqrt(np.square(noise).mean()))
    return np.concatenate([np.zeros(len(noise) - len(speech)), speech]) + loud


@dataclass(slots=True)
class Row:
    suppressor: str
    noise: str
    snr_db: float
    letters: list[float] = field(default_factory=list[float])
    taken_for_speech: list[float] = field(default_factory=list[float])
    missed_speech: list[float] = field(default_factory=list[float])
    frame_us: list[float] = field(default_factory=list[float])

    def json(self) -> dict[str, object]:
        return {
            "suppressor": self.suppressor,
            "noise": self.noise,
            "snr_db": self.snr_db,
            "wrong_letters": round(float(np.mean(self.letters)), 3),
            "noise_taken_for_speech": round(float(np.mean(self.taken_for_speech)), 3),
            "speech_missed": round(float(np.mean(self.missed_speech)), 3),
            "us_per_frame": round(float(np.mean(self.frame_us))),
        }


async def judged(vad: SileroActivity, pcm: bytes) -> np.ndarray:
    stream, size = vad.open(), vad.chunk_samples * 2
    return np.array([await stream.probability(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)])


async def measure(snrs: Sequence[float]) -> list[Row]:
    models = Settings().models_dir
    vad = SileroActivity(verified("silero-vad", models))
    recogniser = WhisperRecogniser(verified("whisper-base", models), deadline_ms=60_000)
    rows: list[Row] = []
    lead = LEAD_S * SAMPLE_RATE_HZ
    chunks = lead // vad.chunk_samples
    for name, (module, make) in SUPPRESSORS.items():
        if module is not None and importlib.util.find_spec(module) is None:
            print(f"{module} is not installed: {name} is left out", file=sys.stderr)
            continue
        for noise, snr_db in [("none", 60.0), *((noise, snr) for noise in NOISES for snr in snrs)]:
            row = Row(name, noise, snr_db)
            rows.append(row)
            for recording, words in (ENGLISH | ARABIC).items():
                speech = clip(recording)
                size = lead + len(speech)
                heard = to_pcm(noisy(speech, NOISES.get(noise, fan)(size), snr_db))
                heard = heard[: len(heard) // FRAME_BYTES * FRAME_BYTES]
                suppress, began_s = make(), time.thread_time()
                clean = b"".join(suppress(heard[at : at + FRAME_BYTES]) for at in range(0, len(heard), FRAME_BYTES))
                row.frame_us.append((time.thread_time() - began_s) * 1e6 * FRAME_BYTES / len(heard))
                transcript = await recogniser.transcribe(clean[lead * 2 :])
                row.letters.append(min(1.0, errors(plain(transcript.text), plain(words))))
                real = (await judged(vad, bytes(2 * lead) + to_pcm(speech))) > SPEECH
                found = (await judged(vad, clean)) > SPEECH
                ends = min(len(real), len(found))
                row.taken_for_speech.append(float(found[:chunks].mean()))
                row.missed_speech.append(float((~found[chunks:ends])[real[chunks:ends]].mean()))
            print(json.dumps(row.json()), file=sys.stderr, flush=True)
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snr", nargs="+", type=float, default=[15, 5], help="dB, of speech over noise")
    options = parser.parse_args(argv)
    print(json.dumps([row.json() for row in asyncio.run(measure(options.snr))], indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
