"""What somebody whom we call hears first, and what the agent knows of why they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.speech import Language
from domain.tenant import TenantProfile, Words

EN, AR = Language.EN, Language.AR

IT_IS: Words = {
    EN: "Hello, this is the automated assistant of {name}.",
    AR: "مرحباً، معك المساعد الآلي من {name}.",
}
WANTED: Words = {
    EN: "We wanted to reach you.",
    AR: "أردنا التواصل معك.",
}
HOW_CAN_I_HELP: Words = {EN: "How can I help you?", AR: "كيف أقدر أساعدك؟"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Takes the place of the tenant's greeting. Whoever picks up hears it, so it holds nothing that is private."""

    language: Language
    text: str
    about: str | None = None
    """For the agent alone: what the call is about."""


class Openings(Protocol):
    async def opening(self, tenant_id: str, call_id: str) -> Opening | None:
        """None for a call that opens with the greeting. Raises Unavailable("postgres", …)."""
        ...


def reaching_out(profile: TenantProfile) -> Opening:
    """Of a call for which nobody said why it is made, in the tenant's language: of who answers nothing is known."""
    language = profile.default_language
    said = (IT_IS[language].format(name=profile.name[language]), WANTED[language], HOW_CAN_I_HELP[language])
    return Opening(language=language, text=" ".join(said))
