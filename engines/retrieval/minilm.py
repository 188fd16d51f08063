"""Reranking by ms-marco-MiniLM-L-12-v2 over onnxruntime: English only, a few milliseconds a pair."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from domain.speech import Language
from engines.lane import Lane
from engines.onnx import onnx_session

STAGE = "rerank"
WEIGHTS, TOKENIZER = "model.onnx", "tokenizer.json"
MOST_TOKENS = 256
"""Of question and passage together: twice a chunk of the default embedder."""


class MiniLm:
    """The Reranker port. `folder` holds model.onnx and tokenizer.json. Raises SetupError for files that are none."""

    languages = frozenset({Language.EN})

    def __init__(self, folder: Path, *, threads: int) -> None:
        tokenizers: Any = importlib.import_module("tokenizers")
        try:
            self._session = onnx_session(folder / WEIGHTS, threads=threads)
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:
            raise SetupError(f"{folder} can't be loaded as a reranker.") from error
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._lane = Lane(STAGE, waiting=32)

    async def score(self, question: str, passages: Sequence[str], deadline_ms: int) -> list[float]:
        if not passages:
            return []
        return await self._lane.run(deadline_ms, self._judge, question, list(passages))

    def _judge(self, question: str, passages: list[str]) -> list[float]:
        encoded = self._tokenizer.encode_batch([(question, passage) for passage in passages])
        fields = {
            "input_ids": [each.ids for each in encoded],
            "attention_mask": [each.attention_mask for each in encoded],
            "token_type_ids": [each.type_ids for each in encoded],
        }
        (logits,) = self._session.run(None, {name: np.array(fields[name], np.int64) for name in self._inputs})
        return [1 / (1 + math.exp(-float(logit))) for logit in logits[:, 0]]

    def close(self) -> None:
        self._lane.close()
