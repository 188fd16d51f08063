"""Whether a promised callback is dialled by itself, what is said then, and what its result means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.desk.callbacks import CallbackReason, Contact
from domain.outbound.calling_out import OutboundResult
from domain.outbound.opening import reaching_out
from domain.outbound.promised import AfterDial, DialNow, after_dial, dial_now, opening_of
from domain.speech import Language
from domain.tenant import CallbackDialling
from tests.domain.test_calling_out import NUMBER, SHOP

BY_HAND, AGENT, ADVISOR = CallbackDialling
REACHABLE = Contact(number=NUMBER)


@pytest.mark.parametrize(
    ("who", "contact", "ready", "now"),
    [
        (BY_HAND, REACHABLE, True, DialNow.NO),
        (AGENT, REACHABLE, False, DialNow.YES),
        (AGENT, Contact(), True, DialNow.NO),
        (AGENT, replace(REACHABLE, call_lives=True), True, DialNow.NO),
        (ADVISOR, REACHABLE, True, DialNow.YES),
        (ADVISOR, REACHABLE, False, DialNow.LATER),
        (ADVISOR, replace(REACHABLE, call_lives=True), False, DialNow.NO),
    ],
)
def test_whether_it_is_dialled_now(who: CallbackDialling, contact: Contact, ready: bool, now: DialNow) -> None:
    assert dial_now(replace(SHOP, callback_dialling=who), contact, is_anybody_ready=ready) is now


@pytest.mark.parametrize("reason", CallbackReason)
@pytest.mark.parametrize("language", Language)
def test_whoever_picks_up_hears_who_calls_and_why_but_nothing_private(
    reason: CallbackReason, language: Language
) -> None:
    shop = replace(SHOP, name={Language.EN: "Al Noor", Language.AR: "النور"}, callback_dialling=AGENT)
    opening = opening_of(reason, shop, language, "A red washing machine.")
    assert opening.language is language
    assert shop.name[language] in opening.text
    assert "washing" not in opening.text
    assert opening.about == "A red washing machine."
    to_advisor = opening_of(reason, replace(shop, callback_dialling=ADVISOR), language, None)
    assert to_advisor.text != opening.text
    assert len({opening_of(each, shop, language, None).text for each in CallbackReason}) == len(CallbackReason)


@pytest.mark.parametrize("language", Language)
def test_whoever_is_called_for_a_reason_that_nobody_gave_hears_who_calls(language: Language) -> None:
    shop = replace(SHOP, name={Language.EN: "Al Noor", Language.AR: "النور"}, default_language=language)
    opening = reaching_out(shop)
    assert opening.language is language
    assert shop.name[language] in opening.text
    assert opening.text not in {opening_of(reason, shop, language, None).text for reason in CallbackReason}
    assert opening.about is None


@pytest.mark.parametrize(
    ("result", "then"),
    [
        (OutboundResult.ANSWERED, AfterDial.KEPT),
        (OutboundResult.MACHINE, AfterDial.TRIED),
        (OutboundResult.BUSY, AfterDial.TRIED),
        (OutboundResult.NO_ANSWER, AfterDial.TRIED),
        (OutboundResult.DO_NOT_CALL, AfterDial.TRIED),
        (OutboundResult.NO_LINE, AfterDial.AGAIN),
        (OutboundResult.NO_ROOM, AfterDial.AGAIN),
        (OutboundResult.TOO_MANY, AfterDial.AGAIN),
        (OutboundResult.UNKNOWN, AfterDial.BY_PEOPLE),
        (OutboundResult.NOT_ALLOWED, AfterDial.BY_PEOPLE),
        (OutboundResult.STOPPED, AfterDial.BY_PEOPLE),
    ],
)
def test_a_machine_and_a_busy_line_are_tries_and_what_may_have_rung_is_left_to_people(
    result: OutboundResult, then: AfterDial
) -> None:
    assert after_dial(result) is then
