"""What several processes are made of: engines and parts of them, chosen by the settings."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from prometheus_client import REGISTRY, start_http_server

from domain.accounts import Accounts
from domain.errors import HatifError
from domain.menu import kept
from domain.ports import Recogniser, Tenants
from domain.speech import Language
from domain.voices.cloning import ClonedVoices
from engines.kept_voice import KeptVoice
from engines.model_files import located
from engines.openai_llm import OpenAiModel
from engines.remote.consented import ConsentedVoice
from engines.remote.link import SpeechLink
from engines.remote.recogniser import GrpcRecogniser
from engines.remote.voice import GrpcVoice
from engines.remote_speech import RemoteSpeech
from engines.retrieval.remote import RemoteKnowledge
from engines.silero import SileroActivity
from engines.smart_turn import SmartTurn
from engines.spoken_values import RuleSpokenValues
from engines.whisper import WhisperRecogniser
from realtime.brain import warm_prefix
from realtime.fallback.health import Health, WatchedRecogniser, WatchedVoice, healths
from realtime.music import hold_music
from realtime.organs import Organs
from realtime.recorded import Recorded
from workers.process import notify
from workers.settings import Settings
from workers.speaking.link import speech_link
from workers.threads.minds import thinking
from workers.tuning.stepping import LivePace, PacedKnowledge, PacedRecogniser
from workers.vendors.sources import Sources

log = structlog.get_logger()

KEPT_PAUSE_S = 2.0
"""At least, between two sentences that are made to be kept."""
KEPT_PAUSE = 9
"""Times as long as the one before took, so that another worker's caller has nine tenths of the voice."""
KEPT_RETRY_S = 60.0
KEPT_EVERY_S = 3_600.0
"""Opening hours are told for days ahead, and may be changed at any time."""


async def organs(
    settings: Settings, model: OpenAiModel, knowledge: RemoteKnowledge, sources: Sources, voices: ClonedVoices
) -> Organs:
    """The models that all calls of a media process share, loaded and warm.

    Raises SetupError for a model file that is missing or altered; a speech process that is away is only noted, since
    it may come back before the first call.
    """
    vad = SileroActivity(located("silero-vad", settings.models_dir))
    pace = _pace(settings)
    link = speech_link(settings)
    paced, unhurried = await _recognisers(settings, link, pace)
    hearing, speaking = Health(), healths()
    remote = GrpcVoice(link, samples=voices.sample) if link else RemoteSpeech(settings.speech_url)
    kept_voice = KeptVoice(WatchedVoice(remote, speaking), settings.kept_speech_mb * 1_000_000)
    voice = ConsentedVoice(kept_voice, voices.consented if link else None)
    values = RuleSpokenValues()
    recorded = Recorded(settings.data_dir / "recorded")
    failed = await recorded.prepare(voice, values, kept.apologies())
    if failed:
        log.warning("sentences_not_recorded", count=len(failed))
    # Otherwise the garbage collector looks all this over again and again, 110 ms each time without a sound.
    gc.collect()
    gc.freeze()
    return Organs(
        vad=vad,
        turn_end=SmartTurn(located("smart-turn", settings.models_dir)),
        recogniser=WatchedRecogniser(paced, hearing),
        unhurried=WatchedRecogniser(unhurried, hearing),
        voice=voice,
        values=values,
        recorded=recorded,
        hearing=hearing,
        speaking=speaking,
        music=await asyncio.to_thread(hold_music),
        think=thinking(
            model,
            values,
            PacedKnowledge(knowledge, pace),
            settings.knowledge_ms,
            sources,
            writes_answers=settings.knowledge_written,
            model_leads=settings.llm_leads,
        ),
    )


async def _recognisers(settings: Settings, link: SpeechLink | None, pace: LivePace) -> tuple[Recogniser, Recogniser]:
    """For the conversation, and for what nobody waits for. Raises SetupError."""
    if link is not None and settings.asr_remote:
        # Its beam is that of the speech process, which reads the utterances of many workers in one go.
        remote = GrpcRecogniser(link)
        return remote, remote
    recogniser = WhisperRecogniser(
        located(settings.asr_model, settings.models_dir),
        device=settings.asr_device,
        compute_type=settings.asr_compute_type,
        threads=settings.asr_threads,
        beam=settings.asr_beam,
    )
    await recogniser.warm_up()
    return PacedRecogniser(recogniser, pace), recogniser


def _pace(settings: Settings) -> LivePace:
    if settings.media_metrics_port is not None:
        start_http_server(settings.media_metrics_port, addr="127.0.0.1")
    return LivePace(settings.profile, settings.knobs, REGISTRY, notify.profile)


async def warm_prompts(model: OpenAiModel, accounts: Accounts, tenants: Tenants) -> None:
    """Have the model server read each listed tenant's prompt, so that no caller waits for it.

    Takes half a minute a tenant on two cores, so it runs beside the first calls; they fall back on rules meanwhile.
    """
    try:
        for tenant_id in dict.fromkeys(key.tenant_id for key in await accounts.listed_site_keys()):
            if (profile := await tenants.profile(tenant_id)) is not None:
                await model.warm_up(warm_prefix(profile))
    except HatifError as error:
        log.warning("prompts_not_warm", error=type(error).__name__)


async def keep_sentences(organs: Organs, accounts: Accounts, tenants: Tenants, idle: Callable[[], bool]) -> None:
    """Have all that callers must hear without a voice made as audio, for as long as the process lives.

    One at a time, for a tenth of a core at most, and none while this process has calls; what is on disk from earlier is
    not made again.
    """
    while True:
        mute = set[Language]()
        all_known = False
        try:
            for language, text in await _to_keep(accounts, tenants):
                if language not in mute and organs.recorded.find(text, language) is None:
                    await _until(idle)
                    began_s = time.monotonic()
                    if await organs.recorded.prepare(organs.voice, organs.values, [(language, text)]):
                        mute.add(language)
                    await asyncio.sleep(max(KEPT_PAUSE_S, KEPT_PAUSE * (time.monotonic() - began_s)))
            all_known = True
        except (HatifError, OSError) as error:
            log.warning("sentences_not_kept", error=type(error).__name__)
        if mute:
            log.info("sentences_not_kept", languages=sorted(mute))
        await asyncio.sleep(KEPT_EVERY_S if all_known and not mute else KEPT_RETRY_S)


async def _until(idle: Callable[[], bool]) -> None:
    while True:
        if idle():
            return
        await asyncio.sleep(KEPT_PAUSE_S)


async def _to_keep(accounts: Accounts, tenants: Tenants) -> list[kept.Text]:
    """The menu first, then what each listed tenant has to say. Raises Unavailable("postgres", ...)."""
    texts = kept.fixed()
    for tenant_id in dict.fromkeys(key.tenant_id for key in await accounts.listed_site_keys()):
        if (profile := await tenants.profile(tenant_id)) is not None:
            texts += [*kept.fixed(profile.politeness), *kept.of_tenant(profile, datetime.now(UTC))]
    return list(dict.fromkeys(texts))
