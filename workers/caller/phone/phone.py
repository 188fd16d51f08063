"""One real SIP call as a caller: `async with Phone(address) as p: await p.greeted(); await p.speak(pcm)`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from baresip import Account, AudioNotActive, AudioRestarted, BaresipError, Config
from baresip.errors import split_status
from baresip.events import Event
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from domain.errors import HatifError, LineBusy, LineLost, Refused
from realtime.rates import PHONE_TIMES, Down, Up
from workers.caller.audio_file import Pcm
from workers.caller.measure import first_sound, speech_end
from workers.caller.phone.address import SipAddress, nobody
from workers.caller.phone.report import PhoneReport, PhoneTurn
from workers.caller.recording import RATE_HZ, Decimator, Recording, to_ms, to_samples

if TYPE_CHECKING:
    from baresip.call import Call
    from baresip.events import StackEvent

CODECS = ("pcmu", "pcma")
POLL_S = 0.01
RINGS_WITHIN_S = 5.0
"""Even a slow exchange says that it rings in a second; an address without a phone never does."""
ANSWERED_WITHIN_S = 30.0
MEDIA_WITHIN_S = 3.0
"""From the far end's answer until sound can flow; it takes 0.2 s, and never happens without a codec in common."""
GREETING_S = 20.0
GREETING_QUIET_MS = 1_500
"""No pause between two sentences of a greeting is this long."""
ANSWER_S = 60.0
"""As by web: a small model on two cores may talk for half of it."""
ANSWER_QUIET_MS = 2_500
"""What was heard is over when it is this long gone; a pause between two sentences of an answer is shorter."""
AHEAD_BYTES = 6_400
"""400 ms of speech lie ready for the stack, so that a busy loop leaves no gap in it."""
HUNG_UP_WITHIN_S = 3.0
_LINE_BYTES_A_SAMPLE = 2 / PHONE_TIMES
"""Of the line's 8 kHz, for one sample of the recording."""


