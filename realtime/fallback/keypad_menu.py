"""The keypad menu on a line: it takes over when speech fails, and gives way when a caller is understood again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from domain import sentences as line_sentences
from domain.answering.policy import KEY_ZERO
from domain.call import Outcome
from domain.desk.callbacks import CallbackReason, ContactNotes
from domain.errors import HatifError, Rejected
from domain.hours import say_now
from domain.menu import menu, sentences
from domain.menu.menu import Menu, Offers, Place, Step
from domain.moves import Goodbye, Handoff, Move, Say
from domain.post_call import VOICE_MESSAGE
from domain.speech import AudioFrame, Language, TurnKind, Utterance, typed
from domain.wording.politeness import worded
from realtime.course.context import CallContext
from realtime.course.lapses import after_missed
from realtime.course.replies import Replies, saying
from realtime.ear import Heard
from realtime.fallback.health import DOWN_S, Health, Healths
from realtime.fallback.voicemail import Voicemail
from realtime.recorded import Recorded

log = structlog.get_logger()

FAILURES = 2
"""Of this call's speech in a row. The first is apologised for: the next sentence may be understood."""
WAIT_MS = 6_000
"""After what was said, until a key is asked for again; common IVR defaults are 5 to 10 s."""
DIGIT_WAIT_MS = 4_000
"""After a digit: a number is read from somewhere in groups."""
NUMBER_MS = 2_000
"""The longest wait for the store about a caller's number, which takes a few ms."""
MENU = "menu"
"""The intent of what is said in it."""
HOURS = "opening_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What a line's menu needs of its process and its call."""

    recorded: Recorded
    hearing: Health
    speaking: Healths
    language_known: bool
    """Whether the caller's language is more than a guess as the line opens."""
    voicemail: Voicemail | None
    """None where nothing can be kept."""


