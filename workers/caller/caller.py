"""One real WebRTC call as a caller: `async with Caller(url) as c: await c.greeted(); await c.speak(pcm)`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import numpy as np
from av import AudioFrame

from domain.errors import HatifError, LineBusy, LineLost, Refused, SetupError
from domain.speech import SAMPLE_RATE_HZ, TurnKind
from workers.caller.audio_file import SEND_RATE_HZ, Pcm, resample
from workers.caller.backoff import wait_before
from workers.caller.exchange import Event, Exchange
from workers.caller.link import Link
from workers.caller.measure import Told, latency
from workers.caller.microphone import Microphone
from workers.caller.recording import SILENT_PEAK, Decimator, Playout, Recording, to_samples
from workers.caller.report import CallReport, TurnReport
from workers.caller.signalling import Signalling
from workers.caller.stream import Stream

MAX_TEXT_CHARS = 1000
"""The protocol's limit on one typed message."""
CONNECT_S = 15.0
"""ICE, DTLS and the data channel take 0.1-0.3 s on loopback; the first call of a worker may load code for a second."""
GREETING_S = 20.0
ANSWER_S = 60.0
"""The whole answer, from the caller's end to its last word: a small model on two cores may talk for half of it."""
UNANSWERED_S = 20.0
"""The same where nothing was heard of the caller: longer than the agent's "are you still there?" takes to come."""
HANG_UP_S = 3.0
REOPEN_S = 6.0
"""A reconnect that isn't open by then has met a worker that is gone as well."""
QUIET_MS = 500
"""An answer is over when `answered` has come and its sound is this long gone: jitter buffer and a sentence's pause."""
PROMPT_QUIET_MS = 2500
"""A prompt to a silent caller has no `answered`; no pause between two of its sentences is this long."""
UNFINISHED_QUIET_MS = 10_000
"""An answer that broke off without `answered`: the longest pause of a small model between two sentences is below."""


