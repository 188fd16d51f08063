"""What the agent does in other systems during a call, and when the caller hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain.acting.action import ActAsked, ActionStart, ActionState, ActResult
from domain.acting.perform import Deed, perform
from domain.actions import action_key
from domain.answering import tickets
from domain.crm import Crm
from domain.errors import EngineFailed, LineLost
from domain.moves import Act, Move, Say
from domain.sentences import STILL_THERE
from domain.speech import Language, Speaker, Turn, TurnKind, Utterance
from domain.tenant import TenantProfile
from engines.openai_llm import OpenAiModel
from realtime.brain import TenantBrain
from realtime.course.errands import Errands
from tests.connectors.vendors import VENDORS, Vendor, open_house
from tests.domain.acting.books import Book, Promises
from tests.domain.profiles import SHOP
from tests.engines.model_server import Script, serving
from tests.realtime.plain import PlainBrain, ToneVoice
from tests.realtime.talking import greeted
from tests.realtime.test_brain import MONDAY_NOON, VALUES

pytestmark = pytest.mark.models
EN = Language.EN
MADE = tickets.MADE[EN].format(reference="4711")
UNDER_WAY = tickets.UNDER_WAY[EN]
A_SECOND = 50
"""Of the line's own time, in frames: somebody who is told something by then hears it."""


class Office:
    """The durable side: an action is done when the test lets it be."""

    def __init__(self) -> None:
        self.asked: list[ActAsked] = []
        self.begun = asyncio.Event()
        self.done = asyncio.Event()
        self.gone = False
        self._keys: dict[str, int] = {}

    async def act(self, call_id: str, asked: ActAsked) -> ActResult:
        self.asked.append(asked)
        self.begun.set()
        if self.gone:
            raise LineLost("over")
        await self.done.wait()
        known = asked.subject in self._keys
        self._keys.setdefault(asked.subject, 4711 + len(self._keys))
        return ActResult(
            key="k",
            action=asked.action,
            state=ActionState.DONE,
            reference=str(self._keys[asked.subject]),
            known=known,
        )


async def opens(utterance: Utterance) -> AsyncIterator[Move]:
    if "ticket" in utterance.text:
        yield Say(text="one moment", language=EN, kind=TurnKind.FILLER)
        yield Act(action="create_ticket", slots={"subject": "fridg leak", "trouble": utterance.text})
    else:
        yield Say(text=f"you said {utterance.text}", language=EN)


def typed(call, text: str) -> None:
    call.line.client({"type": "text", "text": text})


async def test_the_result_is_said_in_the_same_answer(calling) -> None:
    office = Office()
    office.done.set()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("answered")
    turn = call.of(Speaker.AGENT)[-1]
    assert turn.text == f"one moment {MADE}"
    assert (turn.kind, turn.intent) == (TurnKind.ANSWER, tickets.TICKET_MADE)
    assert list(turn.stages_ms) == ["brain", "tool", "tts", "filler"]
    (asked,) = office.asked
    assert (asked.lease, asked.subject, dict(asked.slots)) == (1, "fridg leak", {"trouble": "a ticket please"})


async def test_a_result_that_comes_late_is_told_by_itself_and_once(calling) -> None:
    office = Office()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await asyncio.wait_for(office.begun.wait(), 20)
        # Talked over before its result: both are answered together, and the result still is not there.
        typed(call, "and the hours")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=f"one moment {UNDER_WAY}")
        office.done.set()
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=MADE)
        typed(call, "thank you")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text="you said thank you")
    assert len(office.asked) == 1


async def test_a_result_does_not_come_between_a_question_and_its_answer(calling) -> None:
    office = Office()

    async def asks(utterance: Utterance) -> AsyncIterator[Move]:
        if utterance.text.endswith("hours"):
            yield Say(text="on which day", language=EN, kind=TurnKind.CLARIFY)
        else:
            async for move in opens(utterance):
                yield move

    async with calling(PlainBrain(asks), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await asyncio.wait_for(office.begun.wait(), 20)
        typed(call, "and the hours")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text="on which day")
        office.done.set()
        for _ in range(A_SECOND):
            await call.line.passed()
        typed(call, "friday")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=f"{MADE} you said friday")


