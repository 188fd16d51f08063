"""The profiles: each is there, and they stand in the order of the work that they allow."""

from __future__ import annotations

from itertools import pairwise

from domain.pace.profiles import KNOBS, Profile


def test_from_accurate_to_fast_no_stage_is_given_more() -> None:
    assert list(KNOBS) == list(Profile)
    for more, less in pairwise(KNOBS.values()):
        assert more.asr_beam >= less.asr_beam >= 1
        assert more.knowledge_ms > less.knowledge_ms > 0
        assert (more.reranker == "none") <= (less.reranker == "none")
