"""bge-m3 and its reranker by FlagEmbedding itself, over models of a few thousand weights that are made here.

Skipped where the extra `flag` is not installed, as by default; docs/knowledge.md has the command. What these models
find is chance: what is proven is that our code loads a model as published and reads what it gives.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from domain.errors import SetupError
from domain.speech import Language
from engines.retrieval.bge import BgeM3, BgeReranker

pytest.importorskip("FlagEmbedding", reason="the extra flag is not installed")
torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

HIDDEN = 32
MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
PASSAGES = ["compressors are covered for ten years", "the shop opens at nine"]
ASKED = "ضمان الضاغط"
WORDS = [*MARKS, *" ".join((*PASSAGES, ASKED)).split()]
DEADLINE_MS = 120_000


def written_tokenizer(folder: Path) -> int:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.post_processor = TemplateProcessing(  # pyright: ignore[reportAttributeAccessIssue]
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    special = {f"{name}_token": token for name, token in names.items()}
    transformers.XLMRobertaTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    return len(WORDS)


def small(vocabulary: int, **more: Any) -> Any:
    torch.manual_seed(7)
    return transformers.XLMRobertaConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=HIDDEN,
        max_position_embeddings=600,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        type_vocab_size=1,
        **more,
    )


@pytest.fixture(scope="module")
def m3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of BAAI/bge-m3, but small."""
    folder = tmp_path_factory.mktemp("m3")
    transformers.XLMRobertaModel(small(written_tokenizer(folder))).save_pretrained(folder)
    torch.save(torch.nn.Linear(HIDDEN, HIDDEN).state_dict(), folder / "colbert_linear.pt")
    weighing = torch.nn.Linear(HIDDEN, 1)
    torch.nn.init.constant_(weighing.bias, 5.0)
    torch.save(weighing.state_dict(), folder / "sparse_linear.pt")
    return folder


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judge")
    made = transformers.XLMRobertaForSequenceClassification(small(written_tokenizer(folder), num_labels=1))
    made.save_pretrained(folder)
    return folder


async def test_dense_and_sparse_vectors_come_of_one_pass(m3: Path):
    embedder = BgeM3(str(m3), device="cpu")
    first, second = await embedder.passages(PASSAGES)
    again = await embedder.question(PASSAGES[0], DEADLINE_MS)
    assert len(first.dense) == HIDDEN
    assert math.isclose(sum(value * value for value in first.dense), 1.0, rel_tol=1e-3)
    assert first.dense != second.dense
    assert first.dense == pytest.approx(again.dense, abs=1e-4)
    assert first.sparse is not None and second.sparse is not None
    # Each word has its weight, and the marks around a text have none.
    assert first.sparse.indices == tuple(WORDS.index(word) for word in PASSAGES[0].split())
    assert all(weight > 0 for weight in first.sparse.values)
    assert first.sparse.indices != second.sparse.indices
    assert await embedder.count_tokens([PASSAGES[0], "nine"]) == [8, 3]
    embedder.close()


async def test_pairs_are_judged_between_nought_and_one(judge: Path):
    reranker = BgeReranker(str(judge), device="cpu")
    both = await reranker.score(ASKED, PASSAGES, DEADLINE_MS)
    (one,) = await reranker.score(ASKED, PASSAGES[:1], DEADLINE_MS)
    assert all(0 <= value <= 1 for value in both)
    assert one == pytest.approx(both[0], abs=1e-4)
    assert await reranker.score(ASKED, [], DEADLINE_MS) == []
    assert reranker.languages == frozenset(Language)
    reranker.close()


def test_a_folder_that_is_no_model_is_one_sentence(tmp_path: Path):
    for make in (BgeM3, BgeReranker):
        with pytest.raises(SetupError, match="can't be loaded"):
            make(str(tmp_path), device="cpu")
