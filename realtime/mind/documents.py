"""Answers from the tenant's documents: quoted as they stand, or written from them where a model for that is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from domain.answering import sayings
from domain.answering.decision import CERTAIN, DOUBTFUL
from domain.answering.dialogue import KNOWLEDGE_PREFIX
from domain.answering.likeness import Likely
from domain.answering.spelling import script_of
from domain.errors import EngineError
from domain.knowledge import written
from domain.knowledge.document import Passage
from domain.knowledge.judging import RELEVANT, SURE, best_to_say
from domain.knowledge.ports import Knowledge
from domain.moves import Say
from domain.ports import LanguageModel
from domain.speech import Language, TurnKind
from domain.wording.politeness import Politeness
from realtime.ahead.searches import SearchesAhead
from realtime.mind.filler import with_filler
from realtime.mind.took import Took

log = structlog.get_logger(__name__)

PASSAGES = 3
WRITTEN_FILLER_MS = 350
"""Silence of the model after which the caller hears a comfort phrase: it is due 1.2 s after the caller's last word, and
noticing the end took 0.64 s, the search 0.07 s, and the phrase needs 0.1 s to be heard."""


@dataclass(slots=True, kw_only=True)
class DocumentAnswers:
    """One call's. A document is only ever data: no rule, no action and no other prompt takes a word of it."""

    knowledge: Knowledge
    tenant_id: str
    deadline_ms: int
    writer: LanguageModel | None = None
    """Writes answers from passages; None: the best sentence is spoken as it stands."""
    politeness: Politeness = Politeness.EVERYDAY
    """Of what is written."""
    ahead: SearchesAhead = field(init=False)

    def __post_init__(self) -> None:
        self.ahead = SearchesAhead(self._search)

    async def _search(self, question: str, deadline_ms: int) -> list[Passage]:
        return await self.knowledge.search(self.tenant_id, question, limit=PASSAGES, deadline_ms=deadline_ms)

    def expect(self, question: str, ranked: Sequence[Likely]) -> None:
        """Search beside what else is being decided, where no fact settles it, and it is not only a number."""
        if script_of(question) is not None and (not ranked or ranked[0].score < CERTAIN):
            self.ahead.begin(question)

    async def looked_up(self, question: str, alike: float, took: Took) -> list[Passage] | None:
        """Nothing where a fact settles it; None where the documents are away.

        `alike` is how much the question is like a fact of the tenant's, here and below.
        """
        if alike >= CERTAIN:
            return []
        with took.stage("retrieval"):
            return await self.found(question)

    async def found(self, question: str) -> list[Passage] | None:
        """None where the search is late or broken: then nobody knows what the documents say."""
        try:
            return await self.ahead.found(question, self.deadline_ms)
        except EngineError as error:
            log.warning("brain_without_knowledge", stage=error.stage, error=type(error).__name__)
            return None

    def close(self) -> None:
        """The call is over."""
        ahead = self.ahead
        if ahead.guessed:
            log.info("searched_ahead", guessed=ahead.guessed, used=ahead.used, thrown_away=ahead.guessed - ahead.used)
        ahead.close()

    async def say(
        self, question: str, passages: Sequence[Passage], alike: float, language: Language, took: Took
    ) -> AsyncGenerator[Say]:
        """The answer, if a passage is sure enough: nothing where none is, or the writer finds none that answers."""
        needed = SURE if alike >= DOUBTFUL else RELEVANT
        best = best_to_say(passages, language, needed)
        if best is None:
            return
        if self.writer is None:
            for say in quoted(best, language):
                yield say
            return
        sure = [passage for passage in passages if passage.score >= needed]
        with took.stage("llm"):
            async with aclosing(self._written(self.writer, question, sure, best, language)) as said:
                async for say in said:
                    yield say

    async def _written(
        self, writer: LanguageModel, question: str, passages: Sequence[Passage], best: Passage, language: Language
    ) -> AsyncGenerator[Say]:
        """Clause by clause with the source that it cites; the quote instead where the writer fails or strays."""
        asked = written.messages(question, passages, language, self.politeness)
        shape = written.schema(len(passages))
        answer = writer.complete(asked, schema=shape, max_tokens=written.ANSWER_TOKENS)
        reader = written.AnswerReader(passages, language)
        spoken = False
        try:
            async with aclosing(with_filler(answer, language, WRITTEN_FILLER_MS, lambda: spoken)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Say):
                        yield piece
                        continue
                    reader.feed(piece)
                    for clause in reader.clauses():
                        spoken = True
                        yield _from(reader.cited or best, clause, language)
                    if reader.refused or reader.cites == 0:
                        break
                else:
                    reader.close()
        except EngineError as error:
            log.warning("brain_without_writer", stage=error.stage, error=type(error).__name__)
            reader.refused = True
        if reader.refused:
            for say in quoted(best, language):
                yield say


def quoted(passage: Passage, language: Language) -> list[Say]:
    """The sentence that answers, as it stands there; announced where it is in the other language."""
    spoken_in = script_of(passage.answer) or language
    quote = _from(passage, passage.answer, spoken_in)
    if spoken_in is language:
        return [quote]
    return [Say(text=sayings.IN_OTHER_LANGUAGE[language], language=language, intent=quote.intent), quote]


def _from(passage: Passage, text: str, language: Language) -> Say:
    intent = f"{KNOWLEDGE_PREFIX}{passage.source}"
    return Say(text=text, language=language, kind=TurnKind.ANSWER, intent=intent)
