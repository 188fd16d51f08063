"""Several rankings made one, by reciprocal rank."""

from __future__ import annotations

from collections import defaultdict

from domain.knowledge.ports import Hit, Rankings

RANK_OFFSET = 60
"""The usual k of reciprocal rank fusion: how slowly a place further down loses its worth."""


def fused(rankings: Rankings, limit: int) -> list[Hit]:
    """The best of all searches, best first; a hit of two comes before one of either at the same place."""
    worth: defaultdict[str, float] = defaultdict(float)
    hits: dict[str, Hit] = {}
    for ranking in (*rankings.dense.values(), rankings.sparse):
        for place, hit in enumerate(ranking, 1):
            worth[hit.chunk_id] += 1 / (RANK_OFFSET + place)
            hits.setdefault(hit.chunk_id, hit)
    best = sorted(worth, key=lambda chunk_id: (-worth[chunk_id], chunk_id))
    return [hits[chunk_id] for chunk_id in best[:limit]]
