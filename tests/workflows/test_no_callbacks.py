"""A tenant that promises no callbacks: what becomes of those who would be promised one."""

from __future__ import annotations

import pytest

from domain.handoff import HandoffResult
from domain.line import HeldChoice, PhaseKind, ResumeReason
from tests.workflows.desk_side import NUMBER, Desk
from tests.workflows.promises import Skipping
from tests.workflows.test_handoff_waits import closed_until_tomorrow

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("closed", [True, False])
async def test_a_house_that_calls_nobody_back_promises_nothing(skipping: Skipping, closed: bool) -> None:
    desk = await Desk.of(skipping.house)
    await desk.queue()
    if closed:
        await closed_until_tomorrow(desk, skipping)
    await desk.calls_nobody_back()
    start = await desk.house.a_call()
    await desk.callbacks.note_contact(desk.tenant_id, start.call_id, NUMBER)
    handed = await desk.handoff(start)
    if not closed:
        await handed.told(lambda wanted: wanted.choose)
        await handed.chooses(HeldChoice.CALL_BACK)
    assert await handed.result() is (HandoffResult.CLOSED if closed else HandoffResult.NO_ADVISOR)
    resumed = await handed.is_in(PhaseKind.CONVERSE)
    assert resumed.resumed is (ResumeReason.CLOSED if closed else ResumeReason.NO_ADVISOR)
    assert resumed.callback_at is None
    assert await desk.callbacks.open_callbacks(desk.tenant_id) == []
