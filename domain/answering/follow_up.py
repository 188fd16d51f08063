"""Questions that lean on the one before: "and on Friday?", "how about Sharjah?", "وبكم؟"."""

from __future__ import annotations

from domain.answering.dialogue import Dialogue
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList

_LEANING = WordList(
    """and, and on, and for, and in, and to, what about, how about, what if, also, or, و, طيب, زين, اوكي, ماذا عن,
    شو عن, وماذا عن, وشو عن, وايش عن, وكم, ومتي, ووين, وبكم, طب"""
)
_OWN_WAW = WordList(
    """وين, وينكم, وينه, وش, ويش, وشو, وايش, واش, وايد, واحد, وحده, وقت, وقتكم, وصل, وصلت, وصول, وكيل, وكاله, واتساب,
    واتس, ورق, ورقه, وظيفه, وظايف, وظائف, وديت, ودي, وزن, وسط, وصفه, ولد, والد, والدي, والدتي"""
)
"""Words whose first letter is not "and": "where", "what", "time", "arrived"."""
_SHORT_WORDS = 6
"""A longer sentence that begins with "and" says all of its question by itself."""


def whole_question(text: str, dialogue: Dialogue) -> str:
    """The question with the one before it in front, where it can't be understood alone."""
    folded = fold(text)
    words = folded.split()
    if not dialogue.answered_question or not words or len(words) > _SHORT_WORDS:
        return text
    opening = " ".join(words[:2])
    joined = words[0].startswith("و") and not _OWN_WAW.found_in(words[0])
    leans = _LEANING.found_in(opening) or (joined and len(words) <= _SHORT_WORDS // 2)
    return f"{dialogue.answered_question} {text}" if leans else text
