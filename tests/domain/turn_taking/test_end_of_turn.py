"""When a turn has ended: a table of cases, and rules that hold for whatever is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.turn_taking.asked import Asked, asked_by
from domain.turn_taking.end_of_turn import PATIENCE, Evidence, Habit, Verdict, judge, silence_needed_ms
from domain.turn_taking.words import Ending, digits_at_end, ending

CASES = [
    # what, silence, sound, words, asked, verdict
    ("nothing is known yet", 200, None, None, Asked.ANYTHING, Verdict.WAIT),
    ("no words for long", 900, None, None, Asked.ANYTHING, Verdict.ENDED),
    ("all say that it is over", 330, 0.95, "What are your opening hours?", Asked.ANYTHING, Verdict.ENDED),
    ("it is over, but only just", 200, 0.95, "What are your opening hours?", Asked.ANYTHING, Verdict.LIKELY),
    ("a stop consonant", 120, 0.95, "What are your opening hours?", Asked.ANYTHING, Verdict.WAIT),
    ("whole words, a voice that stays up", 610, 0.1, "I bought it last week.", Asked.ANYTHING, Verdict.WAIT),
    ("and yet nothing comes", 900, 0.1, "I bought it last week.", Asked.ANYTHING, Verdict.ENDED),
    ("without the audio model", 400, None, "I bought it last week.", Asked.ANYTHING, Verdict.LIKELY),
    ("without the audio model, long enough", 600, None, "I bought it last week.", Asked.ANYTHING, Verdict.ENDED),
    ("a trailing and", 900, 0.9, "I bought it last week and", Asked.ANYTHING, Verdict.WAIT),
    ("a trailing because", 1_200, 0.9, "I call because.", Asked.ANYTHING, Verdict.WAIT),
    ("nobody goes on for ever", 1_500, 0.1, "I bought it and", Asked.ANYTHING, Verdict.ENDED),
    ("a trailing wa", 900, 0.9, "اشتريت غسالة و", Asked.ANYTHING, Verdict.WAIT),
    ("a trailing yaani", 900, 0.9, "اشتريت غسالة يعني", Asked.ANYTHING, Verdict.WAIT),
    ("a whole Arabic question", 330, 0.9, "متى تفتحون؟", Asked.ANYTHING, Verdict.ENDED),
    ("digits of a longer number", 900, 0.9, "It's 0551.", Asked.NUMBER, Verdict.WAIT),
    ("digits that nobody asked for", 900, 0.9, "My number is 055 123", Asked.ANYTHING, Verdict.WAIT),
    ("a short number that was asked for", 1_300, 0.9, "It's 45.", Asked.NUMBER, Verdict.ENDED),
    ("a whole phone number", 600, 0.9, "055 123 4567.", Asked.NUMBER, Verdict.ENDED),
    ("spoken digits", 900, 0.9, "zero five five", Asked.ANYTHING, Verdict.WAIT),
    ("yes, when that was the question", 330, 0.2, "Yes.", Asked.YES_OR_NO, Verdict.ENDED),
    ("naam, when that was the question", 330, None, "نعم", Asked.YES_OR_NO, Verdict.ENDED),
    ("yes, when something else was", 330, 0.2, "Yes.", Asked.ANYTHING, Verdict.WAIT),
    ("a noise", 330, 0.9, "", Asked.ANYTHING, Verdict.ENDED),
]


@pytest.mark.parametrize(
    ("silent_ms", "sound", "words", "asked", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_cases(silent_ms: int, sound: float | None, words: str | None, asked: Asked, verdict: Verdict) -> None:
    assert judge(Evidence(silent_ms=silent_ms, sounds_ended=sound, words=words, asked=asked)) is verdict


def test_a_caller_who_pauses_long_is_given_time_unless_all_is_sure() -> None:
    habit = Habit()
    for ms in (700, 800, 900, 850):
        habit.paused(ms)
    slow = Evidence(silent_ms=700, sounds_ended=0.6, words="I bought a washer.", pauses_ms=habit.pauses_ms)
    assert judge(slow) is Verdict.WAIT
    assert judge(Evidence(silent_ms=700, sounds_ended=0.6, words="I bought a washer.")) is Verdict.ENDED
    sure = Evidence(silent_ms=330, sounds_ended=0.95, words="I bought a washer.", pauses_ms=habit.pauses_ms)
    assert judge(sure) is Verdict.ENDED


texts = st.one_of(
    st.none(), st.sampled_from([c[3] or "" for c in CASES]), st.text("abc و055,.?يعني ", max_size=30), st.just("and")
)
evidence = st.builds(
    Evidence,
    silent_ms=st.integers(0, 3_000),
    sounds_ended=st.none() | st.floats(0, 1),
    words=texts,
    asked=st.sampled_from(Asked),
    pauses_ms=st.lists(st.integers(160, 4_000), max_size=8),
)


@given(evidence)
def test_no_turn_ends_in_a_word_and_every_turn_ends(heard: Evidence) -> None:
    needed = silence_needed_ms(heard)
    assert PATIENCE.quick_ms <= needed <= PATIENCE.open_ms
    assert (judge(heard) is Verdict.ENDED) == (heard.silent_ms >= needed)
    if judge(heard) is Verdict.LIKELY:
        assert heard.words is not None
        assert heard.silent_ms >= PATIENCE.begin_ms


@given(evidence, st.floats(0, 1), st.floats(0, 1))
def test_a_surer_sound_never_waits_longer(heard: Evidence, one: float, other: float) -> None:
    def needed(sound: float) -> int:
        return silence_needed_ms(
            Evidence(silent_ms=0, sounds_ended=sound, words=heard.words, asked=heard.asked, pauses_ms=heard.pauses_ms)
        )

    assert needed(max(one, other)) <= needed(min(one, other))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I would like to know if you deliver", Ending.WHOLE),
        ("Where are you from?", Ending.WHOLE),
        ("Can you tell me what it is?", Ending.WHOLE),
        ("Yes, it is.", Ending.WHOLE),
        ("I think so.", Ending.WHOLE),
        ("Can you tell me?", Ending.OPEN),
        ("I would like to know", Ending.OPEN),
        ("What can you tell me?", Ending.WHOLE),
        ("That's all I wanted to know.", Ending.WHOLE),
        ("Just tell me.", Ending.WHOLE),
        ("ممكن تقول لي", Ending.OPEN),
        ("لو سمحت، أبي أعرف", Ending.OPEN),
        ("ما أعرف", Ending.WHOLE),
        ("هذا اللي أبي أعرف", Ending.WHOLE),
        ("I'd like to speak to", Ending.OPEN),
        ("My name is.", Ending.OPEN),
        ("I want", Ending.OPEN),
        ("First the fridge,", Ending.OPEN),
        ("So I was thinking...", Ending.OPEN),
        ("um", Ending.OPEN),
        ("وين مكانكم", Ending.WHOLE),
        ("أبغى", Ending.OPEN),
        ("عندي مشكلة لأن", Ending.OPEN),
        ("عطني خصم لو ممكن", Ending.WHOLE),
        ("yes please", Ending.REPLY),
        ("أيوه طبعا", Ending.REPLY),
        ("It's at five.", Ending.WHOLE),
        ("order 4572", Ending.DICTATION),
        ("رقمي ٠٥٥ ١٢٣", Ending.DICTATION),
        ("صفر خمسة خمسة", Ending.DICTATION),
        ("", Ending.WHOLE),
    ],
)
def test_how_words_end(text: str, expected: Ending) -> None:
    assert ending(text) is expected


def test_digits_are_counted_from_the_end() -> None:
    assert digits_at_end("call 12 or 055 12 three") == 6
    assert digits_at_end("٠٥٥") == 3
    assert digits_at_end("none") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is your order number?", Asked.NUMBER),
        ("Please tell me your phone number.", Asked.NUMBER),
        ("كم رقم الطلب؟", Asked.NUMBER),
        ("ممكن تعطيني رقم جوالك؟", Asked.NUMBER),
        ("Your order number is 45.", Asked.ANYTHING),
        ("Shall I connect you to a colleague?", Asked.YES_OR_NO),
        ("هل تريد أن أحولك إلى موظف؟", Asked.YES_OR_NO),
        ("Would you like the red one or the blue one?", Asked.ANYTHING),
        ("How can I help you?", Asked.ANYTHING),
        ("We open at nine. Is there anything else?", Asked.YES_OR_NO),
        ("We open at nine.", Asked.ANYTHING),
        ("May we record this call? Please say yes or no.", Asked.YES_OR_NO),
        ("هل الرقم 055 صحيح؟ قل نعم أو لا.", Asked.YES_OR_NO),
        ("Which number shall we call? Please say it digit by digit.", Asked.NUMBER),
        ("على أي رقم نتصل بك؟ قل الرقم خانة خانة، أو اكتبه.", Asked.NUMBER),
        ("", Asked.ANYTHING),
    ],
)
def test_what_a_sentence_asks_for(text: str, expected: Asked) -> None:
    assert asked_by(text) is expected