class Phone:
    """A call from its INVITE to its BYE, its recording, and what was measured in it.

    Entering raises SetupError (nobody there), LineBusy, LineLost or Refused (not found, forbidden, declined, codec).
    One at a time in a process: the SIP stack allows no more.
    """

    def __init__(self, address: SipAddress, *, codecs: tuple[str, ...] = CODECS, caller: str = "caller") -> None:
        """`caller` is the user of the From header's address: a number, where there is one."""
        self.report = PhoneReport()
        self.recording = Recording()
        self._address = address
        self._codecs = codecs
        self._caller = caller
        self._runtime = Runtime(native_log_level="error")
        self._call: Call | None = None
        self._rang = asyncio.Event()
        self._answered = asyncio.Event()
        self._over = asyncio.Event()
        self._why = ""
        self._hung_up = False
        self._listening: asyncio.Task[None] | None = None
        self._up, self._origin_s = Up(PHONE_TIMES), 0.0

    async def __aenter__(self) -> Self:
        local = await asyncio.to_thread(self._address.reached_from)
        # Otherwise the stack would listen by TLS and WebSocket, too.
        transports = f"sip_listen {local}:0\nsip_transports udp,tcp\n"
        config = Config(net_interface=local, extra_config_text=transports, rtp_timeout=10)
        await self._runtime.start(config)
        try:
            await self._dial(local)
        except BaseException:
            await self._runtime.close()
            raise
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.hang_up()
            if self._listening is not None:
                self._listening.cancel()
                await asyncio.gather(self._listening, return_exceptions=True)
        finally:
            await self._runtime.close()

    @property
    def ended(self) -> bool:
        return self._over.is_set()

    @property
    def now(self) -> int:
        """The recording's clock: samples since the call was answered."""
        return to_samples((asyncio.get_running_loop().time() - self._origin_s) * 1000)

    async def greeted(self) -> int:
        """Wait until the greeting has been heard to its end; how many milliseconds it lasted, 0 where none came."""
        self.report.greeting_ms = to_ms(await self._heard_out(0, GREETING_S, GREETING_QUIET_MS))
        return self.report.greeting_ms

    async def say(self, pcm: Pcm) -> None:
        """Say mono audio of 48 kHz in real time, and wait for nothing."""
        await self._say(Decimator().feed(pcm[: len(pcm) // 3 * 3]))

    async def speak(self, pcm: Pcm) -> PhoneTurn:
        """Say mono audio of 48 kHz in real time, wait for what comes back, and measure it."""
        pcm = Decimator().feed(pcm[: len(pcm) // 3 * 3])
        began = await self._say(pcm)
        last = speech_end(pcm)
        end = began + (len(pcm) if last is None else last)
        sound = await self._heard_out(end, ANSWER_S, ANSWER_QUIET_MS)
        onset = first_sound(self.recording.received.samples(), end)
        waited = None if onset is None or last is None else to_ms(onset - end)
        turn = PhoneTurn(with_openers_ms=waited, sound_ms=to_ms(sound))
        self.report.turns.append(turn)
        return turn

    async def hang_up(self) -> str:
        """End the call, and return its outcome."""
        if self._call is not None and not self.ended:
            self._hung_up = True
            with suppress(BaresipError):
                await self._call.hangup()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), HUNG_UP_WITHIN_S)
        if self.report.outcome is None:
            lost = "rtp stream error" in self._why
            self.report.outcome = "caller_hung_up" if self._hung_up else "lost" if lost else "ended"
        return self.report.outcome

    # ------------------------------------------------------------ the call

    async def _dial(self, local: str) -> None:
        account = Account(
            user=self._caller,
            domain=local,
            password="",
            reg_interval=0,
            transport="tcp" if self._address.transport == "tcp" else "udp",
            audio_codecs=self._codecs,
        )
        self._runtime.subscribe(self._on_event)  # pyright: ignore[reportUnknownMemberType]
        agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        loop = asyncio.get_running_loop()
        called_s = loop.time()
        try:
            self._call = await agent.dial(str(self._address))  # pyright: ignore[reportUnknownMemberType]
        except BaresipError as error:
            raise LineLost(f"the call could not be placed ({error})") from None
        await self._established()
        if not await self._media(self._call):
            raise self._wrong_codec()
        self._origin_s = loop.time()
        self.report.ringing_ms = round((self._origin_s - called_s) * 1000)
        self.report.sip_call_id = self._call.call_id

    async def _established(self) -> None:
        """Wait for the far end to ring, then to answer."""
        if not await self._first(RINGS_WITHIN_S, self._rang, self._answered, self._over):
            raise nobody(self._address)
        await self._first(ANSWERED_WITHIN_S, self._answered, self._over)
        if self._over.is_set():
            raise self._refusal(*split_status(self._why))
        if not self._answered.is_set():
            raise LineLost(f"{self._address} rang, and nobody picked up within {ANSWERED_WITHIN_S:.0f} s")

    async def _first(self, within_s: float, *events: asyncio.Event) -> bool:
        """Wait for any of the events; whether one came in time."""
        waiting = [asyncio.create_task(event.wait()) for event in events]
        done, _ = await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return bool(done)

    async def _media(self, call: Call) -> bool:
        """Wait until sound can go both ways; False when it never does."""
        until_s = asyncio.get_running_loop().time() + MEDIA_WITHIN_S
        while not self.ended and asyncio.get_running_loop().time() < until_s:
            with suppress(AudioNotActive):
                info = call.audio.info()
                if info.tx_ready and info.rx_ready:
                    return True
            await asyncio.sleep(POLL_S)
        return False

    def _wrong_codec(self) -> Refused:
        return Refused("wrong_codec", f"{self._address} speaks none of {', '.join(self._codecs)}")

    def _refusal(self, status: int | None, reason: str) -> HatifError:
        """What the far end's answer means to whoever called."""
        match status:
            case 486 | 600:
                return LineBusy(f"{self._address} is busy; try again later")
            case 503:
                return LineBusy(f"{self._address} can't take calls now (503 {reason})")
            case 404 | 410 | 484 | 604:
                return Refused("not_found", f"{self._address.user}: there is no such number at {self._address.host}")
            case 401 | 403 | 407:
                return Refused("forbidden", f"{self._address} takes no calls from here ({status})")
            case 415 | 488 | 606:
                return self._wrong_codec()
            case 603:
                return Refused("declined", f"{self._address} declined the call")
            case None if "refused" in reason.lower():
                return nobody(self._address)
            case None:
                return LineLost(f"the call did not come about ({reason or 'no answer'})")
            case _:
                return LineLost(f"{self._address} answered {status} {reason}")

    def _on_event(self, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS | Event.CALL_ANSWERED:
                self._rang.set()
            case Event.CALL_ESTABLISHED:
                # Not left to the call: one that is answered at once is established before there is a call to tell.
                self._answered.set()
            case Event.CALL_CLOSED:
                self._why = event.text or ""
                self._over.set()
            case _:
                pass

    # ------------------------------------------------------------ sound

    async def _listen(self) -> None:
        """Everything that is heard, placed when it came."""
        assert self._call is not None
        while not self.ended:
            with suppress(AudioNotActive, AudioRestarted):
                if pcm := self._call.audio.read(AHEAD_BYTES):
                    heard = np.frombuffer(self._up.feed(pcm), "<i2").astype(np.int16)
                    self.recording.received.put(self.now - len(heard), heard)
            await asyncio.sleep(POLL_S)

    async def _say(self, pcm: Pcm) -> int:
        """Say 16 kHz audio to its end; where in the recording its first sample left."""
        assert self._call is not None
        to_say, said = Down(PHONE_TIMES).feed(pcm[: len(pcm) // PHONE_TIMES * PHONE_TIMES].reshape(-1, 1)), 0
        began: int | None = None
        until_s = asyncio.get_running_loop().time() + MEDIA_WITHIN_S + 2 * len(pcm) / RATE_HZ
        while not self.ended and said < len(to_say) and asyncio.get_running_loop().time() < until_s:
            with suppress(AudioNotActive, AudioRestarted):
                waiting = self._call.audio.info().tx_buffered
                if began is None:
                    began = self.now + round(waiting / _LINE_BYTES_A_SAMPLE)
                if waiting < AHEAD_BYTES:
                    more = to_say[said : said + AHEAD_BYTES - waiting]
                    said += self._call.audio.write(more)  # pyright: ignore[reportUnknownMemberType]
            await asyncio.sleep(POLL_S)
        began = self.now if began is None else began
        self.recording.sent.put(began, pcm)
        with suppress(AudioNotActive, AudioRestarted):
            while not self.ended and self._call.audio.info().tx_buffered:  # noqa: ASYNC110 - nobody is told when
                await asyncio.sleep(POLL_S)
        return began

    async def _heard_out(self, after: int, within_s: float, quiet_ms: int) -> int:
        """Wait for a sound after this sample, and for its end; how many samples it lasted, 0 where none came."""
        received = self.recording.received
        until_s = asyncio.get_running_loop().time() + within_s
        while not self.ended and asyncio.get_running_loop().time() < until_s:
            if received.loud_until > after and self.now - received.loud_until > to_samples(quiet_ms):
                break
            await asyncio.sleep(POLL_S)
        onset = first_sound(received.samples(), after)
        return 0 if onset is None else max(0, received.loud_until - onset)
