"""The real engines of the hot path, loaded once for all tests of this room."""

import os
from pathlib import Path

import av
import pytest

from domain.speech import SAMPLE_RATE_HZ
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from workers.settings import Settings

AUDIO = Path(os.environ.get("HATIF_TEST_AUDIO", Path(__file__).resolve().parents[3] / "shared" / "audio"))


def read_pcm(path: Path) -> bytes:
    """A file of any format as 16 kHz mono int16."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    pcm = bytearray()
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            for part in resampler.resample(frame):
                pcm += bytes(part.planes[0])[: part.samples * 2]
    return bytes(pcm)


def recording(name: str) -> bytes:
    if not (AUDIO / name).exists():
        pytest.skip(f"the real recording {name} is not on this machine (HATIF_TEST_AUDIO)")
    return read_pcm(AUDIO / name)


@pytest.fixture(scope="session")
def vad() -> SileroActivity:
    return SileroActivity(verified("silero-vad", Settings().models_dir))


@pytest.fixture(scope="session")
def recogniser() -> WhisperRecogniser:
    return WhisperRecogniser(verified("whisper-base", Settings().models_dir))
