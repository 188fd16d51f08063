"""What a living call is made of: the organs that all calls of a process share, and how one call is put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from domain.acting.action import ActionDoer
from domain.bridging import LineFactTeller
from domain.line import LineRequest
from domain.media.recording import Consents, Recordings
from domain.ports import Brain, LineFacts, Recogniser, SpokenValues, TurnEndModel, TurnRecorder, Voice, VoiceActivity
from domain.speech import Language
from domain.tenant import TenantProfile
from domain.voices.cloning import of_tenant
from realtime.bridge import Bridge
from realtime.client import Client
from realtime.conversation import Conversation
from realtime.course.consent import RecordingConsent
from realtime.course.context import CallContext, DeskSide, name_of
from realtime.course.turns import TurnLog
from realtime.ear import Ear
from realtime.earpiece import Earpiece
from realtime.fallback.health import Health, Healths, healths
from realtime.fallback.keypad_menu import Fallback
from realtime.fallback.voicemail import Voicemail
from realtime.line import Line
from realtime.mouth import Mouth
from realtime.people import People
from realtime.phone.line import PhoneLine
from realtime.recorded import Recorded
from realtime.recorder import CallRecorder
from realtime.witness import Witness


class Facts(LineFacts, LineFactTeller, Protocol):
    """Where lines put all that their workflows want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organs:
    """What every call of this process shares: models, and how a call's mind is made."""

    vad: VoiceActivity
    recogniser: Recogniser
    voice: Voice
    values: SpokenValues
    recorded: Recorded
    think: Callable[[TenantProfile], Brain]
    music: bytes
    """For callers on hold: a loop of whole frames."""
    unhurried: Recogniser | None = None
    """The recogniser for what no caller waits for: how long that takes says nothing about the calls."""
    hearing: Health = field(default_factory=Health)
    """How the recogniser fares; where nobody tells it, it is well."""
    speaking: Healths = field(default_factory=healths)
    """The same of the voice."""
    turn_end: TurnEndModel | None = None
    """Hears whether a turn is over; without it words and silence decide alone."""

    def ear(self, language: Language | None) -> Ear:
        return Ear(self.vad.open(), self.vad.chunk_samples, self.recogniser, language, self.turn_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapes:
    """Where calls are recorded, and the proof that they may be."""

    recordings: Recordings
    consents: Consents


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Where every call of this process puts what happened, and finds what happened elsewhere."""

    recorder: TurnRecorder
    facts: Facts
    witness: Witness
    desk: DeskSide = field(default_factory=DeskSide)
    tapes: Tapes | None = None
    doer: ActionDoer | None = None
    """Who has actions done in other systems."""


def assemble(
    request: LineRequest, profile: TenantProfile, line: Line, organs: Organs, records: Records
) -> tuple[Conversation, People]:
    """One call's organs, joined over its line."""
    language = request.language or profile.default_language
    ear = organs.ear(language)
    mouth = Mouth(
        line=line,
        voice=organs.voice,
        values=organs.values,
        recorded=organs.recorded,
        voices=of_tenant(profile.voices, profile.tenant_id),
        started=ear.agent_started,
        stopped=ear.agent_stopped,
        saying=ear.agent_says,
        politeness=profile.politeness,
    )
    client, bridge = Client(line, callbacks=profile.callbacks), Bridge()
    consent = _consent(request, profile, line, client, records.tapes)
    context = CallContext(
        call_id=request.call_id,
        tenant_id=request.tenant_id,
        lease=request.lease,
        profile=profile,
        language=language,
        phase=request.phase,
    )
    conversation = Conversation(
        context=context,
        line=line,
        client=client,
        ear=ear,
        mouth=mouth,
        earpiece=_earpiece(line, mouth, bridge, organs, ear, consent),
        brain=organs.think(profile),
        turns=TurnLog(
            tenant_id=request.tenant_id,
            call_id=request.call_id,
            lease=request.lease,
            recorder=records.recorder,
            facts=records.facts,
            client=client,
        ),
        facts=records.facts,
        witness=records.witness,
        values=organs.values,
        desk=records.desk,
        consent=consent,
        doer=records.doer,
        fallback=_fallback(request, line, ear, organs, records.tapes),
    )
    people = People(
        call_id=request.call_id,
        name_of=lambda user_id: name_of(user_id, context, records.desk.names),
        bridge=bridge,
        client=client,
        facts=records.facts,
        lease=lambda: conversation.lease,
        make_ear=organs.ear,
        changed=conversation.people_changed,
        said=conversation.heard_person,
        saying=conversation.hears_person,
        now_ms=lambda: line.now_ms,
    )
    return conversation, people


def _earpiece(
    line: Line, mouth: Mouth, bridge: Bridge, organs: Organs, ear: Ear, consent: RecordingConsent | None
) -> Earpiece:
    hear = consent.recorder.take if consent is not None else None
    elsewhere = line.music if isinstance(line, PhoneLine) else None
    return Earpiece(line, mouth, bridge, organs.music, ear.sent, hear, elsewhere)


def _fallback(request: LineRequest, line: Line, ear: Ear, organs: Organs, tapes: Tapes | None) -> Fallback:
    voicemail = None
    if tapes is not None:
        voicemail = Voicemail(recorder=_recorder(request, line, tapes), floor=lambda: ear.floor)
    return Fallback(
        recorded=organs.recorded,
        hearing=organs.hearing,
        speaking=organs.speaking,
        language_known=request.language is not None,
        voicemail=voicemail,
    )


def _recorder(request: LineRequest, line: Line, tapes: Tapes) -> CallRecorder:
    return CallRecorder(
        tapes.recordings,
        tenant_id=request.tenant_id,
        call_id=request.call_id,
        lease=request.lease,
        now_ms=lambda: line.now_ms,
    )


def _consent(
    request: LineRequest, profile: TenantProfile, line: Line, client: Client, tapes: Tapes | None
) -> RecordingConsent | None:
    if tapes is None or not profile.recording:
        return None
    return RecordingConsent(
        tenant_id=request.tenant_id,
        call_id=request.call_id,
        consents=tapes.consents,
        recorder=_recorder(request, line, tapes),
        client=client,
    )
