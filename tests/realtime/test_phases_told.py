"""What a caller hears about who comes, who else is there, why they wait again, and the number to call."""

from dataclasses import replace

import pytest

from domain.desk import hold_sentences
from domain.line import PHONE, HeldChoice, HeldChoiceMade, HeldReason, Phase, PhaseKind
from domain.speech import Language, TurnKind
from realtime.course.context import DeskSide
from tests.realtime.plain import OneDesk
from tests.realtime.talking import Call, greeted
from tests.realtime.test_phases import HELD, agent_said, held

pytestmark = pytest.mark.models

EN, AR = Language.EN, Language.AR


@pytest.mark.parametrize("away", [False, True])
async def test_a_caller_hears_and_sees_who_comes(calling, away: bool) -> None:
    async with calling(desk=DeskSide(names=OneDesk(away)), speed=16) as call:
        await held(call)
        bridged = Phase(kind=PhaseKind.BRIDGED, number=2, handoff_id="c1-1", advisor_id="aisha")
        await call.conversation.set_phase(bridged)
        told = await call.line.told("phase", phase=PhaseKind.BRIDGED)
        await call.line.told("turn", kind=TurnKind.PROMPT, after=call.line.sent.index(told))
    assert told.get("advisor") == (None if away else {"name": "Aisha"})
    assert agent_said(call)[-1] == hold_sentences.connecting(None if away else "Aisha", EN)


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (HeldReason.ADVISOR_LOST, hold_sentences.ADVISOR_LOST),
        (HeldReason.REQUEUED, hold_sentences.REQUEUED),
        (HeldReason.TAKEN_OVER, hold_sentences.TAKEN_OVER),
    ],
)
async def test_who_is_held_again_hears_why(calling, because: HeldReason, said: dict[Language, str]) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        await call.conversation.set_phase(Phase(kind=PhaseKind.BRIDGED, number=1, handoff_id="c1-1"))
        call.conversation.people_changed(talking=True, supervised=False)
        await call.conversation.set_phase(replace(HELD, number=2, because=because))
        await call.line.told("turn", kind=TurnKind.PROMPT)
    assert agent_said(call)[-1] == said[EN]


async def test_who_was_rung_for_in_vain_hears_that_and_is_given_the_choice(calling) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        await call.conversation.set_phase(Phase(kind=PhaseKind.BRIDGED, number=1, handoff_id="c1-1", advisor_id=PHONE))
        await call.line.told("turn", kind=TurnKind.PROMPT)
        start = len(call.line.sent)
        nobody = replace(HELD, number=2, because=HeldReason.PHONE_UNANSWERED, choose=True)
        await call.conversation.set_phase(nobody)
        await call.line.told("turn", kind=TurnKind.PROMPT, after=start)
    assert agent_said(call)[1:] == [
        hold_sentences.CONNECTING_NOW[EN],
        f"{hold_sentences.PHONE_UNANSWERED[EN]} {hold_sentences.CHOOSE[EN]}",
    ]


async def test_a_supervisor_who_is_heard_is_announced(calling) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        for supervised in (True, True, False):
            start = len(call.line.sent)
            call.conversation.people_changed(talking=supervised, supervised=supervised)
            if supervised is not (len(agent_said(call)) == 2):
                await call.line.told("turn", kind=TurnKind.PROMPT, after=start)
    assert agent_said(call)[1:] == [hold_sentences.SUPERVISOR_JOINED[EN], hold_sentences.SUPERVISOR_LEFT[EN]]


ASKED_NUMBER = replace(HELD, number=2, number_wanted=True)
CALLED = "+971501234567"


async def replies_of(call: Call, *texts: str) -> list[str]:
    """What is replied to each of the texts."""
    replied: list[str] = []
    for text in texts:
        start = len(call.line.sent)
        call.line.client({"type": "text", "text": text})
        await call.line.told("answered", after=start)
        replied.append(agent_said(call)[-1])
    return replied


async def test_a_number_is_read_back_and_kept_before_anything_is_promised(calling) -> None:
    desk = OneDesk()
    async with calling(desk=DeskSide(contacts=desk), speed=16) as call:
        await held(call)
        start = len(call.line.sent)
        await call.conversation.set_phase(ASKED_NUMBER)
        assert (await call.line.told("phase", after=start))["number"] is True
        await call.line.told("turn", kind=TurnKind.PROMPT, after=start)
        asked = f"{hold_sentences.NO_NUMBER_KNOWN[EN]} {hold_sentences.WHICH_NUMBER[EN]}"
        assert agent_said(call)[-1] == asked
        assert await replies_of(call, "050 123", "050 123 4568", "no", "0501234567") == [
            hold_sentences.PART_OF_NUMBER[EN],
            "I have the number 0501234568. Is that right?",
            hold_sentences.RIGHT_NUMBER[EN],
            "I have the number 0501234567. Is that right?",
        ]
        assert (desk.numbers, call.kept.facts) == ([], [])
        assert await replies_of(call, "yes") == [hold_sentences.NUMBER_NOTED[EN]]
    assert desk.numbers == [CALLED]
    assert call.kept.facts == [HeldChoiceMade(lease=1, phase_number=2, choice=HeldChoice.CALL_BACK)]


async def test_arabic_digits_that_are_typed_are_a_number_too(calling) -> None:
    desk = OneDesk()
    async with calling(desk=DeskSide(contacts=desk), speed=16) as call:
        await held(call)
        await call.conversation.set_phase(ASKED_NUMBER)
        assert await replies_of(call, "رقمي ٠٥٠١٢٣٤٥٦٧", "اي صح") == [
            hold_sentences.number_in(hold_sentences.NUMBER_HEARD, CALLED, AR),
            hold_sentences.NUMBER_NOTED[AR],
        ]
    assert desk.numbers == [CALLED]


@pytest.mark.parametrize(
    ("said", "reply", "choice"),
    [
        ("I don't have a number", hold_sentences.WITHOUT_NUMBER[EN], HeldChoice.NEVER_MIND),
        ("ما عندي رقم", hold_sentences.WITHOUT_NUMBER[AR], HeldChoice.NEVER_MIND),
        ("I'll wait", hold_sentences.KEEP_WAITING[EN], HeldChoice.WAIT),
    ],
)
async def test_without_a_number_nothing_is_promised(calling, said: str, reply: str, choice: HeldChoice) -> None:
    async with calling(desk=DeskSide(contacts=OneDesk()), speed=16) as call:
        await held(call)
        await call.conversation.set_phase(ASKED_NUMBER)
        assert await replies_of(call, said) == [reply]
    assert call.kept.facts == [HeldChoiceMade(lease=1, phase_number=2, choice=choice)]


async def test_a_number_that_cannot_be_kept_is_not_promised(calling) -> None:
    async with calling(desk=DeskSide(contacts=OneDesk(away=True)), speed=16) as call:
        await held(call)
        await call.conversation.set_phase(ASKED_NUMBER)
        assert (await replies_of(call, "0501234567", "yes"))[-1] == hold_sentences.NUMBER_NOT_NOTED[EN]
    assert call.kept.facts == []
