"""Texting the caller, to their own number only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.acting.action import ActionState
from domain.acting.assurance import Assurance
from domain.texting.book import SEND_SMS
from domain.texting.talk import LONGEST
from tools.tool import Effect, Phone, Slots, Tool


class SendSms(Slots):
    topic: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"),
        Field(description="A fact's name, or: told"),
    ]
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST), Field(description="What the rules made of it")
    ]
    number: Annotated[Phone | None, Field(description="One that the caller said, heard read back and agreed to")] = None
    to: Annotated[
        str | None, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$"), Field(description="Filled in by the call itself")
    ] = None


class TextTold(Slots):
    state: ActionState


TOOL = Tool(
    name=SEND_SMS,
    about="Texts the caller one of the company's facts, or what they were told last, to their own number only.",
    takes=SendSms,
    gives=TextTold,
    effect=Effect.WRITE,
    assurance=Assurance.OWN_NUMBER,
    deadline_ms=7_000,
)
