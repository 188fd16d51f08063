"""Fusion, judging and the ids of what is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.knowledge.document import Chunk, Passage, Source, chunk_id_of, document_id_of
from domain.knowledge.fusion import fused
from domain.knowledge.judging import RELEVANT, Asked, Compared, ordered, passage_of, reranked
from domain.knowledge.kinds import upload_of
from domain.knowledge.ports import Hit, Rankings
from domain.knowledge.problems import SENTENCES, UnreadableDocument, sentence
from domain.speech import Language, script_language

SOURCE = Source(tenant_id="t", document_id="d", name="terms.pdf", revision=1)
CHUNK = Chunk(position=0, heading=("Shop", "Returns"), sentences=("Fourteen days.", "Bring the receipt."), page=2)


def hit(name: str, chunk: Chunk = CHUNK) -> Hit:
    return Hit(chunk_id=name, source=SOURCE, chunk=chunk, sentences=b"", score=0.0)


def test_what_both_searches_found_comes_first():
    rankings = Rankings(dense={Language.EN: (hit("a"), hit("b"), hit("c"))}, sparse=(hit("d"), hit("b")))
    assert [each.chunk_id for each in fused(rankings, 3)] == ["b", "a", "d"]


def test_no_language_crowds_out_the_other():
    english, arabic = (tuple(hit(f"{name}{n}") for n in range(9)) for name in "ea")
    found = fused(Rankings(dense={Language.EN: english, Language.AR: arabic}, sparse=()), 4)
    assert [each.chunk_id for each in found] == ["a0", "e0", "a1", "e1"]


def test_the_answer_is_a_sentence_of_the_passage_as_it_stands():
    passage = passage_of(Asked.of("which receipt"), Compared(hit=hit("a"), cosine=0.4, sentences=(0.3, 0.4)))
    assert passage.answer == "Bring the receipt."
    assert passage.source == "terms.pdf · Returns · p. 2"
    assert passage.text == "Fourteen days. Bring the receipt."
    assert passage.language is Language.EN


def test_more_likeness_is_more_certainty():
    scores = [
        passage_of(Asked.of("q"), Compared(hit=hit("a"), cosine=cosine, sentences=(cosine, 0.0))).score
        for cosine in (-1.0, 0.0, 0.3, 0.6, 1.0)
    ]
    assert scores == sorted(scores)
    assert scores[1] < RELEVANT < scores[3]


def test_a_reranker_raises_what_answers_and_never_drops_the_rest():
    low = passage_of(Asked.of("q"), Compared(hit=hit("a"), cosine=0.1, sentences=(0.1, 0.0)))
    assert reranked(low, 0.99).score > RELEVANT
    assert reranked(low, 0.0).score == low.score


def test_the_same_text_is_found_once():
    passage = passage_of(Asked.of("q"), Compared(hit=hit("a"), cosine=0.1, sentences=(0.1, 0.0)))
    twice: list[Passage] = [passage, replace(passage, score=0.9, name="copy.pdf")]
    assert [each.name for each in ordered(twice)] == ["copy.pdf"]


def test_ids_say_content_and_place():
    assert document_id_of("t", "a.pdf") == document_id_of("t", "a.pdf") != document_id_of("u", "a.pdf")
    ids = {
        chunk_id_of(SOURCE, CHUNK),
        chunk_id_of(replace(SOURCE, revision=2), CHUNK),
        chunk_id_of(replace(SOURCE, tenant_id="u"), CHUNK),
        chunk_id_of(SOURCE, replace(CHUNK, position=1)),
        chunk_id_of(SOURCE, replace(CHUNK, sentences=("Other.",))),
    }
    assert len(ids) == 5
    assert chunk_id_of(SOURCE, CHUNK) in ids


@pytest.mark.parametrize("code", SENTENCES)
def test_every_problem_is_told_in_both_languages(code: str):
    for language in Language:
        assert script_language(sentence(code, language).replace("PDF", "").replace("DOCX", "")) is language


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("", b"x", "bad_name"),
        ("a/../b.txt", b"x", "bad_name"),
        ("a\n.txt", b"x", "bad_name"),
        ("x" * 300 + ".txt", b"x", "bad_name"),
        ("a.txt", b" ", "empty"),
        ("a.txt", b"x" * 20_000_001, "too_large"),
    ],
)
def test_an_upload_that_makes_no_sense_is_refused(name: str, content: bytes, code: str):
    with pytest.raises(UnreadableDocument) as unreadable:
        upload_of(name, content)
    assert unreadable.value.code == code
