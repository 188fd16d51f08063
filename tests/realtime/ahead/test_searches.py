"""Searches begun ahead of a turn's end: shared for the same words, dropped when the caller goes on, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from domain.answering.dialogue import Dialogue
from domain.errors import EngineFailed, EngineSlow
from domain.knowledge.document import Passage
from domain.moves import Move
from domain.speech import SAMPLE_RATE_HZ, Language, Transcript
from engines.openai_llm import OpenAiModel
from engines.spoken_values import RuleSpokenValues
from realtime.ahead.searches import SearchesAhead
from realtime.brain import TenantBrain
from realtime.course.own_tools import OwnTools
from tests.domain.profiles import SHOP, said
from tests.realtime.conftest import recording
from tests.realtime.plain import PlainBrain
from tests.realtime.talking import greeted
from tests.realtime.test_brain import MONDAY_NOON, Shelf, a_passage

ASKED = "When do gift cards expire"
PASSAGES = [a_passage("Gift cards expire three years after they were bought.")]
LONG_MS = 60_000


class Searching:
    """Searches that end when a test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, asyncio.Future[list[Passage]]]] = []
        self._another = asyncio.Event()

    async def __call__(self, question: str, deadline_ms: int) -> list[Passage]:
        future: asyncio.Future[list[Passage]] = asyncio.get_running_loop().create_future()
        self.begun.append((question, future))
        self._another.set()
        return await future

    @property
    def questions(self) -> list[str]:
        return [question for question, _ in self.begun]

    async def reached(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.begun) < count:
                self._another.clear()
                await self._another.wait()


async def test_an_answer_takes_the_search_that_is_under_way_for_the_same_words():
    searching = Searching()
    ahead = SearchesAhead(searching)
    ahead.begin(ASKED)
    asking = asyncio.create_task(ahead.found(f"{ASKED}?", LONG_MS))
    await searching.reached(1)
    searching.begun[0][1].set_result(PASSAGES)
    assert await asking == PASSAGES
    assert await ahead.found(ASKED.lower(), LONG_MS) == PASSAGES
    assert searching.questions == [ASKED]
    assert (ahead.guessed, ahead.used) == (1, 1)


async def test_a_guess_of_other_words_is_thrown_away():
    searching = Searching()
    ahead = SearchesAhead(searching)
    ahead.begin("When do gift")
    await searching.reached(1)
    asking = asyncio.create_task(ahead.found(ASKED, LONG_MS))
    await searching.reached(2)
    searching.begun[1][1].set_result(PASSAGES)
    assert await asking == PASSAGES
    assert searching.begun[0][1].cancelled()
    assert (ahead.guessed, ahead.used) == (1, 0)


async def test_a_caller_who_goes_on_ends_a_guess_but_no_search_that_an_answer_waits_for():
    searching = Searching()
    ahead = SearchesAhead(searching)
    ahead.begin(ASKED)
    await searching.reached(1)
    ahead.drop()
    await asyncio.sleep(0)
    assert searching.begun[0][1].cancelled()
    asking = asyncio.create_task(ahead.found(ASKED, LONG_MS))
    await searching.reached(2)
    ahead.drop()
    searching.begun[1][1].set_result(PASSAGES)
    assert await asking == PASSAGES


