"""The measuring of calls on drawn two-channel waveforms, and the keys of build/bench.json."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.bench.peers.measuring import CallRecord, Figures, Mark, Said, measure
from tests.bench.peers.report import KEYS, Row, kept, row_of
from workers.caller.measure import Told
from workers.caller.recording import RATE_HZ

EXACT_MS = 20
SAYS = {"a": Said.ASKED, "i": Said.INTERRUPTED, "m": Said.MURMURED}


def drawn(picture: str) -> np.ndarray:
    """100 ms a character: `.` and letters are silence, the rest is a voice."""
    t = np.arange(RATE_HZ // 10) / RATE_HZ
    voice = (6_000 * np.sin(2 * np.pi * 200 * t)).astype(np.int16)
    return np.concatenate([np.zeros_like(voice) if mark in ".aim" else voice for mark in picture])


def measured(caller: str, agent: str, *, told: list[Told] | None = None, asked_ms: list[int] | None = None) -> Figures:
    """A letter in the caller's line is a mark, right before its sound."""
    assert len(caller) == len(agent)
    marks = [Mark(said=SAYS[mark], at=at * RATE_HZ // 10) for at, mark in enumerate(caller) if mark in SAYS]
    figures = Figures()
    asked = None if asked_ms is None else [ms * RATE_HZ // 1000 for ms in asked_ms]
    record = CallRecord(sent=drawn(caller), received=drawn(agent), marks=marks, told=told, model_asked=asked)
    measure(record, figures)
    return figures


def test_every_question_is_a_turn_with_its_wait() -> None:
    figures = measured(
        ".a#####....................a####..................",
        "..............#########...............########....",
    )
    assert figures.turns == 2
    assert figures.waits_ms == pytest.approx([700, 600], abs=EXACT_MS)
    assert figures.false_starts == figures.unanswered == 0


def test_an_opener_is_told_from_the_answer_where_the_target_says_which_is_which() -> None:
    told = [Told(at=RATE_HZ, answers=False), Told(at=RATE_HZ * 2, answers=True)]
    figures = measured("a#####..................", "..........###.......####", told=told)
    assert figures.waits_ms == pytest.approx([1_400], abs=EXACT_MS)
    assert figures.waits_with_openers_ms == pytest.approx([400], abs=EXACT_MS)


def test_an_answer_into_the_callers_pause_is_a_false_start() -> None:
    figures = measured("a#####.......#####..................", ".........#####.........##########...")
    assert figures.false_starts == 1
    assert figures.waits_ms == pytest.approx([500], abs=EXACT_MS)


def test_an_answer_that_is_dropped_and_begun_again_is_a_false_start() -> None:
    assert measured("a#####......................", "...........###......########").false_starts == 1
    assert measured("a#####......................", "...........#########....####").false_starts == 0


def test_a_question_that_nobody_answers() -> None:
    figures = measured("a#####............", "..................")
    assert (figures.turns, figures.unanswered, figures.waits_ms) == (1, 1, [])
    assert figures.told()["v2v_ms_p50"] is None


def test_the_agent_yields_and_answers_what_it_was_interrupted_with() -> None:
    figures = measured(
        "a####..............i######.............",
        ".........###############.........#####.",
    )
    assert figures.yields_ms == pytest.approx([400], abs=EXACT_MS)
    assert figures.waits_ms == pytest.approx([400, 700], abs=EXACT_MS)
    assert figures.false_starts == 0


def test_an_agent_that_talks_on_has_not_yielded() -> None:
    agent = "." * 9 + "#" * 60 + "." * 6
    figures = measured("a####" + "." * 14 + "i######" + "." * 49, agent)
    assert (figures.yields_ms, figures.not_yielded) == ([], 1)


MURMUR = "a####............m###" + "." * 49


@pytest.mark.parametrize(
    ("agent", "asked_ms", "false", "resumed"),
    [
        (".........####################################################.........", [300], 0, 0),
        (".........############...............##################################", [300], 1, 1),
        (".........############...............##################################", [300, 2_400], 1, 0),
        (".........############.................................................", [300], 1, 0),
    ],
)
def test_a_backchannel(agent: str, asked_ms: list[int], false: int, resumed: int) -> None:
    figures = measured(MURMUR, agent, asked_ms=asked_ms)
    assert (figures.murmurs, figures.false_interruptions, figures.resumed) == (1, false, resumed)


def test_a_resume_is_not_claimed_where_it_may_be_a_new_answer() -> None:
    agent = ".........############...............##################################"
    assert measured(MURMUR, agent).told()["resumed"] is None


def test_a_row_has_the_keys_of_the_report_and_a_reason_for_each_null(tmp_path: Path) -> None:
    row = Row(target="hatif", profile="default", model="mock")
    told = row_of(row, measured("a#####........", "...........###"), cpu_s_per_call_min=1.5, rss_mb_per_call=None)
    missing = row_of(Row(target="pipecat", profile="tuned", model="mock"), None, reason="no network")
    path = tmp_path / "bench.json"
    kept(path, [told])
    kept(path, [missing, told])
    written = json.loads(path.read_text())
    assert [one["target"] for one in written] == ["hatif", "pipecat"]
    for one in written:
        assert set(one) == {*KEYS, "reasons", "load_average", "caller_slipped_ms"}
        assert {key for key in KEYS if one[key] is None} == set(one["reasons"])
    assert written[0]["turns"] == 1
    assert written[1]["reasons"]["turns"] == "no network"