class Caller:
    """A call from its offer to its hang-up, its recording, and what was measured in it.

    Entering raises SetupError (no gateway), Refused (wrong tenant, key or offer), LineBusy or LineLost.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        *,
        tenant: str = "demo-shop",
        site_key: str | None = None,
        language: str | None = None,
        insecure: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.report = CallReport()
        self.recording = Recording()
        self.events: list[Event] = []
        """Every message that came, in order."""
        self.hops_ms: dict[str, float] = {}
        """Where placing the call spent its time in the gateway."""
        self.cuts: list[tuple[int, int | None]] = []
        """Each time that the link died: when it was noticed and when another was open, in samples of the recording."""
        self._signalling = Signalling(url, insecure=insecure)
        self._tenant = tenant
        self._site_key = site_key
        self._language = language
        self._on_event = on_event
        self._exchange = Exchange()
        self._greeting = self._exchange
        self._stream = Stream()
        self._something = asyncio.Event()
        self._link: Link | None = None
        self._ice_servers: list[dict[str, Any]] = []
        self._microphone: Microphone
        self._decimator, self._playout = Decimator(), Playout()
        self._asking: asyncio.Task[None] | None = None
        self._lost = False
        self._hung_up = False
        self.origin_s = 0.0
        """The event loop's time at which the recording begins."""

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.hang_up()
        finally:
            await self._close()

    @property
    def ended(self) -> bool:
        """Whether Hatif ended the call, or the connection is gone."""
        return self._lost or self.report.outcome is not None

    @property
    def slipped_ms(self) -> int:
        """How long this machine held up the caller's own audio, in all; figures include it."""
        return self._microphone.slipped_ms

    @property
    def now(self) -> int:
        """The recording's clock: samples since its beginning."""
        return to_samples((asyncio.get_running_loop().time() - self.origin_s) * 1000)

    async def greeted(self) -> str:
        """Wait until the greeting has been heard to its end; "" where none came in time."""
        greeting = self._greeting
        await self._until(lambda: TurnKind.GREETING in greeting.kinds and greeting.agent_seqs != {}, GREETING_S)
        await self._until(lambda: self._quiet(QUIET_MS), GREETING_S)
        self.report.greeting = greeting.answered
        return greeting.answered

    async def speak(self, pcm: bytes | Pcm, rate_hz: int = SAMPLE_RATE_HZ) -> TurnReport:
        """Say mono int16 audio in real time, wait for the whole answer, and measure it."""
        talking = self.start_speaking(pcm, rate_hz)
        await self._until(talking.done, CONNECT_S + 2 * len(pcm) / rate_hz)
        talking.cancel()
        await self._answered()
        # Measured only now: a computation right after the last word would hold up the silence that follows it.
        return self._report(self._microphone.speech_end())

    def start_speaking(self, pcm: bytes | Pcm, rate_hz: int = SAMPLE_RATE_HZ) -> asyncio.Future[None]:
        """Begin to talk, over the agent too, as one more item; cancelling the future stops in mid-word."""
        samples = np.frombuffer(pcm, dtype="<i2") if isinstance(pcm, bytes) else pcm
        self._begin_item()
        return self._microphone.say(resample(samples, rate_hz))

    async def write(self, text: str) -> TurnReport:
        """Type a message, wait for the whole answer, and measure it from the moment of sending.

        Raises Refused for a text that is empty or longer than the protocol allows.
        """
        check_text(text)
        self._begin_item()
        sent = self.now
        self.send({"type": "text", "text": text})
        await self._answered()
        return self._report(sent)

    def send(self, message: dict[str, Any]) -> bool:
        """One message of the data channel, as it is; False while the link is away, and after the call."""
        return not self.ended and self._link is not None and self._link.send(message)

    async def hang_up(self) -> str:
        """End the call, and return its outcome."""
        if not self.ended:
            self.send({"type": "hangup"})
            self._hung_up = True
            await self._until(lambda: False, HANG_UP_S)
        if self.report.outcome is None and self.report.call_id is not None:
            with suppress(HatifError):
                await self._signalling.hang_up(self.report.call_id)
        if self.report.outcome is None:
            self.report.outcome = "caller_hung_up" if self._hung_up else "lost"
        return self.report.outcome

    # ------------------------------------------------------------ the connection

    async def _connect(self) -> None:
        key = self._site_key or await self._signalling.site_key(self._tenant)
        self._ice_servers = await self._signalling.take_token(key)
        self.origin_s = asyncio.get_running_loop().time()
        self._microphone = Microphone(self.recording.sent, self.origin_s, self._something.set)
        link = self._link = self._new_link()
        placed = await self._signalling.place(await link.offer(), self._language)
        self.report.call_id = placed.call_id
        self.hops_ms = placed.hops_ms
        if not await link.accept(placed.answer_sdp, CONNECT_S):
            with suppress(HatifError):
                await self._signalling.hang_up(placed.call_id)
            raise LineLost("the call was accepted, but no media connection came about")

    def _new_link(self) -> Link:
        return Link(self._ice_servers, self._microphone, self, self._stream)

    async def _close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        if self._link is not None:
            await self._link.close()
        await self._signalling.__aexit__(None, None, None)

    def dead(self, link: Link) -> None:
        """See Sink.dead: ask back in, unless the call is over anyway. Also where Hatif asks to move elsewhere."""
        if link is self._link and not self.ended and not self._hung_up and self._asking is None:
            self.cuts.append((self.now, None))
            self._asking = asyncio.create_task(self._ask_back_in())

    async def _ask_back_in(self) -> None:
        """Open another link under the same call, again and again, until one is open or hope is gone."""
        lost_s, attempt = asyncio.get_running_loop().time(), 0
        try:
            while (wait_s := wait_before(attempt, asyncio.get_running_loop().time() - lost_s)) is not None:
                await asyncio.sleep(wait_s)
                attempt += 1
                try:
                    if await self._reopen():
                        return
                except (SetupError, LineBusy):
                    continue
                except Refused as refused:
                    if refused.code in ("unavailable", "internal", "too_many_attempts"):
                        continue
                    break
            self._lost = True
        finally:
            self._asking = None
            self._something.set()

    async def _reopen(self) -> bool:
        assert self.report.call_id is not None
        link = self._new_link()
        earlier = self._link
        try:
            answer = await self._signalling.reconnect(self.report.call_id, await link.offer(), REOPEN_S)
            if earlier is not None:
                earlier.unplug()
            self._link = link
            if await link.accept(answer, REOPEN_S):
                self.cuts[-1] = (self.cuts[-1][0], self.now)
                return True
        except BaseException:
            await link.close()
            raise
        finally:
            if earlier is not None and self._link is link:
                await self._part(earlier)
        return False

    async def _part(self, link: Link) -> None:
        """From a link whose place another has taken."""
        await link.close()

    def frame(self, link: Link, frame: AudioFrame) -> None:
        """See Sink.frame: record what is heard."""
        if link is not self._link:
            return
        samples = np.asarray(frame.to_ndarray(), dtype=np.int16).reshape(-1, len(frame.layout.channels))
        pcm = self._decimator.feed(samples[:, 0])
        silent = int(np.abs(pcm.astype(np.int32)).max(initial=0)) <= SILENT_PEAK
        position = link.base + (frame.pts or 0) * SAMPLE_RATE_HZ // SEND_RATE_HZ
        placed = self.recording.received.put(self._playout.place(self.now, position, silent=silent), pcm)
        self._stream.placed(position, placed)
        self._something.set()

    def message(self, link: Link, message: dict[str, Any]) -> None:
        """See Sink.message."""
        if link is not self._link:
            return
        event = Event(at=self.now, stream_at=self._stream.next, message=message)
        self.events.append(event)
        self._exchange.take(event)
        if event.type == "ended":
            self.report.outcome = str(event.message.get("outcome"))
        if event.type == "move":
            self.dead(link)
        if self._on_event is not None:
            self._on_event(event)
        self._something.set()

    # ------------------------------------------------------------ one item

    def _begin_item(self) -> None:
        if self.ended:
            raise LineLost("the call is over")
        self._exchange = Exchange()

    async def _answered(self) -> None:
        """Wait until what came back for the current item is over."""
        exchange = self._exchange

        def over() -> bool:
            if exchange.complete:
                return self._quiet(QUIET_MS)
            return exchange.spoken_to and self._quiet(UNFINISHED_QUIET_MS if exchange.heard else PROMPT_QUIET_MS)

        if not await self._until(lambda: over() or bool(exchange.heard), UNANSWERED_S):
            return
        await self._until(over, ANSWER_S)

    def _quiet(self, ms: int) -> bool:
        """Whether the received leg has been silent for so long."""
        told = max((sentence.at for sentence in self._exchange.begun), default=0)
        return self.now - max(self.recording.received.loud_until, told) >= to_samples(ms)

    async def _until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Whether the condition came true before the limit and before the call's end; looked at as things arrive."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not condition() and not self.ended:
                    self._something.clear()
                    await self._something.wait()
        return condition()

    def _report(self, caller_end: int | None) -> TurnReport:
        exchange = self._exchange
        waited = None
        if caller_end is not None:
            told = [Told(at=self._stream.heard_at(begun.stream_at), answers=begun.answers) for begun in exchange.begun]
            waited = latency(self.recording.received.samples(), told, caller_end)
        turn = TurnReport(
            heard=exchange.heard,
            language=exchange.language or exchange.agent_language,
            answered=exchange.answered,
            kind=exchange.kind,
            voice_to_voice_ms=None if waited is None else waited.voice_to_voice_ms,
            with_openers_ms=None if waited is None else waited.with_openers_ms,
            stages_ms=exchange.stages_ms,
        )
        self.report.turns.append(turn)
        return turn


def check_text(text: str) -> None:
    """Raises Refused for a text that the protocol does not allow."""
    if not text.strip():
        raise Refused("empty_text", "--text is empty")
    if len(text) > MAX_TEXT_CHARS:
        raise Refused("too_long", f"--text has {len(text)} characters; at most {MAX_TEXT_CHARS} are allowed")
