"""Which of the chunks that were found answers, by which sentence, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from domain.answering.spelling import script_of
from domain.knowledge.document import Passage
from domain.knowledge.ports import Hit
from domain.knowledge.terms import coverage, terms_of
from domain.speech import Language

SENTENCE_SHARE = 0.5
"""Of the best sentence's cosine beside the whole chunk's: a long chunk is about more than its answer."""
COVERAGE_SHARE = 0.15
"""Of the question's words that stand in the chunk. Twice as much, and chunks that only share words win."""
OTHER_LANGUAGE = 0.03
"""For a chunk in the other language, which shares no words with the question."""
EVEN_EVIDENCE = 0.38
"""Evidence at which an answer is worth saying, chosen on the questions of tests/bench/documents: at 0.34 a third more
wrong sentences are said than here, at 0.42 a fifth fewer right ones."""
EVIDENCE_SPREAD = 0.05
"""Evidence from there to three chances in four."""
RELEVANT = 0.5
"""A score below this is not worth saying: "I don't know" is the better answer."""
SURE = 0.8
"""What a passage needs to be said although one of the tenant's facts is like the question, too."""
OWN_LANGUAGE = 0.2
"""By how much a passage in the caller's language may be less sure than one in the other, and still be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A chunk that was found, beside the question."""

    hit: Hit
    cosine: float
    """Of the whole chunk."""
    sentences: tuple[float, ...]
    """Cosine of each sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared of a question with every chunk."""

    terms: frozenset[str]
    language: Language | None

    @classmethod
    def of(cls, question: str) -> Asked:
        return cls(frozenset(terms_of(question)), script_of(question))


def passage_of(asked: Asked, compared: Compared) -> Passage:
    chunk = compared.hit.chunk
    sentences = [set(terms_of(sentence)) for sentence in chunk.sentences]
    best = _best_sentence(asked, compared.sentences, sentences)
    covered = coverage(asked.terms, set(terms_of(" ".join(chunk.heading))).union(*sentences))
    language = script_of(chunk.text)
    evidence = (
        compared.cosine * (1 - SENTENCE_SHARE)
        + compared.sentences[best] * SENTENCE_SHARE
        + COVERAGE_SHARE * covered
        + OTHER_LANGUAGE * (language is not asked.language)
    )
    return Passage(
        document_id=compared.hit.source.document_id,
        name=compared.hit.source.name,
        heading=chunk.heading,
        page=chunk.page,
        text=chunk.text,
        language=language,
        score=_likely((evidence - EVEN_EVIDENCE) / EVIDENCE_SPREAD),
        answer=chunk.sentences[best],
    )


def _best_sentence(asked: Asked, cosines: Sequence[float], sentences: Sequence[Set[str]]) -> int:
    worth = [
        cosine + COVERAGE_SHARE * coverage(asked.terms, terms) for cosine, terms in zip(cosines, sentences, strict=True)
    ]
    return worth.index(max(worth))


def ordered(passages: Sequence[Passage]) -> list[Passage]:
    """Best first, each text once."""
    by_text: dict[str, Passage] = {}
    for passage in sorted(passages, key=lambda passage: -passage.score):
        by_text.setdefault(passage.text, passage)
    return list(by_text.values())


def reranked(passage: Passage, judgement: float) -> Passage:
    """`judgement` is the reranker's, 0..1. It only raises: a small one calls every misspelt question unanswered."""
    return replace(passage, score=passage.score + (1 - passage.score) * judgement)


def best_to_say(passages: Sequence[Passage], language: Language, needed: float = RELEVANT) -> Passage | None:
    """The one to answer from; the caller's own language is preferred where it is nearly as sure. None: nobody knows."""
    sure = [passage for passage in passages if passage.score >= needed]
    if not sure:
        return None
    best = max(sure, key=lambda passage: passage.score)
    own = [each for each in sure if each.language is language and each.score >= best.score - OWN_LANGUAGE]
    return max(own, key=lambda passage: passage.score, default=best)


def _likely(steps: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, steps * math.log(3)))))
