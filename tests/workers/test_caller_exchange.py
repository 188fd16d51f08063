"""What the data channel's messages add up to for one item of the caller."""

from __future__ import annotations

from typing import Any

import pytest

from workers.caller.exchange import Begun, Event, Exchange


def exchange(*messages: dict[str, Any]) -> Exchange:
    gathered = Exchange()
    for at, message in enumerate(messages):
        gathered.take(Event(at=at, stream_at=10 * at, message=message))
    return gathered


def words(seq: int, speaker: str, text: str, kind: str | None = None, *, final: bool = True) -> dict[str, Any]:
    message = {"type": "transcript", "seq": seq, "speaker": speaker, "text": text, "language": "ar", "final": final}
    return message if kind is None else {**message, "kind": kind}


def test_an_ordinary_exchange() -> None:
    found = exchange(
        words(3, "caller", "When do", final=False),
        words(3, "caller", "When do you open?"),
        {"type": "speaking", "seq": 4, "kind": "filler", "at_ms": 900},
        {"type": "speaking", "seq": 5, "kind": "answer", "at_ms": 1500},
        words(5, "agent", "At nine.", "answer"),
        words(4, "agent", "One moment.", "filler"),
        {"type": "turn", "seq": 3, "speaker": "caller", "kind": None, "stages_ms": {"asr": 180}},
        {"type": "turn", "seq": 5, "speaker": "agent", "kind": "answer", "stages_ms": {"asr": 999, "brain": 300}},
        {"type": "answered", "seq": 3},
    )
    assert (found.heard, found.language) == ("When do you open?", "ar")
    assert found.answered == "One moment. At nine."
    assert found.kind == "answer"
    assert found.begun == [Begun(at=2, stream_at=20, answers=False), Begun(at=3, stream_at=30, answers=True)]
    assert found.stages_ms == {"asr": 180, "brain": 300}
    assert found.complete


@pytest.mark.parametrize(
    ("kinds", "best"),
    [
        (["filler", "apology"], "filler"),
        (["prompt", "apology"], "apology"),
        (["clarify", "filler"], "clarify"),
        (["filler", "clarify", "answer"], "answer"),
        (["goodbye"], "goodbye"),
        (["something else"], None),
        ([], None),
    ],
)
def test_the_kind_is_the_best_sentences(kinds: list[str], best: str | None) -> None:
    assert exchange(*({"type": "speaking", "seq": 1, "kind": kind, "at_ms": 0} for kind in kinds)).kind == best


def test_it_is_complete_when_the_last_thing_heard_is_answered() -> None:
    assert not exchange().complete
    assert not exchange(words(1, "caller", "hello")).complete
    assert not exchange(words(1, "caller", "hello"), {"type": "answered", "seq": 1}, words(3, "caller", "and")).complete
    # The first answer was cut short by the second question, so only the second is played to its end.
    assert exchange(words(1, "caller", "hello"), words(3, "caller", "and"), {"type": "answered", "seq": 3}).complete


def test_a_filler_alone_is_not_yet_speaking_to_the_caller() -> None:
    assert not exchange({"type": "speaking", "seq": 1, "kind": "filler"}).spoken_to
    assert exchange({"type": "speaking", "seq": 1, "kind": "prompt"}).spoken_to


def test_messages_of_a_later_protocol_or_of_nonsense_change_nothing() -> None:
    found = exchange(
        {},
        {"type": 7},
        {"type": "hologram"},
        {"type": "transcript"},
        {"type": "transcript", "final": True, "speaker": "nobody", "text": "x", "seq": "first"},
        {"type": "turn", "stages_ms": [1, 2]},
        {"type": "turn", "stages_ms": {"asr": "soon"}},
        {"type": "speaking"},
    )
    assert (found.heard, found.answered, found.kind, found.stages_ms) == ("", "", None, {})
