"""The brain: policy, then records and facts by rule, then documents, then the model where a doubt is left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from domain import hours, sentences
from domain.acting.amounts import amount_to_move
from domain.acting.orders import OrderBook
from domain.answering import policy, prompt, sayings, slots, tickets
from domain.answering.decision import CANDIDATES, CERTAIN, DOUBTFUL, Doubt, settle
from domain.answering.dialogue import (
    ASK_NUMBER,
    RECORD_STATUS,
    SMALLTALK,
    UNKNOWN,
    Dialogue,
)
from domain.answering.escalation import above_limit
from domain.answering.follow_up import whole_question
from domain.answering.holidays import day_named
from domain.answering.likeness import Likely, Likeness
from domain.answering.move_reader import MoveReader, split_sentences
from domain.errors import EngineError, EngineFailed
from domain.knowledge.document import Passage
from domain.knowledge.ports import Knowledge
from domain.mood.watch import MoodWatch
from domain.moves import Act, Goodbye, Move, Say
from domain.ports import ChatMessage, LanguageModel, SpokenValues
from domain.speech import Language, Turn, TurnKind, Utterance
from domain.tenant import TenantProfile
from domain.texting import talk as texting
from realtime.course.errands import Errands
from realtime.course.orders import OrderDesk
from realtime.course.own_tools import OwnTools
from realtime.mind.documents import DocumentAnswers
from realtime.mind.filler import with_filler
from realtime.mind.proposals import allowed
from realtime.mind.took import Took

log = structlog.get_logger(__name__)

FILLER_MS = 1_200
"""Silence after which the caller hears that somebody is there; see domain/pace/opener.py."""
KNOWLEDGE_MS = 150
"""For the documents, before the model is asked: a search takes 30-60 ms, and later the caller waits for nothing."""
MEANT_BY_ITSELF = 0.55
"""Likeness from which words in answer to an open question are a question of their own: a day, a time or a number that
answers has less, and "when do you open on Friday" has more."""
HOURS = "hours"
"""The intent that also says whether it is open at this moment, where the profile has hours."""


class TenantBrain:
    """Implements the Brain port for one call. It has no clock but `now`, and changes only by finished turns."""

    def __init__(
        self,
        profile: TenantProfile,
        model: LanguageModel,
        values: SpokenValues,
        now: Callable[[], datetime],
        *,
        knowledge: Knowledge | None = None,
        knowledge_ms: int = KNOWLEDGE_MS,
        orders: OrderBook | None = None,
        own_tools: OwnTools | None = None,
        errands: Errands | None = None,
        writes_answers: bool = False,
        model_leads: bool = False,
        filler_ms: int = FILLER_MS,
    ) -> None:
        """`now` gives an aware time. `writes_answers`: from documents, for a model that can.

        `model_leads`: always ask the model, for one that beats the examples.
        """
        self._profile = profile
        self._model = model
        self._values = values
        self._now = now
        self._documents: DocumentAnswers | None = None
        if knowledge is not None:
            self._documents = DocumentAnswers(
                knowledge=knowledge,
                tenant_id=profile.tenant_id,
                deadline_ms=knowledge_ms,
                writer=model if writes_answers else None,
                politeness=profile.politeness,
            )
        self._model_leads = model_leads
        self._filler_ms = filler_ms
        self._facts = {fact.intent: fact for fact in profile.facts}
        self._orders = OrderDesk(orders, profile, values) if orders is not None and profile.record_word else None
        self._own_tools = own_tools
        self._errands = errands
        self._likeness = Likeness(_examples(profile))
        self._prefix = prompt.prefix(profile)
        self.dialogue = Dialogue(default_language=profile.default_language)
        self._mood = MoodWatch()

    def heard(self, turn: Turn) -> None:
        """See Brain.heard: the dialogue is folded from turns that really happened, so a lost call can be taken up."""
        self.dialogue = self.dialogue.after(turn)
        self._mood = self._mood.after(turn)

    def advised(self, text: str) -> None:
        """See Brain.advised: it is context for the model, and no fact that rules would answer with."""
        self.dialogue = self.dialogue.with_advice(text)

    def expect(self, utterance: Utterance) -> Say | None:
        """See Brain.expect: policy and the tenant's facts, and the documents are searched; no record and no tool is."""
        language = policy.language_of(utterance, self.dialogue)
        if self._errands is not None and self._errands.replies(utterance.text, self.dialogue):
            return None
        moves = policy.overrule(utterance, self.dialogue, self._profile) or self._to_person(utterance, language)
        if moves is None:
            question = whole_question(utterance.text, self.dialogue)
            ranked = self._likeness.rank(question)
            if self._documents is not None:
                self._documents.expect(question, ranked)
            settled = settle(ranked, model_leads=self._model_leads)
            alike = ranked[0].score if ranked else 0.0
            by_fact = isinstance(settled, str) and (self._documents is None or alike >= CERTAIN)
            moves = self._say_intent(settled, utterance, language) if isinstance(settled, str) and by_fact else []
        return next((move for move in moves[:1] if isinstance(move, Say)), None)

    def forget(self) -> None:
        """See Brain.forget."""
        if self._documents is not None:
            self._documents.ahead.drop()

    def close(self) -> None:
        """See Brain.close."""
        if self._documents is not None:
            self._documents.close()

    async def answer(self, utterance: Utterance) -> AsyncGenerator[Move]:
        """See Brain.answer."""
        took = Took()
        async with aclosing(self._decide(utterance, took)) as moves:
            async for move in moves:
                yield replace(move, took_ms={**took.ms(), **move.took_ms}) if isinstance(move, Say) else move

    async def _decide(self, utterance: Utterance, took: Took) -> AsyncGenerator[Move]:
        """The moves; `took` holds what documents and model have taken of the wait for each."""
        language = policy.language_of(utterance, self.dialogue)
        heard = self._values.heard(utterance.text, language)
        ruled: list[Move] | None = None
        if self._own_tools is not None:
            ruled = await self._own_tools.confirmed(utterance.text, self.dialogue, language) or None
        ruled = ruled or tickets.confirmed(utterance.text, self.dialogue, self._profile, language)
        replied = self._errands is not None and self._errands.replies(utterance.text, self.dialogue)
        ruled = ruled or texting.under_way(utterance.text, heard, self.dialogue, self._profile, language)
        ruled = ruled or (None if replied else policy.overrule(utterance, self.dialogue, self._profile))
        ruled = ruled or self._to_person(utterance, language)
        if ruled is None and self._errands is not None:
            answered = False
            other = partial(self._means_other, utterance.text)
            async with aclosing(self._errands.answer(utterance.text, self.dialogue, language, other)) as told:
                async for move in self._allowed(told, utterance, language):
                    answered = True
                    yield move
            if answered:
                return
        ruled = ruled or self._ticket(utterance, language)
        ruled = ruled or texting.moves(utterance.text, heard, self.dialogue, self._profile, language, self._topic_of)
        if ruled is not None:
            for move in allowed(ruled, self._said(utterance), self.dialogue, language):
                yield move
            return
        if self._orders is not None:
            answered = False
            about = partial(self._means_order, utterance.text)
            async with aclosing(self._orders.answer(utterance.text, self.dialogue, language, about)) as told:
                async for move in told:
                    answered = True
                    yield move
            if answered:
                return
        text = whole_question(utterance.text, self.dialogue)
        ranked = self._likeness.rank(text)
        alike = ranked[0].score if ranked else 0.0
        answered = False
        if self._own_tools is not None:
            if self._documents is not None:
                self._documents.expect(text, ranked)
            async with aclosing(self._own_tools.answer(text, self.dialogue, language, alike)) as told:
                async for move in told:
                    answered = True
                    yield move
        if answered:
            return
        passages: list[Passage] | None = []
        if self._documents is not None and not policy.is_unclear(utterance):
            passages = await self._documents.looked_up(text, alike, took)
            async with aclosing(self._documents.say(text, passages or [], alike, language, took)) as said:
                async for say in said:
                    answered = answered or say.kind is not TurnKind.FILLER
                    yield say
        if answered:
            return
        async with aclosing(self._from_facts(ranked, utterance, language, took)) as moves:
            async for move in moves:
                yield move if passages is not None else policy.without_documents(move, self._profile)

    async def _from_facts(
        self, ranked: Sequence[Likely], utterance: Utterance, language: Language, took: Took
    ) -> AsyncGenerator[Move]:
        """By rule, and by the model where that leaves a doubt."""
        settled = settle(ranked, model_leads=self._model_leads)
        if isinstance(settled, str):
            for move in self._say_intent(settled, utterance, language):
                yield move
            return
        if UNKNOWN in settled.intents and policy.is_unclear(utterance):
            # Nothing to ask a model about: it would read a meaning into words that nobody said.
            for move in policy.fail(self.dialogue, language, sayings.NOT_UNDERSTOOD[language]):
                yield move
            return
        with took.stage("llm"):
            async with aclosing(self._ask_model(utterance, settled, language)) as moves:
                async for move in moves:
                    yield move

    async def _allowed(
        self, moves: AsyncGenerator[Move], utterance: Utterance, language: Language
    ) -> AsyncGenerator[Move]:
        """The same, what is done checked before the word that announces it is said."""
        announced: list[Move] = []
        async for move in moves:
            announced.append(move)
            if isinstance(move, Say) and move.kind is TurnKind.FILLER and move.text != sayings.FILLER[language]:
                continue
            for each in allowed(announced, self._said(utterance), self.dialogue, language):
                yield each
            announced = []

    def _ticket(self, utterance: Utterance, language: Language) -> list[Move] | None:
        """With the number on which the caller can be reached, where they said one."""
        asked = tickets.moves(utterance.text, self.dialogue, self._profile, language, self._means_other)
        phone = self._errands.phone(utterance.text, self.dialogue, language) if self._errands else None
        if asked is None or phone is None:
            return asked
        return [
            replace(move, slots={**move.slots, "phone": phone}) if isinstance(move, Act) else move for move in asked
        ]

    def _means_other(self, text: str) -> bool:
        """Whether these words are surely about a fact, whatever question is open."""
        ranked = self._likeness.rank(text)
        return bool(ranked) and ranked[0].score >= MEANT_BY_ITSELF

    def _said(self, utterance: Utterance) -> list[str]:
        """Everything that the caller said, these words included, and the same with its numbers in digits."""
        said = [*self.dialogue.said, utterance.text]
        return [*said, *(self._values.heard(text, utterance.language) for text in said)]

    def _to_person(self, utterance: Utterance, language: Language) -> list[Move] | None:
        """For an amount that the agent may not decide about, and, as an offer, when the caller's mood turns."""
        if not self._profile.handoff:
            return None
        if (amount := amount_to_move(self._values.heard(utterance.text, language))) is not None:
            above = above_limit(amount, self._profile.amount_limit, language)
            if above is not None:
                return [above]
        offer = self._mood.offer(utterance, language)
        return None if offer is None else [offer]

    # ------------------------------------------------------------ by rule

    def _topic_of(self, text: str) -> str | None:
        """The topic that words are about beyond the doubt in which a model would be asked."""
        ranked = self._likeness.rank(text)
        return ranked[0].intent if ranked and ranked[0].score >= DOUBTFUL else None

    def _means_order(self, text: str) -> bool:
        ranked = self._likeness.rank(text)
        return bool(ranked) and ranked[0].intent == RECORD_STATUS

    def _say_intent(self, intent: str, utterance: Utterance, language: Language) -> list[Move]:
        if intent == HOURS and self._profile.hours:
            return self._say_hours(utterance, language)
        if intent in self._facts:
            return self._grounded(self._facts[intent].answer[language], language, intent)
        match intent:
            case "record_status":
                text = sayings.ask_number(self._profile, language)
                return [Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=ASK_NUMBER)]
            case "person":
                return [policy.to_person(policy.MODEL_PROPOSED, sayings.PERSON[language], language)]
            case "goodbye":
                return [Goodbye(text=sayings.GOODBYE[language], language=language)]
            case "smalltalk":
                text = sayings.HAPPY_TO_TALK[language]
                return [Say(text=text, language=language, kind=TurnKind.ANSWER, intent=SMALLTALK)]
            case _:
                return policy.fail(self.dialogue, language, sayings.not_known(self._profile, language))

    def _say_hours(self, utterance: Utterance, language: Language) -> list[Move]:
        now = self._now()
        today = hours.local_date(self._profile, now)
        day = day_named(utterance.text, self._profile, today) or slots.day(utterance.text, today)
        if day is not None and day != today:
            return self._grounded(hours.say_day(self._profile, day, language, today), language, HOURS)
        at_present = hours.say_now(self._profile, now, language)
        sentences = [at_present] if at_present else []
        if day is not None or not hours.usual_week(self._profile, today):
            sentences.append(hours.say_day(self._profile, today, language, today))
        elif HOURS in self._facts:
            sentences.append(self._facts[HOURS].answer[language])
        return self._grounded(" ".join(sentences), language, HOURS)

    def _grounded(self, text: str, language: Language, intent: str) -> list[Move]:
        return [
            Say(text=sentence, language=language, kind=TurnKind.ANSWER, intent=intent)
            for sentence in split_sentences(text)
        ]

    # ------------------------------------------------------------ by the model

    async def _ask_model(self, utterance: Utterance, doubt: Doubt, language: Language) -> AsyncGenerator[Move]:
        shots = [(intent, self._likeness.nearest(utterance.text, intent)) for intent in doubt.intents[:CANDIDATES]]
        known = [(intent, example) for intent, example in shots if example is not None]
        messages = [*self._prefix, *prompt.question(utterance.text, known, self.dialogue)]
        answer = self._model.complete(messages, schema=prompt.schema(doubt.intents), max_tokens=prompt.ANSWER_TOKENS)
        reader = MoveReader()
        late = with_filler(answer, language, self._filler_ms, lambda: reader.intent is not None)
        try:
            async with aclosing(late) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Say):
                        yield piece
                        continue
                    reader.feed(piece)
                    if reader.intent is not None:
                        break
                intent = self._believed(reader.intent, doubt)
                if intent == SMALLTALK:
                    async for move in self._own_words(reader, pieces, language):
                        yield move
                    return
        except EngineError as error:
            log.warning("brain_without_model", stage=error.stage, error=type(error).__name__)
            for move in self._without_model(doubt, utterance, language):
                yield move
            return
        for move in self._say_intent(intent, utterance, language):
            yield move

    def _believed(self, chosen: str | None, doubt: Doubt) -> str:
        if chosen is None:
            raise EngineFailed("llm", "the move has no intent")
        return chosen if chosen in doubt.intents else doubt.fallback

    async def _own_words(
        self, reader: MoveReader, pieces: AsyncIterator[Say | str], language: Language
    ) -> AsyncGenerator[Move]:
        """The model's own sentence, where policy lets it; a canned one otherwise."""
        said = False
        while True:
            for sentence in reader.sentences():
                move = Say(text=sentence, language=language, kind=TurnKind.ANSWER, intent=SMALLTALK)
                if policy.permit(move, self.dialogue, self._profile) != [move]:
                    break
                said = True
                yield move
            else:
                piece = await anext(pieces, None)
                if piece is None:
                    break
                if isinstance(piece, str):
                    reader.feed(piece)
                continue
            break
        if not said:
            yield Say(text=sayings.HAPPY_TO_TALK[language], language=language, kind=TurnKind.ANSWER, intent=SMALLTALK)

    def _without_model(self, doubt: Doubt, utterance: Utterance, language: Language) -> list[Move]:
        """The likeliest topic where there is one; else an apology, and a person after the third."""
        if doubt.fallback != UNKNOWN:
            return self._say_intent(doubt.fallback, utterance, language)
        return policy.fail(self.dialogue, language, sentences.TROUBLE[language], TurnKind.APOLOGY)


def warm_prefix(profile: TenantProfile) -> list[ChatMessage]:
    """What the model's server should have read before the first call of this tenant."""
    return prompt.prefix(profile)


def _examples(profile: TenantProfile) -> list[tuple[str, str]]:
    asked = [(fact.intent, fact.examples) for fact in profile.facts]
    if profile.record_word:
        asked.append((RECORD_STATUS, profile.record_examples))
    return [(intent, text) for intent, examples in asked for texts in examples.values() for text in texts]
