"""A held caller's mind: it understands wishes about the waiting itself, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from domain.answering import sayings
from domain.answering.held import HeldSaid
from domain.answering.policy import EMERGENCY
from domain.answering.replies import wish_while_held
from domain.desk import hold_sentences
from domain.desk.callbacks import ContactNotes
from domain.line import HeldChoice, Phase
from domain.moves import Goodbye, Handoff, Move, Say
from domain.ports import SpokenValues
from domain.speech import Language, Turn, TurnKind, Utterance
from realtime.course.context import CallContext
from realtime.course.number import NumberTaking

_NOT_THE_NUMBER = (HeldSaid.GOODBYE, HeldSaid.EMERGENCY, HeldSaid.HOW_LONG, HeldSaid.KEEP_WAITING)
"""Wishes that are heard as ever while the caller is asked for a number."""


class HeldMind:
    """Implements the Brain port while a caller waits."""

    def __init__(
        self,
        context: CallContext,
        values: SpokenValues,
        contacts: ContactNotes | None,
        *,
        phase: Callable[[], Phase],
        chose: Callable[[HeldChoice], None],
    ) -> None:
        self._profile = context.profile
        self._number = NumberTaking(
            tenant_id=context.tenant_id,
            call_id=context.call_id,
            contacts=contacts,
            values=values,
            chose=self._choose,
        )
        self._phase = phase
        self._chose = chose
        self._chosen: int | None = None
        """The number of the phase in which the caller chose: once is enough."""

    async def answer(self, utterance: Utterance) -> AsyncIterator[Move]:
        phase, language = self._phase(), utterance.language
        said = wish_while_held(utterance.text, asked=phase.choose)
        if phase.number_wanted and said not in _NOT_THE_NUMBER:
            yield _prompt(await self._number.answer(utterance.text, language), language)
            return
        match said:
            case HeldSaid.CALLBACK if not self._profile.callbacks:
                waits = hold_sentences.comfort(phase, language, callbacks=False)
                yield _prompt(f"{hold_sentences.NO_CALLBACKS[language]} {waits}", language)
            case HeldSaid.CALLBACK:
                self._choose(HeldChoice.CALL_BACK)
                yield _prompt(hold_sentences.CHOSEN[language], language)
            case HeldSaid.NEVER_MIND:
                self._choose(HeldChoice.NEVER_MIND)
                yield _prompt(hold_sentences.CHOSEN[language], language)
            case HeldSaid.GOODBYE:
                yield Goodbye(text=sayings.GOODBYE[language], language=language)
            case HeldSaid.EMERGENCY:
                text = sayings.emergency(self._profile, language)
                yield Handoff(reason=EMERGENCY, text=text, language=language, urgent=True)
            case HeldSaid.KEEP_WAITING:
                if phase.number_wanted:
                    self._choose(HeldChoice.WAIT)
                yield _prompt(hold_sentences.KEEP_WAITING[language], language)
            case HeldSaid.HOW_LONG:
                yield _prompt(hold_sentences.how_long(phase, language), language)
            case HeldSaid.STILL_THERE:
                yield _prompt(f"{hold_sentences.STILL_HERE[language]} {self._comfort(phase, language)}", language)
            case HeldSaid.OTHER if self._chosen == phase.number:
                yield _prompt(hold_sentences.CHOSEN[language], language)
            case HeldSaid.OTHER:
                yield _prompt(self._comfort(phase, language), language)

    def heard(self, turn: Turn) -> None:
        """Nothing that was said before changes what a held caller wishes."""

    def advised(self, text: str) -> None:
        """The people at work speak to the agent, who isn't answering now."""

    def number_question(self, language: Language) -> str:
        """What a caller who was asked for a number, and says nothing, is asked again."""
        return self._number.question(language)

    def _choose(self, choice: HeldChoice) -> None:
        number = self._phase().number
        if self._chosen != number:
            self._chosen = number
            self._chose(choice)

    def _comfort(self, phase: Phase, language: Language) -> str:
        callbacks = self._profile.callbacks
        if phase.choose:
            return hold_sentences.choose_again(language, callbacks=callbacks)
        return hold_sentences.comfort(phase, language, callbacks=callbacks)


def _prompt(text: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.PROMPT)
