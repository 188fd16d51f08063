"""People beside the caller: they join, part, change how they take part, and guide the agent, wherever the line is."""

from __future__ import annotations

import asyncio

import pytest

from domain.call import Outcome
from domain.errors import LineLost, Refused, Unavailable
from domain.line import JoinAsked, Party, PartyMode, PartyRole, SessionDescription
from tests.workflows.far_side import House, until_shown
from tests.workflows.quiet_lines import AGAIN, NONSENSE, OFFER

pytestmark = pytest.mark.servers

SARA = JoinAsked(party=Party(party_id="sara", role=PartyRole.ADVISOR), offer=OFFER)


async def test_a_supervisor_joins_whispers_guides_and_parts(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    of = (start.tenant_id, start.call_id)
    await gateway.connect(start, OFFER)
    line = media.lines.lines[start.call_id]
    omar = Party(party_id="omar", role=PartyRole.SUPERVISOR, mode=PartyMode.LISTEN)

    joined = await gateway.join(*of, JoinAsked(party=omar, offer=OFFER))
    assert (joined.lease, joined.answer.type) == (1, "answer")
    assert line.parties == {"omar": omar}
    await gateway.set_party_mode(*of, "omar", PartyMode.WHISPER)
    assert line.parties["omar"].mode is PartyMode.WHISPER
    await gateway.guide(*of, "Offer the express delivery.")
    assert line.guidance == ["Offer the express delivery."]
    await gateway.leave(*of, "omar")
    await gateway.leave(*of, "omar")  # Twice is no error.
    assert line.parties == {}


async def test_nonsense_is_refused(house: House) -> None:
    await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    of = (start.tenant_id, start.call_id)
    await gateway.connect(start, OFFER)
    answer = SessionDescription(type="answer", sdp=OFFER.sdp)
    for offer in (NONSENSE, answer):
        with pytest.raises(Refused) as refused:
            await gateway.join(*of, JoinAsked(party=SARA.party, offer=offer))
        assert refused.value.code == "bad_offer"
    with pytest.raises(Refused) as refused:
        await gateway.set_party_mode(*of, "nobody", PartyMode.TALK)
    assert refused.value.code == "not_in_call"
    for text in ("", " \n", "x" * 1001):
        with pytest.raises(Refused) as refused:
            await gateway.guide(*of, text)
        assert refused.value.code == "bad_guidance"


async def test_whoever_joins_while_the_caller_is_away_waits_for_the_line(house: House) -> None:
    first = await house.media("a", slots=1)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    first.lines.drop(start.call_id)
    await until_shown(await house.workflow(start), "adrift")
    joining = asyncio.create_task(gateway.join(start.tenant_id, start.call_id, SARA))

    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    joined = await joining
    assert joined.lease == again.lease
    assert "sara" in first.lines.lines[start.call_id].parties


async def test_whoever_joins_as_the_line_moves_is_joined_where_it_is_then(house: House) -> None:
    """The first holder has lost the line, and says so."""
    old = await house.media("a", slots=1)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    old.lines.lines[start.call_id].lease = 99
    joining = asyncio.create_task(gateway.join(start.tenant_id, start.call_id, SARA))
    new = await house.media("b")
    old.lines.stuck = True

    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    joined = await joining
    assert "s=b" in joined.answer.sdp
    assert "sara" in new.lines.lines[start.call_id].parties


async def test_a_caller_who_stays_away_is_waited_for_no_longer_than_a_person_does(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    of = (start.tenant_id, start.call_id)
    await gateway.connect(start, OFFER)
    media.lines.drop(start.call_id)
    await until_shown(await house.workflow(start), "adrift")

    asked = (gateway.join(*of, SARA), gateway.leave(*of, "sara"), gateway.guide(*of, "Be brief."))
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [(type(answer), getattr(answer, "system", None)) for answer in answers] == [(Unavailable, "line")] * 3
    joining = asyncio.create_task(gateway.join(*of, SARA))
    await gateway.end(*of, Outcome.CALLER_HUNG_UP)
    with pytest.raises(LineLost):
        await joining


async def test_nobody_joins_a_call_that_is_over(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    of = (start.tenant_id, start.call_id)
    await gateway.connect(start, OFFER)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    await (await house.workflow(start)).result()
    for asked in (
        gateway.join(*of, SARA),
        gateway.leave(*of, "sara"),
        gateway.set_party_mode(*of, "sara", PartyMode.TALK),
        gateway.guide(*of, "Be brief."),
    ):
        with pytest.raises(LineLost):
            await asked
