"""The phases of a line: with the agent, held, or with people; and what the caller is told on the way between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from domain import sentences
from domain.bridging import LineFactTeller
from domain.desk import hold_sentences
from domain.desk.callbacks import ContactNotes
from domain.line import HandoffRequested, HeldChoice, HeldChoiceMade, HeldReason, Phase, PhaseKind
from domain.menu.spare import spare
from domain.moves import Handoff, Say
from domain.ports import SpokenValues
from domain.speech import Language, TurnKind
from domain.turn_taking.floor import Floor
from realtime.client import Client
from realtime.course.context import CallContext
from realtime.course.held import HeldMind
from realtime.course.replies import Replies, saying
from realtime.course.turns import TurnLog
from realtime.ear import Ear
from realtime.earpiece import Earpiece

log = structlog.get_logger()

COMFORT_EVERY_MS = 25_000
"""Between two messages on hold: callers who hear nothing for half a minute believe that they are forgotten."""
HANDOFF_MS = 8_000
"""From asking for a person until the caller is held; the workflow takes a tenth of a second, and 8 s are dead air."""


@dataclass(slots=True, kw_only=True)
class Phases:
    """Where one line stands. Time is the line's own: `elapsed` is told as it passes."""

    context: CallContext
    values: SpokenValues
    contacts: ContactNotes | None
    language: Callable[[], Language]
    now: Callable[[], datetime]
    """The time of day, aware: for promises."""
    ear: Ear
    earpiece: Earpiece
    replies: Replies
    turns: TurnLog
    client: Client
    facts: LineFactTeller
    go_on: Callable[[list[Say]], None]
    """Say this, then answer what the caller said while nobody answered."""
    phase: Phase = field(init=False)
    held: HeldMind = field(init=False)
    """Answers while the caller waits."""
    mute: Callable[[str, Language], bool] = lambda _, __: False
    """Whether nobody could hear this sentence, because the voice is down."""
    advisor: str | None = None
    """The name of whoever comes, or is there, in this phase."""
    _joined: bool = False
    """Somebody whom the caller hears is on the bridge."""
    _supervised: bool = False
    """A supervisor is among them."""
    _comfort_due_ms: int = 0
    _handoff_due_ms: int | None = None
    _asked: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        self.phase = self.context.phase
        self.held = HeldMind(self.context, self.values, self.contacts, phase=lambda: self.phase, chose=self._chose)

    @property
    def agent_answers(self) -> bool:
        return self.phase.kind is PhaseKind.CONVERSE and self._handoff_due_ms is None

    @property
    def listens_only(self) -> bool:
        """Whether what the caller says is for somebody else's ears, or for the time after the wait."""
        return self.phase.kind is PhaseKind.BRIDGED or self._handoff_due_ms is not None

    @property
    def _waits(self) -> bool:
        """Whether the caller waits for somebody."""
        return self.phase.kind is PhaseKind.HELD or (self.phase.kind is PhaseKind.BRIDGED and not self._joined)

    # ------------------------------------------------------------ from one phase to the next

    def open(self, now_ms: int, *, cut_off: bool) -> None:
        """Begin in a phase that is not the conversation; `cut_off` when an earlier line of this call broke."""
        self._feed()
        if self.advisor is not None:
            self.client.phase(self.phase, self.advisor)
        self.replies.speak(saying(*self._opening(cut_off), self._first_words(now_ms)))

    async def enter(self, phase: Phase, now_ms: int) -> None:
        """Bring the line into a phase; one that is not newer is ignored."""
        if phase.number <= self.phase.number:
            return
        before, self.phase = self.phase, phase
        self._handoff_due_ms = None
        # Whoever was silent on the way here did not leave a question open.
        self.ear.caller_acted(now_ms)
        self.client.phase(phase, self.advisor)
        match phase.kind:
            case PhaseKind.HELD:
                self._feed()
                if before.kind is not PhaseKind.HELD or _asks(phase) not in (None, _asks(before)):
                    self.replies.speak(saying(self._first_words(now_ms)), after=True)
            case PhaseKind.BRIDGED:
                await self.replies.silence()
                self._comfort_due_ms = now_ms + COMFORT_EVERY_MS
                self._feed()
                if self._waits:
                    self.replies.speak(saying(self._prompt(hold_sentences.connecting(self.advisor, self.language()))))
            case PhaseKind.CONVERSE:
                await self.replies.silence()
                self._feed()
                self.resume()

    def resume(self, *, cut_off: bool = False) -> None:
        """Say why the agent answers again."""
        resumed = hold_sentences.resumed(self.phase, self.context.profile, self.language(), self.now())
        # Whoever has a question already, having heard before the agent that they are back, has it answered at once.
        self.go_on([*self._opening(cut_off), self._prompt(resumed)])

    def _opening(self, cut_off: bool) -> list[Say]:
        return [self._prompt(sentences.CUT_OFF[self.language()])] if cut_off else []

    def people_changed(self, talking: bool, *, supervised: bool) -> None:
        """Whether somebody whom the caller can hear is on the bridge, and whether a supervisor is among them."""
        if self.phase.kind is PhaseKind.BRIDGED and talking is not self._joined:
            if talking:
                self.replies.break_off()
            else:
                self._comfort_due_ms = 0
        self._joined = talking
        self._feed()
        if supervised is not self._supervised:
            self._supervised = supervised
            words = hold_sentences.SUPERVISOR_JOINED if supervised else hold_sentences.SUPERVISOR_LEFT
            self.replies.speak(saying(self._prompt(words[self.language()])), after=True)

    def _feed(self) -> None:
        """Music while the caller waits for somebody."""
        if self._waits:
            self.earpiece.hold()
        else:
            self.earpiece.resume()

    # ------------------------------------------------------------ while time passes

    def elapsed(self, now_ms: int) -> None:
        if self._handoff_due_ms is not None and now_ms >= self._handoff_due_ms and not self.replies.busy:
            self._handoff_due_ms = None
            log.warning("handoff_unanswered", call_id=self.context.call_id)
            self.go_on([self._prompt(hold_sentences.REFUSED[self.language()], TurnKind.APOLOGY)])
        if self._waits and now_ms >= self._comfort_due_ms and not self.replies.busy and self.ear.floor is Floor.OPEN:
            self.replies.speak(saying(self._comfort(now_ms)))

    def _first_words(self, now_ms: int) -> Say:
        """Why the caller waits, and what is asked of them, where there is more to say than while they go on waiting."""
        self._comfort_due_ms = now_ms + COMFORT_EVERY_MS
        language = self.language()
        if self.phase.number_wanted:
            return self._prompt(hold_sentences.which_number(self.phase, self.context.profile, language, self.now()))
        again = hold_sentences.held_again(self.phase, language)
        if self.phase.choose and self.phase.because is HeldReason.PHONE_UNANSWERED:
            return self._prompt(f"{again} {self._comfort(now_ms).text}")
        return self._comfort(now_ms) if again is None or self.phase.choose else self._prompt(again)

    def _comfort(self, now_ms: int) -> Say:
        self._comfort_due_ms = now_ms + COMFORT_EVERY_MS
        if self.phase.kind is PhaseKind.HELD and self.phase.number_wanted:
            return self._prompt(self.held.number_question(self.language()))
        callbacks = self.context.profile.callbacks
        return self._prompt(hold_sentences.comfort(self.phase, self.language(), callbacks=callbacks))

    def _prompt(self, text: str, kind: TurnKind = TurnKind.PROMPT) -> Say:
        language = self.language()
        heard = spare(self.phase, language) if self.mute(text, language) else text
        return Say(text=heard, language=language, kind=kind)

    # ------------------------------------------------------------ facts

    def ask_for_person(self, handoff: Handoff, seq: int, now_ms: int) -> None:
        """Tell the workflow, once for each turn of the caller; the agent says no more until the phase comes."""
        if self.phase.kind is PhaseKind.CONVERSE:
            self._handoff_due_ms = now_ms + HANDOFF_MS
        if seq in self._asked:
            return
        self._asked.add(seq)
        self.facts.told(
            self.context.call_id,
            HandoffRequested(
                lease=self.turns.lease,
                seq=seq,
                reason=handoff.reason,
                language=handoff.language,
                urgent=handoff.urgent,
            ),
        )

    def _chose(self, choice: HeldChoice) -> None:
        self.facts.told(
            self.context.call_id,
            HeldChoiceMade(lease=self.turns.lease, phase_number=self.phase.number, choice=choice),
        )


def _asks(phase: Phase) -> str | None:
    """What the caller is asked while they wait."""
    if phase.number_wanted:
        return "number"
    return "choice" if phase.choose else None
