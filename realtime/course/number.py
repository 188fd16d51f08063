"""Taking down the number on which a held caller is to be called back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from domain.desk import hold_sentences
from domain.desk.callbacks import ContactNotes
from domain.desk.contact import Given, NumberTaken
from domain.errors import HatifError
from domain.line import HeldChoice
from domain.ports import SpokenValues
from domain.speech import Language

log = structlog.get_logger()

NOTED_MS = 2_000
"""The longest wait until a number is in the store, which takes a few ms; without it nothing is promised."""


@dataclass(slots=True, kw_only=True)
class NumberTaking:
    """Of one line. Nothing is kept that the caller has not heard again and agreed to."""

    tenant_id: str
    call_id: str
    contacts: ContactNotes | None
    """None where no number can be kept: then none is taken."""
    values: SpokenValues
    chose: Callable[[HeldChoice], None]
    _taken: NumberTaken = field(default_factory=NumberTaken)

    async def answer(self, text: str, language: Language) -> str:
        """What to reply to the words of a caller who was asked for their number."""
        taken = self._taken = self._taken.after(text, self.values.heard(text, language))
        number = taken.number or ""
        match taken.given:
            case Given.HEARD:
                return hold_sentences.number_in(hold_sentences.NUMBER_HEARD, number, language)
            case Given.UNSURE:
                return hold_sentences.number_in(hold_sentences.RIGHT_OR_WRONG, number, language)
            case Given.WRONG:
                return hold_sentences.RIGHT_NUMBER[language]
            case Given.PART:
                return hold_sentences.PART_OF_NUMBER[language]
            case Given.OTHER:
                return hold_sentences.WHICH_NUMBER[language]
            case Given.NONE:
                self.chose(HeldChoice.NEVER_MIND)
                return hold_sentences.WITHOUT_NUMBER[language]
            case Given.RIGHT:
                self._taken = NumberTaken()
                if not await self._noted(number):
                    return hold_sentences.NUMBER_NOT_NOTED[language]
                self.chose(HeldChoice.CALL_BACK)
                return hold_sentences.NUMBER_NOTED[language]

    def question(self, language: Language) -> str:
        """What is asked again while the caller says nothing."""
        if self._taken.number is not None:
            return hold_sentences.number_in(hold_sentences.RIGHT_OR_WRONG, self._taken.number, language)
        return hold_sentences.WHICH_NUMBER[language]

    async def _noted(self, number: str) -> bool:
        if self.contacts is None:
            return False
        try:
            async with asyncio.timeout(NOTED_MS / 1000):
                await self.contacts.note_contact(self.tenant_id, self.call_id, number)
        except (HatifError, TimeoutError) as error:
            log.warning("contact_not_noted", call_id=self.call_id, error=type(error).__name__)
            return False
        return True
