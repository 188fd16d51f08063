"""Approved messages: filled in, known again by their words, and refused where they don't fit."""

from dataclasses import replace

import pytest

from domain.errors import Refused, SetupError
from domain.messaging import FilledTemplate
from domain.speech import Language
from domain.tenant import MessageTemplate
from domain.tenant_file.tables import TenantTables
from domain.tenant_file.templates import message_templates
from domain.threads import templates
from tests.domain.profiles import AR, EN, SHOP

READY = MessageTemplate(
    name="ready",
    language="en_US",
    body="Hello {{1}}, order {{2}} (paid) is ready. See you, {{1x}}?",
    values=({EN: "Name", AR: "الاسم"}, {EN: "Order", AR: "الطلب"}),
)
PROFILE = replace(SHOP, message_templates=(READY,))


@pytest.mark.parametrize("values", [("Mona", "4572"), (" Mona Al Ali ", "is (paid)"), ("منى", "٤٥٧٢")])
def test_what_was_written_gives_values_that_make_the_same_words(values: tuple[str, str]) -> None:
    text = templates.written(READY, values)
    filled = templates.filled(PROFILE, templates.intent_of(READY), text)
    assert isinstance(filled, FilledTemplate)
    assert (filled.name, filled.language) == ("ready", "en_US")
    assert templates.written(READY, filled.values) == text


@pytest.mark.parametrize(
    "values", [(), ("Mona",), ("Mona", "1", "2"), ("", "1"), ("Mona", "a\nb"), ("x" * 201, "1"), ("a     b", "1")]
)
def test_values_that_do_not_fit_are_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        templates.written(READY, values)
    assert refused.value.code == "template_misfit"


@pytest.mark.parametrize(
    ("profile", "text"), [(SHOP, "Hello Mona, order 4572 (paid) is ready. See you, {{1x}}?"), (PROFILE, "Hello Mona")]
)
def test_a_template_that_was_changed_meanwhile_sends_nothing(profile, text: str) -> None:
    with pytest.raises(Refused) as refused:
        templates.filled(profile, templates.intent_of(READY), text)
    assert refused.value.code == "template_unknown"


def test_its_language_is_the_one_that_it_is_written_in() -> None:
    assert templates.spoken_in(READY) is Language.EN
    assert templates.spoken_in(replace(READY, language="ar")) is Language.AR


ROW = {"name": "ready", "language": "ar", "body": "{{1}} جاهز", "values": [{"en": "Order", "ar": "الطلب"}]}


def test_a_tenants_file_lists_them() -> None:
    (template,) = message_templates(TenantTables("f"), {"templates": [ROW]})
    assert template == MessageTemplate(
        name="ready", language="ar", body="{{1}} جاهز", values=({EN: "Order", AR: "الطلب"},)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ready!"},
        {"language": "Arabic"},
        {"body": ""},
        {"body": "x" * 1025},
        {"body": "no place"},
        {"body": "{{2}} جاهز"},
        {"values": []},
        {"values": [{"en": "Order"}]},
        {"other": 1},
    ],
)
def test_one_that_could_not_be_sent_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SetupError):
        message_templates(TenantTables("f"), {"templates": [{**ROW, **change}]})


def test_one_is_listed_once_in_a_language() -> None:
    with pytest.raises(SetupError):
        message_templates(TenantTables("f"), {"templates": [ROW, ROW]})
