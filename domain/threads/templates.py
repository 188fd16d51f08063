"""WhatsApp templates: filled in for somebody, and known again by the words that came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.errors import Refused
from domain.messaging import TEMPLATE_MISFIT, TEMPLATE_UNKNOWN, FilledTemplate
from domain.speech import Language
from domain.tenant import MessageTemplate, TenantProfile

PLACE = re.compile(r"\{\{(\d{1,2})\}\}")
TEMPLATE_PREFIX = "template:"
"""Before the name and the language, in the intent of a turn that was written by a template."""
LONGEST_VALUE = 200
_TOO_LOOSE = re.compile(r"[\n\r\t]| {5}")
"""What Meta takes in no value."""


def template_of(profile: TenantProfile, name: str, language: str) -> MessageTemplate:
    """Raises Refused("template_unknown")."""
    for template in profile.message_templates:
        if (template.name, template.language) == (name, language):
            return template
    raise Refused(TEMPLATE_UNKNOWN, "There is no template of this name and language.")


def written(template: MessageTemplate, values: Sequence[str]) -> str:
    """What the person reads. Raises Refused("template_misfit")."""
    given = [value.strip() for value in values]
    if len(given) != len(template.values):
        raise Refused(TEMPLATE_MISFIT, f"The template has {len(template.values)} values.")
    if any(not value or len(value) > LONGEST_VALUE or _TOO_LOOSE.search(value) for value in given):
        raise Refused(TEMPLATE_MISFIT, f"A value is one line of 1 to {LONGEST_VALUE} characters.")
    return PLACE.sub(lambda place: given[int(place[1]) - 1], template.body)


def intent_of(template: MessageTemplate) -> str:
    return f"{TEMPLATE_PREFIX}{template.name}:{template.language}"


def filled(profile: TenantProfile, intent: str, text: str) -> FilledTemplate:
    """The template behind a turn, with values that make just these words of it.

    Raises Refused("template_unknown") when the company has changed or removed it meanwhile.
    """
    name, _, language = intent.removeprefix(TEMPLATE_PREFIX).partition(":")
    template = template_of(profile, name, language)
    between = [re.escape(part) for part in PLACE.sub("\0", template.body).split("\0")]
    found = re.fullmatch("(.+?)".join(between), text, re.DOTALL)
    if found is None:
        raise Refused(TEMPLATE_UNKNOWN, "The template is not the one any more with which this was written.")
    return FilledTemplate(name=name, language=language, values=found.groups())


def spoken_in(template: MessageTemplate) -> Language:
    return Language.AR if template.language.startswith("ar") else Language.EN
