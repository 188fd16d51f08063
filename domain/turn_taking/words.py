"""How a caller's words end: a whole sentence, one that hangs open, a number being dictated, a bare yes or no."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


def listed(words: str) -> frozenset[str]:
    """Words that are written with blanks between them."""
    return frozenset(words.split())


def _phrases(phrases: str) -> tuple[str, ...]:
    """Phrases that are written with strokes between them."""
    return tuple(phrases.split("|"))


class Ending(StrEnum):
    WHOLE = "whole"
    """Nothing in the words says that more will come."""
    OPEN = "open"
    """The last word wants another one: "and", "because", "my", "و", "يعني"."""
    DICTATION = "dictation"
    """The last words are digits, and more of them may follow."""
    REPLY = "reply"
    """A yes or no and nothing else."""


DICTATED_DIGITS = 3
"""From here on digits at the end are a number being dictated; "at five" and "order 12" are not."""
WHOLE_NUMBER_DIGITS = 9
"""National numbers of the Gulf and Egypt have 9 to 11 digits: one that has so many may be complete."""
MOST_REPLY_WORDS = 3

_JOINS_EN = listed(
    "and or but because cause cos unless until although whether than plus a an the my your his our their every each "
    "i'm i'd i'll i've it's he's she's we're they're um uh uhm er erm hmm gonna wanna"
)
"""Nobody ends on one of these; "so", "that", "if" and "well" are left out, for "I think so" and "as well" end whole."""
_OPENS_EN = listed("to for of in on at with from about by into between under near is are was were want need")
"""At the end of a question they close it: "where are you from?", "what do you need?", "I know what it is"."""
_QUESTION_EN = listed("what who whom whose where which how why when")
_ASKS_ALREADY = _QUESTION_EN | listed("that's all الذي اللي هذا كل ما")
_OPEN_AR = listed(
    "و او أو لكن ولكن يعني لان لأن علشان عشان لانه لأنه اذا إذا لو اللي الذي التي في من على عن الى إلى مع ان أن إن "
    "كي حتى بين ثم ابي ابغى أبغى اريد أريد عايز عايزه اقدر ممكن هل رقمي اسمي عنواني اممم امم ااا"
)
_ASKS_ON = _phrases(
    "you tell me|please tell me|like to know|want to know|wanted to know|wanted to ask|"
    "تقول لي|تقولي|تقولين لي|تخبرني|ابي اعرف|ابغى اعرف|بغيت اعرف|اريد اعرف|ان اعرف|عايز اعرف|عاوز اعرف|حاب اعرف|"
    "ابي اسال|بغيت اسال|اريد اسال|ان اسال|حاب اسال"
)
"""Nobody asks for as little as this: what they want to know follows, unless they have said it already."""
_WHOLE_AR = ("لو ممكن", "متى اقدر", "مو ممكن", "مش ممكن", "غير ممكن")
"""Phrases whose last word is in the list above and which are said whole all the same."""
_YES_NO = listed(
    "yes yeah yep yup no nope nah sure ok okay right correct please exactly thanks absolutely definitely "
    "نعم اي ايه إيه ايوه أيوه ايوا أيوا اه آه لا لأ كلا طيب تمام اوكي أوكي اوك صح صحيح اكيد أكيد بلى طبعا حاضر ماشي "
    "شكرا"
)
_NUMBER_WORDS = listed(
    "zero oh one two three four five six seven eight nine double triple صفر واحد اثنين اتنين ثلاثة ثلاثه تلاتة اربعة "
    "أربعة اربعه خمسة خمسه ستة سته سبعة سبعه ثمانية ثمانيه تمنية تسعة تسعه عشرة عشره"
)
_TRAILS_OFF = re.compile(r"(?:,|،|\.\.\.|…|-|—)\s*$")
_NOT_WORDS = re.compile(r"[^\w'\s]|_")
_MARKS = re.compile(r"[\u064b-\u0652\u0640]")


def plain_words(text: str) -> list[str]:
    """Lower-case words without punctuation, Arabic vowel signs or a lengthening stroke."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return _NOT_WORDS.sub(" ", _MARKS.sub("", folded)).split()


def ending(text: str) -> Ending:
    """`text` is what a recogniser made of the turn so far, in either language."""
    words = plain_words(text)
    if not words:
        return Ending.WHOLE  # a noise, or words that nobody can make out: more of it would not help
    if len(words) <= MOST_REPLY_WORDS and all(word in _YES_NO for word in words):
        return Ending.REPLY
    if digits_at_end(text) >= DICTATED_DIGITS:
        return Ending.DICTATION
    if _TRAILS_OFF.search(text) or _wants_more(words):
        return Ending.OPEN
    return Ending.WHOLE


def digits_at_end(text: str) -> int:
    """How many digits, written or spoken as words, the text ends in."""
    count = 0
    for word in reversed(plain_words(text)):
        if word.isdigit():
            count += len(word)
        elif word in _NUMBER_WORDS:
            count += 1
        else:
            break
    return count


def has_digits(text: str) -> bool:
    return any(word.isdigit() or word in _NUMBER_WORDS for word in plain_words(text))


def _wants_more(words: list[str]) -> bool:
    last = words[-1]
    if last in _JOINS_EN:
        return True
    if " ".join(words).replace("أ", "ا").endswith(_ASKS_ON):
        return not _ASKS_ALREADY.intersection(words)
    if last in _OPENS_EN:
        return words[0] not in _YES_NO and not _QUESTION_EN.intersection(words)
    return last in _OPEN_AR and " ".join(words[-2:]) not in _WHOLE_AR
