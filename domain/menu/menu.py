"""The keypad menu as a machine: keys and waits come in, what to do comes out. Nothing here waits or speaks.

| where | key | |
|---|---|---|
| LANGUAGE | 1, 2 | English, Arabic: the menu |
| CHOICE | 1 | the opening hours, then the menu |
| | 2 | a message: the caller's number first, where none is known |
| | 9, * | the menu again |
| NUMBER | digits, # | the number to call; # alone, or a pause, goes on without one |
| MESSAGE | any | the message is over |
| any but NUMBER | 0 | a person |

A wrong key and a wait without any are failures; the third in a row ends the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.menu import sentences
from domain.speech import Language
from domain.tenant import Words

MOST_FAILURES = 3
LEAST_NUMBER = 7
"""Digits: the shortest numbers that can be called from outside have seven."""
LONGEST_NUMBER = 15
"""Digits of a telephone number, by E.164."""
_LANGUAGES = {"1": Language.EN, "2": Language.AR}


class Place(StrEnum):
    LANGUAGE = "language"
    CHOICE = "choice"
    NUMBER = "number"
    MESSAGE = "message"
    PERSON = "person"
    """With somebody else, or on the way; `returned` leads back."""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What this call's menu can do."""

    hours: bool = True
    messages: bool = True
    person: bool = True
    callbacks: bool = True
    """Whether the tenant has callers called back."""
    number_known: bool = False
    """Whether there is a number on which this caller can be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Where a caller stands."""

    offers: Offers
    language: Language
    place: Place
    failures: int = 0
    """In a row."""
    digits: str = ""


# ---------------------------------------------------------------- what to do


@dataclass(frozen=True, slots=True)
class Tell:
    """Say these, each in its language."""

    said: tuple[tuple[Language, str], ...]


@dataclass(frozen=True, slots=True)
class TellHours:
    pass


@dataclass(frozen=True, slots=True)
class ToPerson:
    """Say that somebody is looked for, and ask for a person."""


@dataclass(frozen=True, slots=True)
class NoteNumber:
    """Keep the number; `noted` takes what came of it."""

    digits: str


@dataclass(frozen=True, slots=True)
class Record:
    """After what is being said: keep what the caller says; `recorded` takes what came of it."""


@dataclass(frozen=True, slots=True)
class StopRecording:
    """The message is over; `recorded` takes what came of it."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Say goodbye and hang up; `callback`: somebody was promised to call."""

    said: str
    callback: bool


Do = Tell | TellHours | ToPerson | NoteNumber | Record | StopRecording | Finish


@dataclass(frozen=True, slots=True)
class Step:
    menu: Menu
    does: tuple[Do, ...] = ()


# ---------------------------------------------------------------- what comes in


def begin(offers: Offers, language: Language, *, known: bool) -> Step:
    """`language` is a guess where it isn't `known`: then the caller chooses it first."""
    menu = Menu(offers=offers, language=language, place=Place.CHOICE if known else Place.LANGUAGE)
    if known:
        return Step(menu, (_tell(menu, sentences.DOWN, *_choices(menu)),))
    each = (language, *(other for other in Language if other is not language))
    down = tuple((one, sentences.DOWN[one]) for one in each)
    return Step(menu, (Tell(down + _languages()),))


def press(menu: Menu, key: str) -> Step:
    """One of `0-9*#`."""
    if key == "0" and menu.place in (Place.LANGUAGE, Place.CHOICE) and menu.offers.person:
        return Step(_at(menu, Place.PERSON), (ToPerson(),))
    match menu.place:
        case Place.LANGUAGE:
            if (language := _LANGUAGES.get(key)) is None:
                return _repeated(menu) if key in "9*" else _failed(menu, sentences.WRONG_KEY)
            chosen = _at(replace(menu, language=language), Place.CHOICE)
            return Step(chosen, (_tell(chosen, *_choices(chosen)),))
        case Place.CHOICE:
            return _chosen(menu, key)
        case Place.NUMBER:
            return _dialled(menu, key)
        case Place.MESSAGE:
            return Step(menu, (StopRecording(),))
        case Place.PERSON | Place.OVER:
            return Step(menu)


def waited(menu: Menu) -> Step:
    """Nothing was pressed for a while after what was said, or after the last digit."""
    match menu.place:
        case Place.LANGUAGE | Place.CHOICE:
            return _failed(menu)
        case Place.NUMBER:
            return _number_over(menu)
        case Place.MESSAGE | Place.PERSON | Place.OVER:
            return Step(menu)


