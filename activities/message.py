"""A voice message becomes words, once the recogniser is there."""

from __future__ import annotations

from temporalio import activity

from activities.analysis import EndedCall
from domain.media.cutting import pieces
from domain.media.recording import VoiceMessages
from domain.ports import CallStore, Recogniser
from domain.post_call import VOICE_MESSAGE
from domain.speech import Language, Speaker, Turn


class MessageActivities:
    """Runs where the recogniser is. Idempotent: a message that has its words is left alone."""

    def __init__(self, calls: CallStore, messages: VoiceMessages, recogniser: Recogniser) -> None:
        self._calls = calls
        self._messages = messages
        self._recogniser = recogniser

    @activity.defn
    async def transcribe_message(self, call: EndedCall) -> None:
        """Raises EngineError while the recogniser is away, Rejected for a recording that was altered."""
        turns = await self._calls.turns(call.tenant_id, call.call_id)
        told = {turn.text_id for turn in turns}
        for message in turns:
            text_id = f"message-{message.lease}-{message.seq}"
            if message.intent != VOICE_MESSAGE or text_id in told:
                continue
            pcm = await self._messages.voice_message(
                call.tenant_id, call.call_id, message.lease, message.started_ms, message.ended_ms
            )
            text, language = await self._words(pcm, message.language)
            if not text:
                continue
            # After the last turn of the same line, so that no number is taken by another.
            seq = max(turn.seq for turn in turns if turn.lease == message.lease) + 1
            words = Turn(
                seq=seq,
                speaker=Speaker.CALLER,
                text=text,
                language=language,
                started_ms=message.started_ms,
                ended_ms=message.ended_ms,
                lease=message.lease,
                text_id=text_id,
            )
            await self._calls.record_turn(call.tenant_id, call.call_id, words)
            turns = [*turns, words]

    async def _words(self, pcm: bytes, language: Language) -> tuple[str, Language]:
        said: list[str] = []
        spoken: Language | None = None
        for piece in pieces(pcm):
            heard = await self._recogniser.transcribe(piece, language=spoken)
            if heard.text:
                spoken = spoken or heard.language
                said.append(heard.text)
        return " ".join(said), spoken or language
