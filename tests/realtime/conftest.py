"""The real engines of the hot path, loaded once for all tests of this room."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import pytest

from domain.acting.action import ActionDoer
from domain.line import LineRequest, Phase
from domain.ports import Recogniser, Voice
from domain.speech import SAMPLE_RATE_HZ, Language, Turn
from domain.tenant import TenantProfile
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.course.context import DeskSide
from realtime.fallback.health import Health
from realtime.organs import Records, Tapes, assemble
from realtime.recorded import Recorded
from realtime.witness import Witness
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import PROFILE, KeptTurns, PlainBrain, plain_organs
from tests.realtime.talking import Call
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


@pytest.fixture
def calling(vad: SileroActivity, recogniser: WhisperRecogniser):
    @asynccontextmanager
    async def start(
        brain: PlainBrain | None = None,
        *,
        voice: Voice | None = None,
        ears: Recogniser | None = None,
        history: list[Turn] | None = None,
        phase: Phase | None = None,
        desk: DeskSide | None = None,
        profile: TenantProfile = PROFILE,
        tapes: Tapes | None = None,
        doer: ActionDoer | None = None,
        recorded: Recorded | None = None,
        hearing: Health | None = None,
        language: Language | None = None,
        speed: float = 4,
    ) -> AsyncIterator[Call]:
        line, kept, mind = OfflineLine(speed), KeptTurns(), brain or PlainBrain()
        call = Call(line, mind, kept)
        call.conversation, call.people = assemble(
            LineRequest(call_id="c1", tenant_id=PROFILE.tenant_id, lease=1, phase=phase or Phase(), language=language),
            profile,
            line,
            plain_organs(vad, ears or recogniser, mind, voice=voice, recorded=recorded, hearing=hearing),
            Records(
                recorder=kept, facts=kept, witness=Witness(call.audit), desk=desk or DeskSide(), tapes=tapes, doer=doer
            ),
        )
        call.task = asyncio.create_task(call.conversation.run(history or []))
        try:
            yield call
        finally:
            await line.close()
            call.conversation.close()
            await call.people.close(lost=False)
            await asyncio.wait({call.task}, timeout=30)
            call.task.cancel()
            await asyncio.gather(call.task, return_exceptions=True)

    return start
