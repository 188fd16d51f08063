"""Profiles: settings that trade accuracy against the wait for an answer, chosen together by one word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Profile(StrEnum):
    ACCURATE = "accurate"
    """For four cores and more, or a GPU: every stage may take longer for fewer mistakes."""
    BALANCED = "balanced"
    FAST = "fast"
    """For machines that fall behind: nothing is done that an answer can go without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What a profile sets. Each is also a setting of its own name, which then counts."""

    asr_beam: int
    """Readings that the recogniser follows side by side; 1 takes the likeliest word each time."""
    reranker: str
    """Who judges the passages that were found; "none" keeps the order of the search."""
    knowledge_ms: int
    """How long an answer waits for the documents."""
    llm_file: str
    """The model of the embedded server, a name in deploy/models.toml."""


KNOBS: Mapping[Profile, Knobs] = MappingProxyType(
    {
        Profile.ACCURATE: Knobs(asr_beam=5, reranker="minilm", knowledge_ms=300, llm_file="qwen2.5-coder-1.5b"),
        Profile.BALANCED: Knobs(asr_beam=1, reranker="minilm", knowledge_ms=150, llm_file="qwen2.5-coder-0.5b"),
        Profile.FAST: Knobs(asr_beam=1, reranker="none", knowledge_ms=100, llm_file="qwen2.5-coder-0.5b"),
    }
)
