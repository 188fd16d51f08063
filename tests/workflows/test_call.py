"""The call's procedure on a real Temporal server and a real store, with lines that carry no audio."""

from __future__ import annotations

import pytest

from domain.call import CallState, Outcome
from tests.workflows.far_side import OFFER, House

pytestmark = pytest.mark.servers


async def test_a_call_connects_is_served_and_hung_up(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    connected = await (await house.gateway()).connect(start, OFFER)
    assert (connected.lease, connected.answer.type) == (1, "answer")

    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)

    assert await (await house.workflow(start)).result() is Outcome.AGENT_SAID_GOODBYE
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert (row.state, row.outcome) == (CallState.ENDED, Outcome.AGENT_SAID_GOODBYE)
