"""A caller by phone while recogniser and voice are away: keys, and a message that becomes words when they are back."""

from __future__ import annotations

import wave
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from grpc.aio import AioRpcError
from temporalio.service import RPCError

from domain.desk.callbacks import CallbackReason
from domain.errors import EngineFailed
from domain.hours import say_now
from domain.menu import sentences
from domain.post_call import VOICE_MESSAGE
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language, Speaker
from domain.tenant import TenantProfile
from engines.remote.link import SpeechLink
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.fallback.health import FAILURES
from realtime.organs import Organs
from realtime.rates import PHONE_TIMES, Up
from realtime.recorded import Recorded
from storage.desk.callbacks import PostgresCallbacks
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls
from tests.engines.speech_service import answering, free_door
from tests.realtime.fallback.phone_worker import PhoneWorker, answering_phones, organs_by
from tests.realtime.phone.handset import Handset
from tests.realtime.phone.sip_peer import SipPhone
from tests.workflows.desk_side import eventually
from tests.workflows.far_side import House, open_house, running_skipping_temporal
from tests.workflows.trunk_office import always_open
from workers.settings import Settings
from workers.speech import loaded
from workflows.post_call import PostCallWorkflow
from workflows.queues import post_call_workflow_id
from workflows.timeouts import MESSAGE_TRIES

pytestmark = [
    pytest.mark.models,
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
]

EN, AR = Language.EN, Language.AR
NUMBER = "+971501234567"
MESSAGE = "Please call me back tomorrow."
IN_ENGLISH = (
    sentences.PRESS_FOR_HOURS,
    sentences.PRESS_FOR_MESSAGE,
    sentences.PRESS_FOR_PERSON,
    sentences.PRESS_FOR_AGAIN,
    sentences.AFTER_THE_TONE,
    sentences.THANKS_WE_CALL,
)
HEARD = (
    ("sorry", "talk", "usual"),
    ("opening", "hours"),
    ("open now", "midnight"),
    ("tone", "hash"),
    ("thank", "call you"),
)
"""A word or the other of each sentence, for a window of the recogniser may cut one."""
HALF = 0.5
"""Of the first sentence, after which a caller knows what to expect."""
WITHIN_S = 60
WINDOW = 8 * SAMPLE_RATE_HZ * 2
"""Bytes of what is recognised at a time."""


