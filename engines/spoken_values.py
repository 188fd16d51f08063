"""The SpokenValues port by rules: what was dictated into digits, and written values into words to be read aloud."""

from __future__ import annotations

import importlib
import re
from typing import Any

from domain.speech import Language
from engines.dictation_en import digits_of
from engines.reading import Reader, folded

COUNTRY = "AE"
"""Whose mobile numbers a bare 05… is: the UAE's and the Saudi ones look alike."""

_SPLIT_ID = re.compile(
    r"(\b(?:order|appointment|booking|reference|ticket|invoice|account|number|code|pin|id)\b\D{0,12}"
    r"|(?:رقم|طلب|موعد|حجز|كود|رمز)\D{0,12})(\d{1,3}(?:[\s,-]+\d{1,3})+)\b",
    re.IGNORECASE,
)
_SINGLE_DIGITS = re.compile(r"(?<![\d.,:/-])\d(?:[\s,-]+\d){2,}(?![\d.,:/-]*\d)")
_PHONE = re.compile(r"(?<!\w)(\+?\d[\d\s()-]{7,20}\d)(?!\w)")
PHONE_DIGITS = range(9, 16)


class RuleSpokenValues:
    def __init__(self, country: str = COUNTRY) -> None:
        arabic_itn: Any = importlib.import_module("arabic_itn")
        self._normalise_arabic = arabic_itn.normalize
        self._country = country
        self._readers = {language: Reader(language) for language in Language}

    def heard(self, text: str, language: Language) -> str:
        plain = folded(text)
        if language is Language.AR:
            plain = str(self._normalise_arabic(plain, country=self._country)["text"])
        # Callers say English numbers in Arabic sentences as well.
        return _joined(digits_of(plain))

    def read_aloud(self, text: str, language: Language) -> str:
        return self._readers[language].read(text)


def _joined(text: str) -> str:
    """Digits that a recogniser wrote apart but that are one value."""
    text = _SPLIT_ID.sub(lambda found: found[1] + re.sub(r"\D", "", found[2]), text)
    text = _SINGLE_DIGITS.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    return _PHONE.sub(_phone, text)


def _phone(found: re.Match[str]) -> str:
    plain = re.sub(r"[^\d+]", "", found[0])
    is_phone = len(plain.lstrip("+")) in PHONE_DIGITS and plain.startswith(("+", "0"))
    return plain if is_phone else found[0]
