"""Embedding by bge-m3 (dense and sparse), reranking by bge-reranker-v2-m3: for a GPU, with the extra `flag`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from domain.errors import EngineFailed, SetupError
from domain.knowledge.ports import Embedding, SparseVector
from domain.speech import Language
from engines.lane import Lane

EMBEDDER = "BAAI/bge-m3"
RERANKER = "BAAI/bge-reranker-v2-m3"
CHUNK_TOKENS = 384
"""It reads 8,192 tokens; a third of a page is found more precisely than a whole one, and is enough to answer from."""
MOST_QUESTION_TOKENS = 128
MOST_PAIR_TOKENS = 512
PASSAGES_MS = 120_000
COUNT_MS = 30_000
MISSING = (
    "FlagEmbedding is not installed; install the extra: uv pip install 'hatif[flag]' (on a machine without a GPU "
    "install torch from its CPU index first)."
)


class BgeM3:
    """The Embedder port. `model` is a repository's name or a folder; `device` as torch names it, None to choose."""

    name = "bge-m3"
    dimensions = 1024
    chunk_tokens = CHUNK_TOKENS
    has_sparse = True

    def __init__(self, model: str = EMBEDDER, *, device: str | None = None) -> None:
        """Downloads a repository that is not cached. Raises SetupError."""
        library = _library()
        try:
            self._model: Any = library.BGEM3FlagModel(model, use_fp16=device != "cpu", devices=device)
        except Exception as error:
            raise SetupError(f"{model} can't be loaded: {type(error).__name__}.") from error
        self._lane = Lane("embed", waiting=64)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return await self._lane.run(
            COUNT_MS, lambda: [len(ids) for ids in self._model.tokenizer(list(texts))["input_ids"]]
        )

    async def question(self, text: str, deadline_ms: int) -> Embedding:
        return (await self._lane.run(deadline_ms, self._encode, [text], MOST_QUESTION_TOKENS))[0]

    async def passages(self, texts: Sequence[str]) -> list[Embedding]:
        return await self._lane.run(PASSAGES_MS, self._encode, list(texts), CHUNK_TOKENS * 2)

    def _encode(self, texts: list[str], most_tokens: int) -> list[Embedding]:
        made = self._model.encode(texts, max_length=most_tokens, return_dense=True, return_sparse=True)
        dense, sparse = made["dense_vecs"], made["lexical_weights"]
        if len(dense) != len(texts) or len(sparse) != len(texts):
            raise EngineFailed("embed", "the model left a text out")
        return [
            Embedding(tuple(float(value) for value in vector), sparse_of(weights))
            for vector, weights in zip(dense, sparse, strict=True)
        ]

    def close(self) -> None:
        self._lane.close()


def sparse_of(weights: Mapping[str | int, float]) -> SparseVector:
    """FlagEmbedding's weights by token id, which it writes as a string."""
    ordered = sorted((int(token), float(weight)) for token, weight in weights.items())
    return SparseVector(tuple(token for token, _ in ordered), tuple(weight for _, weight in ordered))


class BgeReranker:
    """The Reranker port, for both languages and from one to the other."""

    languages = frozenset(Language)

    def __init__(self, model: str = RERANKER, *, device: str | None = None) -> None:
        """See BgeM3."""
        library = _library()
        try:
            self._model: Any = library.FlagReranker(model, use_fp16=device != "cpu", devices=device)
        except Exception as error:
            raise SetupError(f"{model} can't be loaded: {type(error).__name__}.") from error
        self._lane = Lane("rerank", waiting=32)

    async def score(self, question: str, passages: Sequence[str], deadline_ms: int) -> list[float]:
        if not passages:
            return []
        pairs = [(question, passage) for passage in passages]
        return await self._lane.run(deadline_ms, self._judge, pairs)

    def _judge(self, pairs: list[tuple[str, str]]) -> list[float]:
        scores: Any = self._model.compute_score(pairs, normalize=True, max_length=MOST_PAIR_TOKENS)
        # One pair alone comes back as a bare number.
        return [float(score) for score in np.atleast_1d(scores)]

    def close(self) -> None:
        self._lane.close()


def _library() -> Any:
    try:
        return importlib.import_module("FlagEmbedding")
    except ImportError as error:
        raise SetupError(MISSING) from error
