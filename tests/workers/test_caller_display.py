"""What a person sees of a headless call."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from domain.speech import TurnKind
from workers.caller.display import Lines, Nothing, Terminal, display_for
from workers.caller.exchange import Event
from workers.caller.report import TurnReport

ANSWERED = TurnReport(
    heard="متى تفتحون؟",
    language="ar",
    answered="We open at nine [always].",
    kind=TurnKind.ANSWER,
    voice_to_voice_ms=910,
    with_openers_ms=610,
    stages_ms={"asr": 100, "brain": 300, "playout": 0},
)
UNHEARD = TurnReport(
    heard="",
    language=None,
    answered="",
    kind=None,
    voice_to_voice_ms=None,
    with_openers_ms=None,
    stages_ms={},
)


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


def test_plain_lines_hold_every_word_and_figure(screen: io.StringIO) -> None:
    with Lines(Console(file=screen, highlight=False, soft_wrap=True)) as display:
        display.greeting("Welcome.")
        display.item(1, "question.wav")
        display.turn(1, ANSWERED)
    shown = screen.getvalue()
    assert "\x1b" not in shown
    for words in ("Welcome.", "1. question.wav", "متى تفتحون؟", "[always]", "910 ms voice to voice", "610 ms", "[ar]"):
        assert words in shown


def test_the_waterfall_goes_on_where_the_stage_before_ended(screen: io.StringIO) -> None:
    Lines(Console(file=screen, soft_wrap=True)).turn(1, ANSWERED)
    asr, brain, playout = screen.getvalue().splitlines()[-3:]
    assert asr.count("▇") * 3 == brain.count("▇")
    assert brain.index("▇") == asr.rindex("▇") + 1
    assert playout.index("▏") == brain.rindex("▇") + 1


def test_a_turn_without_an_answer_says_so(screen: io.StringIO) -> None:
    Lines(Console(file=screen, soft_wrap=True)).turn(1, UNHEARD)
    assert screen.getvalue().count("(nothing)") == 2
    assert "no answering sentence" in screen.getvalue()


def test_a_terminal_shows_who_is_speaking_and_the_interim_words(screen: io.StringIO) -> None:
    with Terminal(Console(file=screen, force_terminal=True, width=100)) as display:
        display.state("connected")
        display.event(Event(at=0, message={"type": "floor", "floor": "caller", "at_ms": 0}))
        display.event(Event(at=0, message={"type": "transcript", "text": "When do", "final": False}))
        assert "When do" in display.line.plain
        assert "you are speaking" in display.line.plain
        display.turn(1, ANSWERED)
        assert "When do" not in display.line.plain
    assert "910 ms voice to voice" in screen.getvalue()


def test_json_shows_nothing_and_a_pipe_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert type(display_for(as_json=True)) is Nothing
    assert type(display_for(as_json=False)) is Lines