def noted(menu: Menu, *, good: bool) -> Step:
    """What came of NoteNumber."""
    if menu.place is not Place.NUMBER:
        return Step(menu)
    if not good:
        return _failed(menu, sentences.WRONG_NUMBER)
    return _message(replace(menu, offers=replace(menu.offers, number_known=True)))


def recorded(menu: Menu, *, good: bool) -> Step:
    """What came of Record: whether there is a message."""
    if menu.place is not Place.MESSAGE:
        return Step(menu)
    if not good:
        return _failed(_at(menu, Place.CHOICE, failures=menu.failures), sentences.NO_MESSAGE)
    said = sentences.THANKS_WE_CALL if _will_be_called(menu) else sentences.THANKS
    # Without a number somebody may still find one in the message.
    return Step(_at(menu, Place.OVER), (Finish(said[menu.language], callback=menu.offers.callbacks),))


def returned(menu: Menu) -> Step:
    """No person any more: the menu again."""
    again = _at(menu, Place.CHOICE)
    return Step(again, (_tell(again, *_choices(again)),))


# ---------------------------------------------------------------- steps


def _chosen(menu: Menu, key: str) -> Step:
    offers = menu.offers
    if key == "1" and offers.hours:
        again = _at(menu, Place.CHOICE)
        return Step(again, (TellHours(), _tell(again, *_choices(again))))
    if key == "2" and offers.messages:
        if offers.callbacks and not offers.number_known:
            asked = _at(menu, Place.NUMBER)
            return Step(asked, (_tell(asked, sentences.ENTER_NUMBER),))
        return _message(menu)
    if key in "9*":
        return _repeated(menu)
    return _failed(menu, sentences.WRONG_KEY)


def _dialled(menu: Menu, key: str) -> Step:
    if key == "*":
        return Step(replace(menu, digits=""))
    if key == "#":
        return _number_over(menu)
    entered = replace(menu, digits=menu.digits + key)
    return _number_over(entered) if len(entered.digits) >= LONGEST_NUMBER else Step(entered)


def _number_over(menu: Menu) -> Step:
    digits, menu = menu.digits, replace(menu, digits="")
    if not digits:
        return _message(menu)
    if len(digits) < LEAST_NUMBER:
        return _failed(menu, sentences.WRONG_NUMBER)
    return Step(menu, (NoteNumber(digits),))


def _message(menu: Menu) -> Step:
    asked = _at(menu, Place.MESSAGE)
    return Step(asked, (_tell(asked, sentences.AFTER_THE_TONE, sentences.TONE), Record()))


def _repeated(menu: Menu) -> Step:
    return Step(_at(menu, menu.place), (_question(menu),))


def _failed(menu: Menu, *why: Words) -> Step:
    failed = replace(menu, failures=menu.failures + 1)
    if failed.failures < MOST_FAILURES:
        return Step(failed, (_question(failed, *why),))
    called = _will_be_called(failed)
    said = sentences.GOODBYE_WE_CALL if called else sentences.GOODBYE
    return Step(_at(failed, Place.OVER), (Finish(said[failed.language], callback=called),))


def _question(menu: Menu, *before: Words) -> Tell:
    """What is asked where the caller stands."""
    match menu.place:
        case Place.LANGUAGE:
            return Tell(_languages())
        case Place.NUMBER:
            return _tell(menu, *before, sentences.ENTER_NUMBER)
        case Place.CHOICE | Place.MESSAGE | Place.PERSON | Place.OVER:
            return _tell(menu, *before, *_choices(menu))


def _at(menu: Menu, place: Place, *, failures: int = 0) -> Menu:
    return replace(menu, place=place, failures=failures, digits="")


def _will_be_called(menu: Menu) -> bool:
    return menu.offers.callbacks and menu.offers.number_known


def _choices(menu: Menu) -> Sequence[Words]:
    offers = menu.offers
    return [
        *([sentences.PRESS_FOR_HOURS] if offers.hours else []),
        *([sentences.PRESS_FOR_MESSAGE] if offers.messages else []),
        *([sentences.PRESS_FOR_PERSON] if offers.person else []),
        sentences.PRESS_FOR_AGAIN,
    ]


def _languages() -> tuple[tuple[Language, str], ...]:
    return tuple((language, sentences.PRESS_FOR_LANGUAGE[language]) for language in _LANGUAGES.values())


def _tell(menu: Menu, *said: Words) -> Tell:
    return Tell(tuple((menu.language, words[menu.language]) for words in said))
