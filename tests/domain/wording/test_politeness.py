"""What a formal company's agent says: every fixed sentence, walked through, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import domain
from domain import sentences
from domain.answering import policy, prompt
from domain.answering.move_reader import split_sentences
from domain.answering.spelling import script_of
from domain.calendar.counted import place_in_line
from domain.desk import hold_sentences
from domain.desk.hold_sentences import comfort
from domain.errors import SetupError
from domain.knowledge import problems, written
from domain.knowledge.document import Passage
from domain.line import Phase, PhaseKind
from domain.menu.kept import fixed
from domain.moves import Say
from domain.speech import Language
from domain.tenant import TenantProfile
from domain.tenant_file.profile import parse_tenant
from domain.wording.politeness import FORMAL, Politeness, worded
from tests.domain.profiles import AR, EN, FRESH, SHOP

POLITE = replace(SHOP, politeness=Politeness.FORMAL)
PHRASES = [(language, *pair) for language, phrases in FORMAL.items() for pair in phrases.items()]
CONTRACTION = re.compile(r"n't\b|\b\w+'(?:m|ll|re|ve|d)\b|\b(?:it|that|what|let|there|he|she|who)'s\b", re.IGNORECASE)
TO_ONE_PERSON = re.compile(r"من فضلك\b|\b(?:لك|بك|أنت|تمام|اضغط|اكتب|قل|قله|معك|منك|عليك|إليك|يمكنك|لديك)\b")
"""How Arabic speaks to one person, or without ceremony."""
THE_CALLERS = ("نكمل معك", "0: أريد")
"""Words that are the caller's own."""


def _texts(value: Any) -> Iterator[tuple[Language, str]]:
    if isinstance(value, dict) and value.keys() == set(Language):
        yield from ((language, text) for language, text in value.items() if isinstance(text, str))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _texts(inner)


def _of_the_domain() -> set[tuple[Language, str]]:
    """Every fixed sentence of the domain in each language, but for what is told to people at work."""
    found = set[tuple[Language, str]]()
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        if module.name != problems.__name__:
            for name, value in vars(importlib.import_module(module.name)).items():
                if name.isupper():
                    found.update((language, one) for language, text in _texts(value) for one in split_sentences(text))
    return found


SAID = _of_the_domain()


def _formal(text: str, language: Language = EN) -> str:
    return worded(text, language, Politeness.FORMAL)


def _fields(phrase: str) -> list[str]:
    return sorted(field for _, field, _, _ in Formatter().parse(phrase) if field is not None)


def test_a_formal_sentence_stands_for_one_that_is_said_and_is_fit_to_be_spoken() -> None:
    for language, everyday, formal in PHRASES:
        assert (language, everyday) in SAID
        assert formal != everyday
        assert _fields(formal) == _fields(everyday), everyday
        assert (everyday[-1] in "?؟") is (formal[-1] in "?؟"), everyday
        assert script_of(formal) is language, everyday
        assert not CONTRACTION.search(formal), formal
        assert worded(everyday, language, Politeness.EVERYDAY) == everyday
        assert _formal(everyday, language) == formal == _formal(formal, language)
        if not _fields(formal) and not re.search(r"\d", formal):
            said = Say(text=formal, language=language)
            assert policy.permit(said, FRESH, POLITE) == [said], formal


def test_no_fixed_sentence_is_left_out() -> None:
    assert len(SAID) > 500
    left = {
        text
        for language, text in SAID
        if (CONTRACTION if language is EN else TO_ONE_PERSON).search(_formal(text, language))
        and not any(words in text for words in THE_CALLERS)
    }
    assert left == set()


def test_sentences_are_found_among_others_and_with_their_values() -> None:
    said = f"{hold_sentences.CONNECTING[EN].format(name='Aisha')} {sentences.MISSED[EN]}"
    assert _formal(said) == (
        "I am connecting you to Aisha now. I apologise, I did not hear that. May I ask you to say it again?"
    )
    held = Phase(kind=PhaseKind.HELD, number=1, position=3, wait_s=120)
    assert _formal(comfort(held, AR), AR).startswith(place_in_line(3, AR).replace("ترتيبك", "ترتيبكم"))
    assert _formal("سيكتب لك أحد الزملاء هنا: دورك هو التالي.", AR) == "سيكتب لكم أحد الزملاء هنا: دوركم هو التالي."
    assert _formal("كنت تسأل: متى تفتحون؟", AR) == "كان سؤالكم: متى تفتحون؟"


def test_what_is_not_ours_stays_as_it_is() -> None:
    for text in ("Our tailors can't alter suits, I'm sorry.", "We say: Hello!you", "{about} {0}"):
        assert _formal(text) == text


def test_the_model_is_told_and_shown() -> None:
    everyday, formal = prompt.prefix(SHOP), prompt.prefix(POLITE)
    (line,) = prompt.REGISTER_LINES[Politeness.FORMAL]
    assert line not in everyday[0].content
    assert line in formal[0].content
    assert {script_of(part) for part in line.split("In Arabic:")} == set(Language)
    assert "How may I help you?" in formal[-3].content
    assert "مساعدتكم" in formal[-1].content
    suits = "We alter suits."
    passage = Passage(
        document_id="d", name="n", heading=(), page=None, text=suits, language=EN, score=1.0, answer=suits
    )
    asked = [written.messages("suits?", [passage], AR, polite)[1].content for polite in Politeness]
    assert [f"in {manner}Arabic" in text for manner, text in zip(("", "formal "), asked, strict=True)] == [True, True]


def test_what_is_kept_as_audio_is_kept_as_it_is_said() -> None:
    everyday, formal = fixed(), fixed(Politeness.FORMAL)
    assert formal == [(language, _formal(text, language)) for language, text in everyday]
    assert (EN, _formal(sentences.VOICE_FAILED[EN])) in set(formal) - set(everyday)


def test_a_tenants_file_names_it() -> None:
    assert _parsed("").politeness is Politeness.EVERYDAY
    assert _parsed('politeness = "formal"').politeness is Politeness.FORMAL
    for wrong in ('politeness = "rude"', "politeness = 1", 'politeness = ["formal"]'):
        with pytest.raises(SetupError, match="politeness: one of everyday, formal is expected"):
            _parsed(wrong)


def _parsed(line: str) -> TenantProfile:
    text = Path("deploy/tenants/demo-shop.toml").read_text(encoding="utf-8")
    return parse_tenant(f"{line}\n{text}", "demo-shop.toml", lambda slug: slug)
