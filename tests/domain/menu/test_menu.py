"""The keypad menu, key by key and by any keys at all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.menu import menu, sentences
from domain.menu.kept import fixed
from domain.menu.menu import (
    MOST_FAILURES,
    Finish,
    Menu,
    NoteNumber,
    Offers,
    Place,
    Record,
    Step,
    StopRecording,
    Tell,
    TellHours,
    ToPerson,
)
from domain.speech import Language

EN, AR = Language.EN, Language.AR
KNOWN = Offers(number_known=True)
KEYS = "0123456789*#"
WAIT, GOOD, BAD, BACK = "-", "+", "!", "<"
"""Of a script, beside the keys: nothing pressed; what was begun came to something, or not; no person any more."""


def played(script: str, offers: Offers = KNOWN, *, language: Language = EN, known: bool = True) -> list[Step]:
    steps = [menu.begin(offers, language, known=known)]
    for sign in script:
        steps.append(_next(steps[-1].menu, sign))
    return steps


def _next(at: Menu, sign: str) -> Step:
    match sign:
        case "-":
            return menu.waited(at)
        case "<":
            return menu.returned(at) if at.place is Place.PERSON else Step(at)
        case "+" | "!":
            good = sign == GOOD
            return menu.noted(at, good=good) if at.place is Place.NUMBER else menu.recorded(at, good=good)
        case _:
            return menu.press(at, sign)


def said(step: Step) -> list[str]:
    return [text for do in step.does if isinstance(do, Tell) for _, text in do.said]


def kinds(step: Step) -> list[type]:
    return [type(do) for do in step.does]


@pytest.mark.parametrize(
    ("script", "place", "does"),
    [
        ("1", Place.CHOICE, [TellHours, Tell]),
        ("2", Place.MESSAGE, [Tell, Record]),
        ("2#", Place.MESSAGE, [StopRecording]),
        ("2+", Place.OVER, [Finish]),
        ("2!", Place.CHOICE, [Tell]),
        ("0", Place.PERSON, [ToPerson]),
        ("0<", Place.CHOICE, [Tell]),
        ("9", Place.CHOICE, [Tell]),
        ("*", Place.CHOICE, [Tell]),
        ("7", Place.CHOICE, [Tell]),
        ("-", Place.CHOICE, [Tell]),
        ("7-7", Place.OVER, [Finish]),
        ("7-97-", Place.CHOICE, [Tell]),
        ("---", Place.OVER, [Finish]),
        ("---1", Place.OVER, []),
    ],
)
def test_each_key_leads_where_the_menu_says(script: str, place: Place, does: list[type]) -> None:
    last = played(script)[-1]
    assert (last.menu.place, kinds(last)) == (place, does)


def test_a_wrong_key_is_told_before_the_choices() -> None:
    assert said(played("7")[-1])[0] == sentences.WRONG_KEY[EN]
    assert said(played("-")[-1])[0] == sentences.PRESS_FOR_HOURS[EN]


def test_only_what_is_offered_is_said_and_taken() -> None:
    nothing = Offers(hours=False, messages=False, person=False)
    assert said(played("", nothing)[0]) == [sentences.DOWN[EN], sentences.PRESS_FOR_AGAIN[EN]]
    for key in "012":
        assert said(played(key, nothing)[-1])[0] == sentences.WRONG_KEY[EN]


def test_a_caller_of_unknown_language_chooses_it_and_a_person_needs_none() -> None:
    asked = [sentences.DOWN[EN], sentences.DOWN[AR], sentences.PRESS_FOR_LANGUAGE[EN], sentences.PRESS_FOR_LANGUAGE[AR]]
    assert said(played("", known=False)[0]) == asked
    assert said(played("2", known=False)[-1])[0] == sentences.PRESS_FOR_HOURS[AR]
    assert said(played("1", known=False)[-1])[0] == sentences.PRESS_FOR_HOURS[EN]
    assert kinds(played("0", known=False)[-1]) == [ToPerson]
    goodbye = played("---", replace(KNOWN, number_known=False), language=AR, known=False)[-1].does[0]
    assert goodbye == Finish(sentences.GOODBYE[AR], callback=False)


def test_a_number_is_asked_for_where_none_is_known() -> None:
    unknown = Offers()
    assert said(played("2", unknown)[-1]) == [sentences.ENTER_NUMBER[EN]]
    assert played("2050*0501234567#", unknown)[-1].does == (NoteNumber("0501234567"),)
    assert played("20501234567-", unknown)[-1].does == (NoteNumber("0501234567"),)
    assert played("2" + "5" * 15, unknown)[-1].does == (NoteNumber("5" * 15),)
    assert said(played("2050#", unknown)[-1]) == [sentences.WRONG_NUMBER[EN], sentences.ENTER_NUMBER[EN]]
    with_number = played("20501234567#+", unknown)[-1]
    assert with_number.menu.place is Place.MESSAGE
    assert with_number.menu.offers.number_known
    assert played("2#", unknown)[-1].menu.place is Place.MESSAGE


@pytest.mark.parametrize(
    ("offers", "thanks", "callback"),
    [
        (KNOWN, sentences.THANKS_WE_CALL, True),
        (Offers(), sentences.THANKS, True),
        (replace(KNOWN, callbacks=False), sentences.THANKS, False),
    ],
)
def test_a_message_is_for_somebody_who_calls_back(offers: Offers, thanks: dict[Language, str], callback: bool) -> None:
    script = "2+" if offers.number_known else "2#+"
    assert played(script, offers)[-1].does == (Finish(thanks[EN], callback=callback),)


@pytest.mark.parametrize(
    ("offers", "goodbye", "callback"),
    [
        (KNOWN, sentences.GOODBYE_WE_CALL, True),
        (Offers(), sentences.GOODBYE, False),
        (replace(KNOWN, callbacks=False), sentences.GOODBYE, False),
    ],
)
def test_a_callback_is_promised_only_to_a_number(offers: Offers, goodbye: dict[Language, str], callback: bool) -> None:
    assert played("77-", offers)[-1].does == (Finish(goodbye[EN], callback=callback),)


SCRIPTS = st.text(KEYS + WAIT + GOOD + BAD + BACK, max_size=40)
OFFERS = st.builds(
    Offers,
    hours=st.booleans(),
    messages=st.booleans(),
    person=st.booleans(),
    callbacks=st.booleans(),
    number_known=st.booleans(),
)


@given(script=SCRIPTS, offers=OFFERS, known=st.booleans(), language=st.sampled_from(Language))
def test_whatever_is_pressed(script: str, offers: Offers, known: bool, language: Language) -> None:
    kept, over = set(fixed()), False
    for step, sign in zip(played(script, offers, language=language, known=known), " " + script, strict=True):
        place, does = step.menu.place, step.does
        assert not (over and does)
        over = place is Place.OVER
        assert step.menu.failures < MOST_FAILURES or over
        assert over == any(isinstance(do, Finish) for do in does) or not does
        assert ToPerson not in kinds(step) or (offers.person and sign == "0")
        assert Record not in kinds(step) or (offers.messages and place is Place.MESSAGE)
        assert TellHours not in kinds(step) or offers.hours
        tones = {(each, sentences.TONE[each]) for each in Language}
        for do in does:
            if isinstance(do, Tell):
                assert set(do.said) <= kept | tones
            if isinstance(do, Finish):
                assert (step.menu.language, do.said) in kept
                assert offers.callbacks or not do.callback


@given(script=SCRIPTS, offers=OFFERS, known=st.booleans())
def test_who_presses_nothing_any_more_is_let_go(script: str, offers: Offers, known: bool) -> None:
    at = played(script, offers, known=known)[-1].menu
    # A message, a number that is being noted and a person come to an end by themselves.
    for _ in range(2 * MOST_FAILURES):
        at = menu.returned(at).menu if at.place is Place.PERSON else at
        at = menu.recorded(at, good=False).menu if at.place is Place.MESSAGE else at
        step = menu.waited(at)
        at = menu.noted(step.menu, good=False).menu if NoteNumber in kinds(step) else step.menu
    assert at.place is Place.OVER


@given(script=SCRIPTS, known=st.booleans())
def test_zero_is_a_person_wherever_a_key_is_asked_for(script: str, known: bool) -> None:
    at = played(script, known=known)[-1].menu
    if at.place in (Place.LANGUAGE, Place.CHOICE):
        assert menu.press(at, "0") == Step(replace(at, place=Place.PERSON, failures=0), (ToPerson(),))