@dataclass
class Caller:
    """Who rings, and finds out by listening when to press a key."""

    phone: Handset
    kept: Recorded

    @classmethod
    def of(cls, folder: Path, kept: Recorded) -> Caller:
        folder.mkdir()
        phone = Handset(folder)
        (folder / "accounts").write_text(f"<sip:{NUMBER}@127.0.0.1>;regint=0\n")
        return cls(phone, kept)

    async def leaves_message(self, worker: PhoneWorker, hours: str, message: Path) -> None:
        """In English, after the opening hours; the agent hangs up in the end."""

        async def toned() -> bool:
            return any(sentences.TONE[EN] in turn.text for turn in await worker.turns(Speaker.AGENT))

        await self.phone.call(f"sip:demo@127.0.0.1:{worker.port}")
        await self._hears(sentences.DOWN[EN], HALF)
        self.phone.press("1")
        await self._hears(sentences.PRESS_FOR_HOURS[EN])
        self.phone.press("1")
        await self._hears(hours)
        self.phone.press("2")
        await eventually(toned)
        await self.phone.say(message)
        self.phone.press("#")
        await self.phone.told("terminated")
        await self.phone.close()

    async def understood(self, recogniser: WhisperRecogniser) -> str:
        """All that was heard, in words."""
        sound = Up(PHONE_TIMES).feed(self.phone.heard())
        pieces = [sound[at : at + WINDOW] for at in range(0, len(sound), WINDOW)]
        return " ".join([(await recogniser.transcribe(piece, language=EN)).text.lower() for piece in pieces])

    async def _hears(self, text: str, share: float = 1.0) -> None:
        """So much sound as this share of it lasts."""
        pcm = self.kept.find(text, EN)
        assert pcm is not None, f"this was never made: {text}"
        assert await self.phone.spoken(int(share * len(pcm)) // BYTES_PER_MS, WITHIN_S), f"nobody said: {text}"


async def kept(organs: Organs, profile: TenantProfile) -> str:
    """Have what this caller hears kept as audio; the sentence about the opening hours."""
    hours = say_now(profile, datetime.now(UTC), EN)
    assert hours is not None
    texts = [(EN, each[EN]) for each in IN_ENGLISH]
    for each in (sentences.DOWN, sentences.PRESS_FOR_LANGUAGE):
        texts += list(each.items())
    assert await organs.recorded.prepare(organs.voice, organs.values, [*texts, (EN, hours)]) == []
    return hours


async def spoken_into(path: Path, organs: Organs, text: str) -> Path:
    pcm = b"".join([piece async for piece in organs.voice.speak(text, EN)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(pcm + bytes(2 * SAMPLE_RATE_HZ))
    return path


async def found_out(organs: Organs) -> None:
    """That the recogniser is away, as callers before this one have."""
    for _ in range(FAILURES):
        with pytest.raises(EngineFailed):
            await organs.recogniser.transcribe(bytes(SAMPLE_RATE_HZ * 2))


async def is_back(link: SpeechLink) -> bool:
    try:
        return (await link.describe(5_000)).hears
    except AioRpcError:
        return False


async def tried_in_vain(house: House, call_id: str) -> bool:
    """Whether making words of the message has failed."""
    client, _ = await house.connect()
    post_call = client.get_workflow_handle_for(PostCallWorkflow.run, post_call_workflow_id(call_id))
    try:
        description = (await post_call.describe()).raw_description
    except RPCError:
        return False  # it has not begun
    return any(
        pending.activity_type.name == "transcribe_message" and pending.attempt > 1
        for pending in description.pending_activities
    )


async def test_a_message_left_by_keys_becomes_words_and_a_callback_once_the_recogniser_is_back(
    database: DatabaseUrls, vad: SileroActivity, recogniser: WhisperRecogniser, tmp_path: Path
) -> None:
    door, speaker = free_door(), loaded(Settings().models_dir, 2)
    link = SpeechLink(f"grpc://{door.host}:{door.port}")
    organs = organs_by(link, vad, tmp_path / "recorded")
    caller = Caller.of(tmp_path / "phone", organs.recorded)
    async with AsyncExitStack() as running:
        running.push_async_callback(link.close)
        server = await running.enter_async_context(running_skipping_temporal())
        address = server.client.service_client.config.target_host
        house = await running.enter_async_context(open_house(address, database.app))
        await always_open(house)
        profile = await PostgresTenants(house.database, house.keys).profile(house.tenant_id)
        assert profile is not None
        async with answering(speaker, recogniser, door):
            hours = await kept(organs, profile)
            message = await spoken_into(tmp_path / "message.wav", organs, MESSAGE)
        await found_out(organs)
        worker = await running.enter_async_context(answering_phones(house, organs, tmp_path))
        running.push_async_callback(caller.phone.close)
        await caller.leaves_message(worker, hours, message)

        said = await worker.turns(Speaker.CALLER)
        assert [turn.text for turn in said] == ["1", "1", "2", sentences.VOICE_MESSAGE[EN]]
        await eventually(lambda: tried_in_vain(house, worker.taken[-1]))
        async with answering(speaker, recogniser, door):
            await eventually(lambda: is_back(link))
            await server.sleep(MESSAGE_TRIES.initial_interval)

            async def has_words() -> bool:
                return len(await worker.turns(Speaker.CALLER)) > len(said)

            await eventually(has_words)
        words = (await worker.turns(Speaker.CALLER))[-1]
        assert said[-1].intent == VOICE_MESSAGE
        assert (words.started_ms, words.ended_ms) == (said[-1].started_ms, said[-1].ended_ms)
        assert any(word in words.text.lower() for word in ("call", "back", "tomorrow")), words.text
        (promised,) = await PostgresCallbacks(house.database, house.keys).open_callbacks(house.tenant_id)
        assert (promised.reason, promised.contact) == (CallbackReason.MESSAGE_LEFT, NUMBER)
    heard = await caller.understood(recogniser)
    for one_of in HEARD:
        assert any(word in heard for word in one_of), heard
