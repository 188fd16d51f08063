"""Text folded so that spellings that a caller or a recogniser mixes up compare equal, in Arabic and English."""

from __future__ import annotations

import re
import unicodedata

from domain.speech import Language

_SAME_LETTER = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "گ": "ك",
        "چ": "ج",
        "پ": "ب",
        "ڤ": "ف",
        "ـ": None,
        "ء": None,
        "'": None,
        "’": None,
    }
)
"""Letters that dialect writing and recognisers interchange; the apostrophe goes, so that "don't" is one word."""

_ARABIC_LETTER = re.compile(r"[\u0621-\u064a\u066e-\u06d3]")
_LATIN_LETTER = re.compile(r"[a-z]", re.IGNORECASE)
_NOT_A_WORD = re.compile(r"[^\w]+|_")

_AR_PREFIXES = ("وال", "بال", "فال", "كال", "عال", "هال", "لل", "ال")
_AR_PRONOUNS = ("تكم", "اتي", "كم", "نا", "ها", "هم", "تي", "ه", "ي")
_AR_ENDINGS = ("ات", "ين", "ون", "وا", "ان", "يه", "ه", "ت", "ا")
_AR_PLURAL_VERB = re.compile(r"^[تين](?P<root>\w{3,})(?:ون|وا)$")
"""You or they do: "توصلون" is "وصل"."""
_AR_DIALECT_TENSE = re.compile(r"^[بهح](?P<verb>[يتن]\w{3,})$")
"""Will or does, in the Gulf and in Egypt: "بيوصل" is "يوصل"."""
_AR_TO = re.compile(r"^ل(?P<word>\w{3,})$")
_EN_SUFFIXES = ("ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly", "y", "e")
_SHORTEST_STEM = {Language.AR: 2, Language.EN: 3}
"""Letters that must stay: an Arabic root has three, a defective one two."""


class _Plain(dict[int, str | None]):
    """What becomes of each letter after decomposition, found out when it is first met."""

    def __missing__(self, point: int) -> str | None:
        letter = _SAME_LETTER.get(point, chr(point))
        if letter is not None:
            letter = ascii_digits(letter)
            letter = None if unicodedata.category(letter) == "Mn" else letter
        if point < _KEPT_LETTERS:
            self[point] = letter
        return letter


def fold(text: str) -> str:
    """Lower case, one alef, no diacritics, ASCII digits, and single spaces in place of punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    return " ".join(_NOT_A_WORD.sub(" ", plain).split())


def ascii_digits(text: str) -> str:
    """Arabic-Indic and other digits as 0-9."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


_PLAIN = _Plain()
_KEPT_LETTERS = 0x3000
"""Of all alphabets; Chinese signs would be many."""


def stem(word: str) -> str:
    """A folded word without its commonest prefixes and endings; crude, but the same for both sides of a comparison."""
    if word.isdecimal():
        return word
    if not _ARABIC_LETTER.search(word):
        return _strip_suffix(word, _EN_SUFFIXES, _SHORTEST_STEM[Language.EN])
    shortest = _SHORTEST_STEM[Language.AR] + 1
    bare = _AR_DIALECT_TENSE.sub(r"\g<verb>", _AR_TO.sub(r"\g<word>", _strip_prefix(word)))
    verb = _AR_PLURAL_VERB.match(bare)
    if verb is not None:
        return verb["root"]
    return _strip_suffix(_strip_suffix(bare, _AR_PRONOUNS, shortest), _AR_ENDINGS, shortest)


def _strip_prefix(word: str) -> str:
    for prefix in _AR_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_STEM[Language.AR]:
            return word[len(prefix) :]
    return word


def _strip_suffix(word: str, suffixes: tuple[str, ...], shortest: int) -> str:
    for suffix in suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= shortest:
            return word[: -len(suffix)]
    return word


def script_of(text: str) -> Language | None:
    """The language of a sentence by its letters; None without any. Mixed sentences are mostly Arabic ones.

    Unlike `script_language` it doesn't take the longer English nouns of "عندكم washing machine؟" for an English call.
    """
    arabic, latin = len(_ARABIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    if arabic + latin == 0:
        return None
    return Language.AR if arabic / (arabic + latin) >= _ARABIC_SHARE else Language.EN


_ARABIC_SHARE = 0.2
"""Share of Arabic letters from which a sentence is Arabic: English nouns inside one are longer than its own words,
and an English sentence hardly ever has an Arabic word in it."""
