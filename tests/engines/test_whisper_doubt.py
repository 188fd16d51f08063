"""When what a recogniser wrote is not believed."""

from __future__ import annotations

import numpy as np
import pytest

from engines.whisper_doubt import is_silence, is_unfounded, loops, stutters


@pytest.mark.parametrize(
    ("text", "confidence", "no_speech"),
    [
        ("I'm going to put the oil on the pan.", 0.19, 0.70),
        ("مجميع", 0.11, 0.64),
        ("you", 0.53, 0.93),
        ("Thank you.", 0.50, 0.60),
        ("Thanks for watching!", 0.55, 0.70),
        ("ترجمة نانسي قنقر", 0.58, 0.80),
        ("something", 0.30, 0.70),
    ],
)
def test_noise_is_not_believed(text: str, confidence: float, no_speech: float):
    assert is_unfounded(text, confidence, no_speech)


@pytest.mark.parametrize(
    ("text", "confidence", "no_speech"),
    [
        ("is", 0.26, 0.27),
        ("Thank you.", 0.85, 0.10),
        ("Thank you.", 0.55, 0.05),
        ("شكرا", 0.70, 0.40),
        ("تكفة طمني أنا اليوم", 0.48, 0.64),
    ],
)
def test_a_caller_is_believed(text: str, confidence: float, no_speech: float):
    assert not is_unfounded(text, confidence, no_speech)


@pytest.mark.parametrize("text", ["and I said " * 12, "لا أعرف ماذا أقول " * 10, "ha" * 60])
def test_a_loop_is_seen(text: str):
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "no, no, no, no, no",
        "zero five zero one two three four five six seven, zero five zero one two three four five six seven",
        "كان العيب حاضر في العديد من الانشطة والفعاليات المرتبطة بكأس العالم من مسمح للجمهير بالتفاع",
        "I would like to know where my order is, my order number is four five seven two, where is it",
        "",
    ],
)
def test_speech_that_repeats_itself_is_no_loop(text: str):
    assert not loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "How much does the installation cost? How much does the installation cost?",
        "Yes. Yes. Yes. Yes. Yes.",
        "متى تفتحون يوم الجمعة؟ متى تفتحون يوم الجمعة؟",
    ],
)
def test_a_sentence_said_twice_is_listened_to_again(text: str):
    assert stutters(text)


@pytest.mark.parametrize("text", ["No, no, no.", "Hello, hello, can you hear me?", "five five five, please", ""])
def test_what_callers_repeat_is_taken_as_it_is(text: str):
    assert not stutters(text)


def test_silence_is_what_no_voice_is_in():
    quiet = np.random.default_rng(1).normal(0, 0.0004, 16_000).astype(np.float32)
    spoken = quiet.copy()
    spoken[8_000:8_640] += 0.01
    assert is_silence(quiet)
    assert is_silence(np.zeros(100, np.float32))
    assert not is_silence(spoken)