async def test_a_guess_that_failed_is_searched_for_again():
    searching = Searching()
    ahead = SearchesAhead(searching)
    ahead.begin(ASKED)
    await searching.reached(1)
    searching.begun[0][1].set_exception(EngineFailed("knowledge", "away"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking = asyncio.create_task(ahead.found(ASKED, LONG_MS))
    await searching.reached(2)
    searching.begun[1][1].set_result(PASSAGES)
    assert await asking == PASSAGES


async def test_what_was_found_is_not_good_for_ever(monkeypatch: pytest.MonkeyPatch):
    shelf = Shelf(*PASSAGES)
    ahead = SearchesAhead(lambda question, ms: shelf.search("t", question, limit=3, deadline_ms=ms))
    await ahead.found(ASKED, LONG_MS)
    await ahead.found(ASKED, LONG_MS)
    assert len(shelf.asked) == 1
    monkeypatch.setattr("realtime.ahead.searches.KEPT_S", -1.0)
    await ahead.found(ASKED, LONG_MS)
    assert len(shelf.asked) == 2


async def test_the_answer_waits_no_longer_than_it_may_and_nothing_outlives_the_call():
    searching = Searching()
    ahead = SearchesAhead(searching)
    ahead.begin(ASKED)
    await searching.reached(1)
    with pytest.raises(EngineSlow):
        await ahead.found(ASKED, 0)
    ahead.begin("Where is the lift")
    await searching.reached(2)
    ahead.close()
    await asyncio.sleep(0)
    assert all(future.cancelled() for _, future in searching.begun)


# ---------------------------------------------------------------- in a brain


class Asked:
    """The Knowledge port over a test's searches."""

    def __init__(self, searching: Searching) -> None:
        self.searching = searching

    async def search(self, tenant_id: str, question: str, *, limit: int, deadline_ms: int) -> list[Passage]:
        return await self.searching(question, deadline_ms)


class Undecided:
    """A tenant's own tools, of which none is meant; they find that out when the documents are being searched."""

    def __init__(self, searching: Searching) -> None:
        self.searching = searching

    async def confirmed(self, text: str, dialogue: Dialogue, language: Language) -> list[Move]:
        return []

    async def answer(
        self, text: str, dialogue: Dialogue, language: Language, alike: float
    ) -> AsyncGenerator[Move, None]:
        await self.searching.reached(1)
        self.searching.begun[0][1].set_result(PASSAGES)
        for move in ():
            yield move


async def test_documents_are_searched_beside_the_choice_of_a_tool():
    searching = Searching()
    brain = TenantBrain(
        SHOP,
        cast("OpenAiModel", None),  # never asked: a document answers
        RuleSpokenValues(),
        lambda: MONDAY_NOON,
        knowledge=Asked(searching),
        knowledge_ms=LONG_MS,
        own_tools=cast("OwnTools", Undecided(searching)),
    )
    moves = [move async for move in brain.answer(said("Do gift vouchers expire?"))]
    assert [getattr(move, "text", "") for move in moves] == [PASSAGES[0].answer]
    assert searching.questions == ["Do gift vouchers expire?"]


def a_brain(shelf: Shelf) -> TenantBrain:
    # Its model is never asked: documents and facts answer.
    model = cast("OpenAiModel", None)
    return TenantBrain(SHOP, model, RuleSpokenValues(), lambda: MONDAY_NOON, knowledge=shelf)


async def test_what_was_likely_and_was_said_is_searched_for_once():
    shelf = Shelf(*PASSAGES)
    brain = a_brain(shelf)
    assert brain.expect(said("Do gift vouchers expire")) is None
    moves = [move async for move in brain.answer(said("Do gift vouchers expire?"))]
    brain.close()
    assert [getattr(move, "text", "") for move in moves] == [PASSAGES[0].answer]
    assert shelf.asked == [(SHOP.tenant_id, "Do gift vouchers expire")]


@pytest.mark.parametrize("text", ["How much is delivery?", "4572", "I want to talk to a person"])
async def test_nothing_is_searched_for_where_no_document_will_be_asked(text: str):
    shelf = Shelf(*PASSAGES)
    brain = a_brain(shelf)
    brain.expect(said(text))
    await asyncio.sleep(0)
    brain.close()
    assert shelf.asked == []


async def test_a_mind_that_forgets_or_ends_searches_for_nobody():
    searching = Searching()
    brain = a_brain(cast("Shelf", Asked(searching)))
    brain.expect(said("Do gift vouchers expire"))
    await searching.reached(1)
    brain.forget()
    brain.expect(said("Do gift vouchers expire after"))
    await searching.reached(2)
    brain.close()
    await asyncio.sleep(0)
    assert all(future.cancelled() for _, future in searching.begun)


# ---------------------------------------------------------------- in a call


class Nouns:
    """A recogniser at its port: hears another question each time, and takes no time for it."""

    def __init__(self) -> None:
        self.left = ["fridge", "oven", "lamp", "sofa", "tent", "drill", "carpet", "guitar", "printer", "ladder"]

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        text = f"Where is the {self.left.pop(0)}?"
        return Transcript(text=text, language=Language.EN, language_confidence=1.0, confidence=1.0)


@pytest.mark.models
async def test_the_mind_hears_what_is_likely_and_that_the_caller_goes_on(calling) -> None:
    brain = PlainBrain()
    words = recording("en-lj042-0094.wav")[: 2 * SAMPLE_RATE_HZ]
    async with calling(brain, ears=Nouns()) as call:
        await greeted(call)
        call.line.speak(words)
        call.line.silence(450)
        call.line.speak(words)
        await call.line.told("answered")
        call.line.client({"type": "hangup"})
        await call.outcome()
    *before, last = [text for text in brain.expected if text is not None]
    assert before
    assert last == brain.asked[-1].text
    assert None in brain.expected[: brain.expected.index(last)]
    assert brain.closed
