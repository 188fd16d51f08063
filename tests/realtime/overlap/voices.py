"""Voices without a voice: pulses at a wandering pitch through wandering formants, in syllables."""

import numpy as np

from domain.speech import SAMPLE_RATE_HZ

SYLLABLE_MS = 180
LOUD = 6_000


def voice(*, seed: int, ms: int) -> np.ndarray:
    """`ms` of one speaker, as float samples in the range of int16."""
    rng = np.random.default_rng(seed)
    pitch_hz = rng.uniform(90, 220)
    said: list[np.ndarray] = []
    size = SYLLABLE_MS * SAMPLE_RATE_HZ // 1000
    phase = 0.0
    for _ in range(-(-ms // SYLLABLE_MS)):
        pitch = pitch_hz * rng.uniform(0.85, 1.2) * np.linspace(1, rng.uniform(0.9, 1.1), size)
        phases = phase + np.cumsum(pitch) / SAMPLE_RATE_HZ
        phase = float(phases[-1])
        pulses = np.diff(np.floor(phases), prepend=np.floor(phases[0])) + rng.normal(0, 0.03, size)
        spectrum = np.fft.rfft(pulses)
        hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
        shape = sum(
            1 / (1 + ((hz - formant) / 90) ** 2)
            for formant in (rng.uniform(300, 800), rng.uniform(900, 2200), rng.uniform(2300, 3400))
        )
        said.append(np.fft.irfft(spectrum * shape, size) * np.hanning(size))
    samples = np.concatenate(said)[: ms * SAMPLE_RATE_HZ // 1000]
    return samples / np.sqrt(np.square(samples).mean()) * LOUD / 3
