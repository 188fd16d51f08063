"""What a call does when its media worker is killed, frozen or stopped: real processes, real signals."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator

import pytest

from domain.call import CallState, Outcome
from domain.errors import LineBusy
from domain.line import PhaseKind
from domain.speech import Language, Speaker, Turn
from tests.workflows.far_side import House, shown, until_shown
from tests.workflows.media_process import Apart
from tests.workflows.quiet_lines import AGAIN, OFFER
from workflows.timeouts import LINE_HEARTBEAT

pytestmark = pytest.mark.servers

KNOWN_WITHIN_S = 5.0
"""The bar: a killed media worker is known, and the call recorded as lost."""


@pytest.fixture
async def apart(house: House) -> AsyncIterator[Apart]:
    process = await Apart.start(house.address, house.database_url, house.master, "apart")
    yield process
    await process.stop()


async def test_a_killed_worker_is_known_and_its_call_is_adrift_with_its_turns(house: House, apart: Apart) -> None:
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    turn = Turn(seq=1, speaker=Speaker.CALLER, text="hello", language=Language.EN, started_ms=0, ended_ms=900)
    await house.store.record_turn(start.tenant_id, start.call_id, turn)

    apart.signal(signal.SIGKILL)
    killed_at = time.monotonic()

    await house.noted(start, CallState.ADRIFT)
    took_s = time.monotonic() - killed_at
    print(f"kill -9 to the recorded loss: {took_s:.2f} s")
    assert took_s <= KNOWN_WITHIN_S
    assert await house.store.turns(start.tenant_id, start.call_id) == [turn]


async def test_a_caller_whose_loss_is_known_comes_back_to_another_worker(house: House, apart: Apart) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    workflow = await house.workflow(start)
    apart.signal(signal.SIGKILL)
    await until_shown(workflow, "adrift")
    with pytest.raises(LineBusy):
        await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    assert "adrift" in await shown(workflow)
    media = await house.media("b")

    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    assert "s=b" in again.answer.sdp
    await until_shown(workflow, "talking")
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def test_a_held_caller_comes_back_held(scripted_house: House) -> None:
    apart = await Apart.start(scripted_house.address, scripted_house.database_url, scripted_house.master, "apart")
    scripted_house.running.push_async_callback(apart.stop)
    gateway = await scripted_house.gateway()
    start = await scripted_house.a_call()
    await gateway.connect(start, OFFER)
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD, position=3, wait_s=120)
    apart.signal(signal.SIGKILL)
    await apart.ended()
    media = await scripted_house.media("b")

    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    phase = media.lines.lines[start.call_id].phase
    assert (phase.kind, phase.number, phase.position, phase.handoff_id) == (
        PhaseKind.HELD,
        1,
        3,
        f"{start.call_id}-1",
    )
    await until_shown(await scripted_house.workflow(start), "held")


async def test_the_caller_comes_back_to_another_worker_before_the_loss_is_known(house: House, apart: Apart) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    apart.signal(signal.SIGKILL)
    await apart.ended()
    media = await house.media("b")

    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    assert "s=b" in again.answer.sdp
    # The server gives up the killed worker's activity only after this; its lease was let go, so nothing follows.
    await asyncio.sleep(LINE_HEARTBEAT.total_seconds() + 1)
    assert start.call_id in media.lines.lines
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_that_was_only_frozen_is_adopted(house: House, apart: Apart) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    apart.signal(signal.SIGSTOP)
    await house.lines_scheduled(start, 2)
    apart.signal(signal.SIGCONT)

    await house.lease_taken(start, 2)
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_that_was_frozen_too_long_finds_its_line_taken(house: House, apart: Apart) -> None:
    """It has slots free and a poll open, which swallows the first attempt to come back."""
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    workflow = await house.workflow(start)
    apart.signal(signal.SIGSTOP)
    media = await house.media("b")
    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    assert "s=b" in again.answer.sdp
    # The server gives up what the frozen worker has in its hands.
    await asyncio.sleep(LINE_HEARTBEAT.total_seconds() + 1)

    apart.signal(signal.SIGCONT)
    await asyncio.sleep(2)

    assert start.call_id in media.lines.lines
    assert await house.store.current_lease(start.tenant_id, start.call_id) == again.lease
    assert f"lease {again.lease} · {media.durable.queue}" in await shown(workflow)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_that_thaws_late_is_adopted_even_from_adrift(house: House, apart: Apart) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    workflow = await house.workflow(start)

    apart.signal(signal.SIGSTOP)
    await until_shown(workflow, "adrift")
    apart.signal(signal.SIGCONT)

    await until_shown(workflow, "talking")
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_told_to_stop_lets_go_of_what_does_not_end_and_the_caller_comes_back(
    house: House, apart: Apart
) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    apart.signal(signal.SIGTERM)

    await house.noted(start, CallState.ADRIFT)
    assert await apart.ended() == 0
    media = await house.media("b")
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_caller_who_is_asked_to_move_is_never_taken_by_the_worker_that_is_going(house: House) -> None:
    """The free worker is slow at first, so the second try goes to the worker that still has the line."""
    going = await house.media("going", drain_s=20)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    silent = await house.media("silent", slots=1)
    silent.lines.stuck = True
    draining = asyncio.create_task(going.durable.drain())
    moving = asyncio.create_task(gateway.reconnect(start.tenant_id, start.call_id, AGAIN))
    await silent.lines.was_tried.wait()
    free = await house.media("free")

    moved = await moving

    assert "s=free" in moved.answer.sdp
    assert going.lines.tried == 1
    await going.lines.release(start.call_id)
    await draining
    await free.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