@dataclass(slots=True, kw_only=True)
class KeypadMenu:
    """One line's. Time is the line's own: it passes by the frames that `takes` is told of."""

    context: CallContext
    fallback: Fallback
    replies: Replies
    contacts: ContactNotes | None
    language: Callable[[], Language]
    said: Callable[[Heard, str | None, str | None], object]
    """Takes what the caller said by a key or after the tone as a turn of theirs, with its text id and intent."""
    answers: Callable[[], bool]
    """Whether the caller is with the agent."""
    wants_callback: CallbackReason | None = None
    """Why somebody has to call once this line has ended."""
    _callback_for: CallbackReason = CallbackReason.NOT_UNDERSTOOD
    _menu: Menu | None = None
    _understood: bool = False
    """The caller has said something, whose language is known."""
    _unheard: int = 0
    _unsaid: int = 0
    _unsaid_ms: int = 0
    _now_ms: int = 0
    _due_ms: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.replies.voiced = self.voiced

    @property
    def active(self) -> bool:
        return self._menu is not None

    @property
    def takes_message(self) -> bool:
        """Whether what the caller says is a message, which nobody answers."""
        return self._menu is not None and self._menu.place is Place.MESSAGE

    # ------------------------------------------------------------ in and out

    def opens(self) -> bool:
        """Begin with the menu instead of a greeting, where speech is known to fail; False: it isn't."""
        if not (self.fallback.hearing.down or self._voiceless(self.language())):
            return False
        return self._begin()

    def unheard(self, *, failed: bool) -> None:
        """Speech was not understood, `failed` because the recogniser broke: apologise, or go on by keys."""
        if not self.answers():
            return
        self._unheard = self._unheard + 1 if failed else 0
        if self._menu is not None:
            self._take(menu.waited(self._menu))
        elif self._unheard < FAILURES or not self._begin():
            self.replies.speak(saying(after_missed(failed, self.language())))

    def understood(self, *, typed: bool) -> None:
        """The caller said something: it is answered, and the menu is over."""
        self._understood = True
        if not typed:
            self._unheard = 0
        if self._menu is not None:
            log.info("keypad_menu_left", call_id=self.context.call_id)
            self._menu = None

    def voiced(self, worked: bool) -> None:
        """A turn of ours was spoken by the voice, or was not because it failed."""
        self._unsaid = 0 if worked else self._unsaid + 1
        self._unsaid_ms = self._now_ms
        if self._unsaid >= FAILURES and self._menu is None and self.answers():
            self._begin()

    def returned(self, opening: list[Say]) -> bool:
        """The caller is with the agent again, who says `opening` first. False: there is no menu to go on with."""
        if self._menu is None:
            return False
        if self.takes_message:
            self._message_over()
            return True
        self._take(menu.returned(self._menu), opening)
        return True

    def mute(self, text: str, language: Language) -> bool:
        """Whether nobody could hear this sentence now: no voice is there, and it is not kept as audio."""
        return self._voiceless(language) and not self._kept(text, language)

    def _kept(self, text: str, language: Language) -> bool:
        said = worded(text, language, self.context.profile.politeness)
        return self.fallback.recorded.find(said, language) is not None

    def _voiceless(self, language: Language) -> bool:
        failed = self._unsaid > 0 and self._now_ms - self._unsaid_ms < DOWN_S * 1000
        return failed or self.fallback.speaking[language].down

    def ended(self) -> None:
        """The call is over; whoever hung up while they spoke has left a message."""
        if self.takes_message:
            self._message_over()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self.fallback.voicemail is not None:
            self.fallback.voicemail.end()

    # ------------------------------------------------------------ while it is active

    def press(self, key: str, now_ms: int) -> bool:
        """False: the key is not for the menu."""
        if self._menu is None or not self.answers():
            return False
        if self.takes_message and not (self.fallback.voicemail and self.fallback.voicemail.taking):
            return True  # it has cut short what is said before the tone
        self._now_ms = now_ms
        self._due_ms = now_ms + (DIGIT_WAIT_MS if self._menu.place is Place.NUMBER else WAIT_MS)
        step = menu.press(self._menu, key)
        if self._menu.place in (Place.LANGUAGE, Place.CHOICE):
            self._keyed(line_sentences.KEY_ZERO[step.menu.language] if key == "0" else key, step.menu.language)
        self._take(step)
        return True

    def takes(self, frame: AudioFrame) -> bool:
        """Time has passed by this frame of the caller's; True: it belongs to their message."""
        self._now_ms = frame.at_ms
        if self._menu is None or not self.answers():
            return False
        if self._menu.place is Place.MESSAGE:
            return self._messages(frame)
        if self.replies.busy or self._tasks:
            self._due_ms = frame.at_ms + WAIT_MS
        elif self._menu.place is Place.OVER:
            self.replies.ends(Outcome.AGENT_SAID_GOODBYE)  # whoever broke off our goodbye has heard enough of it
        elif self._menu.place is Place.PERSON:
            self._take(menu.returned(self._menu))  # broken off before anybody was asked for
        elif frame.at_ms >= self._due_ms:
            self._due_ms = frame.at_ms + WAIT_MS
            self._take(menu.waited(self._menu))
        return False

    # ------------------------------------------------------------ the message

    def _messages(self, frame: AudioFrame) -> bool:
        voicemail = self.fallback.voicemail
        if voicemail is None or self.replies.busy or self._tasks:
            return False
        if not voicemail.taking:
            voicemail.begin(frame.at_ms)
        voicemail.take(frame)
        if voicemail.over(frame.at_ms):
            self._message_over()
        return True

    async def _ready_for_message(self) -> None:
        ready = self.fallback.voicemail is not None and await self.fallback.voicemail.ready()
        if not ready and self._menu is not None:
            self._take(menu.recorded(self._menu, good=False))

    def _message_over(self) -> None:
        voicemail, at = self.fallback.voicemail, self._menu
        message = voicemail.end() if voicemail is not None else None
        if at is None:
            return
        if message is not None:
            utterance = Utterance(
                text=sentences.VOICE_MESSAGE[at.language],
                language=at.language,
                started_ms=message.started_ms,
                ended_ms=message.ended_ms,
            )
            self.said(Heard(utterance, {}), None, VOICE_MESSAGE)
            self._callback_for = CallbackReason.MESSAGE_LEFT
        self._take(menu.recorded(at, good=message is not None))

    # ------------------------------------------------------------ steps

    def _begin(self) -> bool:
        """False: nobody could hear the menu."""
        if any(self.mute(sentences.DOWN[language], language) for language in self._languages()):
            return False
        profile = self.context.profile
        log.warning("keypad_menu", call_id=self.context.call_id, unheard=self._unheard, unsaid=self._unsaid)
        offers = Offers(
            hours=bool(profile.hours),
            messages=self.fallback.voicemail is not None,
            person=profile.handoff,
            callbacks=profile.callbacks,
        )
        self._work(self._look_up_number())
        self._take(menu.begin(offers, self.language(), known=self._languages() == {self.language()}))
        return True

    def _languages(self) -> set[Language]:
        """Those that the caller may speak, and in which there is something to be heard."""
        if self._understood or self.fallback.language_known:
            return {self.language()}
        return {self.language()} | {each for each in Language if self._kept(sentences.DOWN[each], each)}

    def _take(self, step: Step, opening: list[Say] | None = None) -> None:
        before, self._menu = self._menu, step.menu
        moves: list[Move] = [*(opening or ())]
        for do in step.does:
            match do:
                case menu.Tell(said=said):
                    moves += [_say(text, language) for language, text in said]
                case menu.TellHours():
                    moves.append(self._hours(step.menu.language))
                case menu.ToPerson():
                    text, language = sentences.TO_PERSON[step.menu.language], step.menu.language
                    moves.append(Handoff(reason=KEY_ZERO, text=text, language=language))
                case menu.NoteNumber(digits=digits):
                    self._keyed(digits, step.menu.language)
                    self._work(self._note_number(digits))
                case menu.Finish(said=text, callback=callback):
                    self.wants_callback = self._callback_for if callback else None
                    moves.append(Goodbye(text=text, language=step.menu.language))
                case menu.Record():
                    self._work(self._ready_for_message())
                case menu.StopRecording():
                    self._message_over()
                    return
        if moves:
            self.replies.speak(saying(*moves), after=before is None)

    def _hours(self, language: Language) -> Say:
        text = say_now(self.context.profile, datetime.now(UTC), language)
        if text is None or self.mute(text, language):
            return _say(sentences.NO_HOURS[language], language)
        return Say(text=text, language=language, kind=TurnKind.ANSWER, intent=HOURS)

    # ------------------------------------------------------------ the caller's number

    async def _look_up_number(self) -> None:
        if self.contacts is None:
            return
        try:
            async with asyncio.timeout(NUMBER_MS / 1000):
                number = await self.contacts.own_number(self.context.tenant_id, self.context.call_id)
        except (HatifError, TimeoutError) as error:
            log.warning("number_not_known", call_id=self.context.call_id, error=type(error).__name__)
            return
        if number is not None and self._menu is not None:
            self._menu = replace(self._menu, offers=replace(self._menu.offers, number_known=True))

    async def _note_number(self, digits: str) -> None:
        good = False
        if self.contacts is not None:
            try:
                async with asyncio.timeout(NUMBER_MS / 1000):
                    await self.contacts.note_contact(self.context.tenant_id, self.context.call_id, digits, own=False)
                good = True
            except Rejected:
                pass
            except (HatifError, TimeoutError) as error:
                log.warning("contact_not_noted", call_id=self.context.call_id, error=type(error).__name__)
        if self._menu is not None:
            self._take(menu.noted(self._menu, good=good))

    def _keyed(self, text: str, language: Language) -> None:
        self.said(Heard(typed(text, language, self._now_ms), {}), None, None)

    def _work(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _say(text: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.PROMPT, intent=MENU)
