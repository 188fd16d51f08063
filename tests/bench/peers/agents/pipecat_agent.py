"""An agent by pipecat-ai, as its template makes it, with Hatif's models; runs in an environment of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from offering import Options, options, serve
from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import Frame, TranscriptionFrame, TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.transcriptions.language import Language
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport
from pipecat.turns.user_stop import TurnAnalyzerUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner
from recogniser import Recogniser

TUNED_SILENCE_S = 1.0
"""Smart-turn's fallback where it does not believe in an end; the default is 3 s."""


class Whisper(SegmentedSTTService):
    """Pipecat's own Whisper service decodes with five beams; this one as Hatif does, with one."""

    def __init__(self, recogniser: Recogniser) -> None:
        settings = STTSettings(model="base", language=Language.EN)
        super().__init__(settings=settings, ttfs_p99_latency=1.0)
        self._recogniser = recogniser

    @property
    def wants_wav_segments(self) -> bool:
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame, None]:
        text = await self._recogniser.words(audio)
        if text:
            yield TranscriptionFrame(text, self._user_id, time_now_iso8601(), Language.EN)


def turn_strategies(chosen: Options) -> UserTurnStrategies:
    if chosen.profile == "default":
        return UserTurnStrategies()
    analyzer = LocalSmartTurnAnalyzerV3(cpu_count=2, params=SmartTurnParams(stop_secs=TUNED_SILENCE_S))
    return UserTurnStrategies(stop=[TurnAnalyzerUserTurnStopStrategy(turn_analyzer=analyzer)])


async def converse(chosen: Options, connection: SmallWebRTCConnection) -> None:
    params = TransportParams(audio_in_enabled=True, audio_out_enabled=True)
    transport = SmallWebRTCTransport(webrtc_connection=connection, params=params)
    # The template loads the models of each call anew.
    short_window = chosen.profile == "short-window"
    recogniser = await asyncio.to_thread(Recogniser, chosen.whisper, short_window=short_window)
    llm = OpenAILLMService(
        api_key="none",
        base_url=chosen.llm_url,
        settings=OpenAILLMService.Settings(
            model=chosen.llm_model, system_instruction=chosen.prompt, temperature=0, max_tokens=160
        ),
    )
    tts = PiperTTSService(download_dir=chosen.voice.parent, settings=PiperTTSService.Settings(voice=chosen.voice.stem))
    user, assistant = LLMContextAggregatorPair(
        LLMContext(),
        user_params=LLMUserAggregatorParams(
            vad_analyzer=SileroVADAnalyzer(), user_turn_strategies=turn_strategies(chosen)
        ),
    )
    heard = [transport.input(), Whisper(recogniser), user]
    worker = PipelineWorker(Pipeline([*heard, llm, tts, transport.output(), assistant]), idle_timeout_secs=None)

    @transport.event_handler("on_client_connected")
    async def _connected(_transport: object, _client: object) -> None:
        await worker.queue_frames([TTSSpeakFrame(chosen.greeting)])

    @transport.event_handler("on_client_disconnected")
    async def _gone(_transport: object, _client: object) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def main() -> None:
    chosen = options()
    calls: set[asyncio.Task[None]] = set()

    async def answer(sdp: str) -> str:
        connection = SmallWebRTCConnection()
        await connection.initialize(sdp=sdp, type="offer")
        call = asyncio.create_task(converse(chosen, connection))
        calls.add(call)
        call.add_done_callback(calls.discard)
        answered = connection.get_answer()
        assert answered is not None
        return answered["sdp"]

    serve(chosen.port, answer)


if __name__ == "__main__":
    main()
