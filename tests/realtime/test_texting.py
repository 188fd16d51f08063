"""A text as the brain asks for it: through the gate of the tools, with the words of a fact or of the last answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.moves import Act, Say
from domain.speech import Speaker
from domain.texting import talk
from domain.texting.book import SEND_SMS
from tests.domain.profiles import AR, EN, SHOP
from tests.engines.model_server import Script
from tests.realtime.test_brain import calling, texts

PROFILE = replace(SHOP, actions=(SEND_SMS,))


def act_in(moves: list) -> Act:
    return next(move for move in moves if isinstance(move, Act))


async def test_what_was_told_last_is_texted_and_the_number_is_the_one_agreed_to() -> None:
    async with calling(Script(), profile=PROFILE) as call:
        await call.say("How much is delivery?")
        act = act_in(await call.say("Text me that, please"))
        assert act.slots == {"topic": "told", "text": "Noor: Delivery costs 35 dirhams."}
        asked = talk.which_number(act, EN)
        call.heard(Speaker.AGENT, asked.text, EN, asked.kind, asked.intent)
        assert "0501234567" in " ".join(texts(await call.say("zero five zero, one two three, four five six seven")))
        act = act_in(await call.say("yes"))
        assert act.slots["number"] == "+971501234567"


@pytest.mark.parametrize(("text", "language"), [("Text me the parking", EN), ("ابعث لي رسالة عن الموقف", AR)])
async def test_a_fact_is_texted_as_it_stands(text: str, language) -> None:
    async with calling(Script(), profile=PROFILE) as call:
        act = act_in(await call.say(text, language))
        assert (act.slots["topic"], act.slots["text"]) == (
            "parking",
            {EN: "Noor: Parking is free.", AR: "نور: الموقف مجاني."}[language],
        )


async def test_an_emergency_goes_before_a_text() -> None:
    async with calling(Script(), profile=PROFILE) as call:
        await call.say("Text me the parking")
        moves = await call.say("There is a fire, text me the number")
        assert not any(isinstance(move, Act) for move in moves)
        assert any(isinstance(move, Say) and "997" in move.text for move in moves)