class AtVendor:
    """The durable side without its procedure: each asking goes to the vendor under its key, as a retry does."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self.done: list[ActResult] = []
        self.begun, self.may = asyncio.Event(), asyncio.Event()

    async def act(self, call_id: str, asked: ActAsked) -> ActResult:
        self.begun.set()
        await self.may.wait()
        key = action_key(call_id, asked.action, {"subject": asked.subject}, repeat=asked.repeat)
        start = ActionStart(
            tenant_id=SHOP.tenant_id,
            call_id=call_id,
            key=key,
            action=asked.action,
            slots=asked.slots,
            lease=asked.lease,
            language=asked.language,
        )
        deed = Deed(start=start, profile=SHOP, vendor=self._crm, visits=Book(), callbacks=Promises())
        reference = await perform(deed)
        self.done.append(ActResult(key=key, action=asked.action, state=ActionState.DONE, reference=reference))
        return self.done[-1]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
async def test_a_caller_who_interrupts_has_one_ticket_at_each_vendor_and_the_next_answer_names_it(
    calling, vendor: Vendor
) -> None:
    async with open_house(vendor) as house, serving(Script()) as url:
        doer = AtVendor(house.crm())
        profile = replace(SHOP, actions=(tickets.CREATE_TICKET,))
        model = OpenAiModel(url, "embedded")
        brain = TenantBrain(profile, model, VALUES, lambda: MONDAY_NOON, errands=unbooked(profile))
        async with calling(brain, doer=doer) as call:
            await greeted(call)
            typed(call, "Open a ticket, my fridge is leaking. My number is 050 123 4567.")
            await asyncio.wait_for(doer.begun.wait(), 20)
            # Over the words that announce it, the same again; over its result, something else.
            again = "I said a ticket please, the fridge leaks!"
            typed(call, again)
            await call.line.told("transcript", speaker=Speaker.CALLER, final=True, text=again)
            doer.may.set()
            await call.line.told("speaking", kind=TurnKind.ANSWER)
            typed(call, "How much is delivery?")
            (reference,) = {result.reference for result in doer.done}
            names_it = f"{tickets.MADE[EN].format(reference=reference)} Delivery costs 35 dirhams."
            await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=names_it)
        await model.close()
        assert [count for key, count in house.fake.effects.items() if key] == [1]


def unbooked(profile: TenantProfile) -> Errands:
    """Of a company without visits; here it takes down the telephone number."""

    async def nobody(tenant_id: str) -> None:
        return None

    return Errands(profile, VALUES, lambda: MONDAY_NOON, Book(), nobody)


async def test_what_was_asked_for_twice_and_not_heard_is_told_once(calling) -> None:
    office = Office()
    office.done.set()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("speaking", kind=TurnKind.ANSWER)
        # Over its result: the same again, and over that something else.
        typed(call, "I said a ticket")
        await call.line.told("transcript", speaker=Speaker.CALLER, text="I said a ticket", final=True)
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=MADE)
        typed(call, "thank you")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text="you said thank you")
    assert len(office.asked) == 2


async def test_a_result_that_was_heard_is_not_told_again_where_what_follows_it_is_cut_off(calling) -> None:
    office = Office()
    office.done.set()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("speaking", kind=TurnKind.ANSWER)
        typed(call, "thank you")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=False, text=f"{MADE} you said thank you")
        typed(call, "once more")
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text="you said once more")


class Stumbling(ToneVoice):
    """Can't say that the ticket is made, the first time."""

    stumbled = False

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        if text == MADE and not self.stumbled:
            self.stumbled = True
            raise EngineFailed("tts", "gone")
        async for piece in super().speak(text, language):
            yield piece


async def test_a_result_that_the_voice_failed_to_say_is_told_into_the_silence(calling) -> None:
    office = Office()
    office.done.set()
    async with calling(PlainBrain(opens), doer=office, voice=Stumbling()) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("speaking", kind=TurnKind.APOLOGY)
        asked = f"{MADE} {STILL_THERE[EN]}"
        await call.line.told("transcript", speaker=Speaker.AGENT, final=True, text=asked)


async def test_what_is_said_again_while_it_is_under_way_is_not_begun_again(calling) -> None:
    office = Office()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await asyncio.wait_for(office.begun.wait(), 20)
        typed(call, "I said a ticket")
        await call.line.told("transcript", speaker=Speaker.CALLER, text="I said a ticket", final=True)
        office.done.set()
        await call.line.told("turn", kind=TurnKind.ANSWER, intent=tickets.TICKET_MADE)
    assert len(office.asked) == 1


async def test_what_was_done_before_is_told_as_such(calling) -> None:
    office = Office()
    office.done.set()
    async with calling(PlainBrain(opens), doer=office) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("turn", intent=tickets.TICKET_MADE)
        typed(call, "a ticket please, again")
        await call.line.told("turn", intent=tickets.TICKET_KNOWN)
    assert tickets.KNOWN[EN].format(reference="4711") in call.of(Speaker.AGENT)[-1].text


@pytest.mark.parametrize("gone", [True, False])
async def test_where_nothing_can_be_done_the_caller_is_told_so(calling, gone: bool) -> None:
    office = Office()
    office.gone = True
    async with calling(PlainBrain(opens), doer=office if gone else None) as call:
        await greeted(call)
        typed(call, "a ticket please")
        await call.line.told("answered")
    assert call.of(Speaker.AGENT)[-1].text.endswith(tickets.NOT_POSSIBLE[EN])


async def test_a_question_with_only_a_filler_behind_it_is_answered_after_a_cut(calling) -> None:
    office = Office()
    office.done.set()
    asked = Turn(seq=1, speaker=Speaker.CALLER, text="a ticket please", language=EN, started_ms=0, ended_ms=1)
    moment = Turn(
        seq=2,
        speaker=Speaker.AGENT,
        text="one moment",
        language=EN,
        started_ms=2,
        ended_ms=3,
        kind=TurnKind.FILLER,
    )
    async with calling(PlainBrain(opens), doer=office, history=[asked, moment]) as call:
        await call.line.told("turn", intent=tickets.TICKET_MADE)
    assert MADE in call.of(Speaker.AGENT)[-1].text
