"""Leases on lines and the facts that lines tell, through everything that can go away in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from domain.call import Outcome
from domain.errors import LineBusy, Refused
from domain.line import (
    GuideAgent,
    HandoffRequested,
    JoinLine,
    LeaveLine,
    LineProgress,
    Party,
    PartyMode,
    PartyRole,
    Phase,
    PhaseKind,
    SetPartyMode,
    SetPhase,
)
from domain.speech import Language
from realtime.durable.facts import MAX_FACTS, _Outbox
from realtime.durable.leases import MOVE_S
from tests.conftest import DatabaseUrls, free_port
from tests.workflows.far_side import House, open_house, running_temporal
from tests.workflows.quiet_lines import AGAIN, NONSENSE, OFFER
from workers.embedded_temporal import namespace_answers, temporal_argv, temporal_env
from workers.settings import Settings
from workflows.search_attributes import LANGUAGE
from workflows.timeouts import LINE_HEARTBEAT

pytestmark = pytest.mark.servers


@pytest.fixture
async def house(database: DatabaseUrls) -> AsyncIterator[House]:
    async with (
        running_temporal() as client,
        open_house(client.service_client.config.target_host, database.app) as opened,
    ):
        yield opened


async def test_a_full_worker_is_not_even_asked(house: House) -> None:
    media = await house.media("a", slots=1)
    gateway = await house.gateway()
    first, second, third = [await house.a_call() for _ in range(3)]
    await gateway.connect(first, OFFER)

    with pytest.raises(LineBusy):
        await gateway.connect(second, OFFER)
    assert media.lines.tried == 1

    await media.lines.end(first.call_id, Outcome.CALLER_HUNG_UP)
    await gateway.connect(third, OFFER)
    assert media.lines.tried == 2


async def test_a_leg_is_opened_where_it_is_and_nowhere_else(house: House) -> None:
    here, elsewhere = await house.media("here", slots=1), await house.media("elsewhere")
    gateway = await house.gateway()
    start, another = await house.a_call(), await house.a_call()
    leg = replace(OFFER, worker="here")

    assert (await gateway.connect(start, leg)).lease == 1
    assert start.call_id in here.lines.lines
    with pytest.raises(LineBusy):
        await gateway.connect(another, leg)
    assert (await gateway.reconnect(start.tenant_id, start.call_id, replace(AGAIN, worker="elsewhere"))).lease > 1
    assert start.call_id in elsewhere.lines.lines
    assert elsewhere.lines.tried == 1
    await elsewhere.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_full_worker_takes_its_own_caller_back(house: House) -> None:
    media = await house.media("a", slots=1)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    assert (await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)).lease > 1
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_slow_worker_that_has_two_attempts_at_one_offer_opens_one_line(house: House) -> None:
    media = await house.media("slow")
    media.lines.may_answer = asyncio.Event()
    start = await house.a_call()
    connecting = asyncio.create_task((await house.gateway()).connect(start, OFFER))
    await media.lines.was_tried.wait()
    await house.lines_scheduled(start, 2)

    media.lines.may_answer.set()

    assert (await connecting).answer.sdp.startswith("v=0")
    line = media.lines.lines[start.call_id]
    await house.lines_scheduled(start, 3)  # Whichever attempt the workflow took, the line is held under the last.
    await house.lease_taken(start, 3)
    assert media.lines.lines[start.call_id] is line
    assert not line.ended.done()
    assert media.lines.tried == 1
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_an_adopted_line_keeps_its_slot(house: House) -> None:
    media = await house.media("a", slots=1)
    gateway = await house.gateway()
    first, second = await house.a_call(), await house.a_call()
    await gateway.connect(first, OFFER)
    with pytest.raises(Refused):
        await gateway.reconnect(first.tenant_id, first.call_id, NONSENSE)
    await _until(lambda: media.lines.lines[first.call_id].lease > 1)
    tried = media.lines.tried

    with pytest.raises(LineBusy):
        await gateway.connect(second, OFFER)

    assert media.lines.tried == tried
    assert first.call_id in media.lines.lines


async def test_a_line_whose_workflow_is_over_ends(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)

    await (await house.workflow(start)).terminate(reason="an operator did it")

    await _until(lambda: start.call_id not in media.lines.lines)


async def test_a_draining_worker_lets_its_calls_end_and_takes_none(house: House) -> None:
    media = await house.media("a", drain_s=30)
    gateway = await house.gateway()
    first, second = await house.a_call(), await house.a_call()
    await gateway.connect(first, OFFER)

    draining = asyncio.create_task(media.durable.drain())
    with pytest.raises(LineBusy):
        await gateway.connect(second, OFFER)
    assert not draining.done()
    assert first.call_id in media.lines.lines

    # The own queue still hears commands.
    await gateway.end(first.tenant_id, first.call_id, Outcome.CALLER_HUNG_UP)
    await draining
    await media.running
    assert await (await house.workflow(first)).result() is Outcome.CALLER_HUNG_UP


async def test_everybody_is_asked_to_move_before_a_draining_worker_ends(house: House) -> None:
    media = await house.media("a", drain_s=MOVE_S + 0.5)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    draining = asyncio.create_task(media.durable.drain())
    await _until(lambda: media.lines.moved)
    assert start.call_id in media.lines.lines

    # The other worker opens the line while this one still has it, and this one lets go.
    other = await house.media("b")
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    assert start.call_id in other.lines.lines
    await draining
    assert media.lines.lines == {}
    await media.running
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_lets_go_of_a_line_that_another_holds(house: House) -> None:
    first = await house.media("a", slots=1)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    second = await house.media("b")

    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    await _until(lambda: start.call_id not in first.lines.lines)
    assert start.call_id in second.lines.lines
    await second.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_commands_are_answered_or_refused_with_a_code(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    lease = (await (await house.gateway()).connect(start, OFFER)).lease
    run, durable, call_id = ActivityEnvironment().run, media.durable, start.call_id
    line = media.lines.lines[call_id]
    held = Phase(kind=PhaseKind.HELD, number=7, position=1)
    maha = Party(party_id="maha", role=PartyRole.ADVISOR)
    join = JoinLine(call_id=call_id, tenant_id=start.tenant_id, lease=lease, party=maha, offer=OFFER)

    await run(durable.set_phase, SetPhase(call_id=call_id, lease=lease, phase=held))
    assert line.phase == held
    assert (await run(durable.join_line, join)).type == "answer"
    mode = SetPartyMode(call_id=call_id, lease=lease, party_id="maha", mode=PartyMode.LISTEN)
    await run(durable.set_party_mode, mode)
    assert line.parties["maha"].mode is PartyMode.LISTEN
    await run(durable.guide_agent, GuideAgent(call_id=call_id, lease=lease, text="be kind"))
    assert line.guidance == ["be kind"]
    await run(durable.leave_line, LeaveLine(call_id=call_id, lease=lease, party_id="maha"))
    assert line.parties == {}

    for refused, code in (
        ((durable.set_party_mode, mode), "not_in_call"),
        ((durable.join_line, replace(join, offer=NONSENSE)), "bad_offer"),
        ((durable.set_phase, SetPhase(call_id=call_id, lease=lease - 1, phase=held)), "LineLost"),
    ):
        with pytest.raises(ApplicationError) as answer:
            await run(*refused)
        assert (answer.value.type, answer.value.non_retryable) == (code, True)


def test_only_progress_is_ever_dropped() -> None:
    outbox = _Outbox()
    progress = [LineProgress(lease=1, turns=n, language=Language.EN) for n in range(3)]
    asked = [HandoffRequested(lease=1, seq=n, reason="caller_asked", language=Language.EN) for n in range(MAX_FACTS)]
    for fact in (*progress, *asked):
        outbox.put(fact)
    # The first is being told.
    assert list(outbox.waiting) == [progress[0], *asked]


async def test_facts_for_a_workflow_that_is_gone_are_let_go(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    gateway = await house.gateway()
    await gateway.connect(start, OFFER)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    await (await house.workflow(start)).result()

    media.facts.progressed(start.call_id, LineProgress(lease=1, turns=1, language=Language.EN))

    assert await media.facts.flush(20)


async def test_an_outage_of_temporal_touches_no_call(database: DatabaseUrls, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, temporal_address=f"127.0.0.1:{free_port()}", temporal_ui_port=free_port())
    server = await _temporal(settings)
    try:
        async with open_house(settings.temporal_address, database.app) as house:
            media = await house.media("a")
            gateway = await house.gateway()
            stays, leaves = await house.a_call(), await house.a_call()
            for start in (stays, leaves):
                await gateway.connect(start, OFFER)
            line = media.lines.lines[stays.call_id]

            server.kill()
            await server.wait()
            await media.lines.end(leaves.call_id, Outcome.CALLER_HUNG_UP)
            for turns, language in ((1, Language.EN), (2, Language.EN), (3, Language.AR)):
                media.facts.progressed(stays.call_id, LineProgress(lease=1, turns=turns, language=language))
            # The leases are missed meanwhile, and everybody waits longer and longer before asking Temporal again.
            assert not await media.facts.flush(LINE_HEARTBEAT.total_seconds() + 5)
            server = await _temporal(settings)

            assert await (await house.workflow(leaves)).result() is Outcome.CALLER_HUNG_UP
            assert await media.facts.flush(30)
            assert media.lines.lines[stays.call_id] is line
            attributes = (await (await house.workflow(stays)).describe()).typed_search_attributes
            assert attributes.get(LANGUAGE) == Language.AR
            await media.lines.end(stays.call_id, Outcome.AGENT_SAID_GOODBYE)
            assert await (await house.workflow(stays)).result() is Outcome.AGENT_SAID_GOODBYE
    finally:
        server.kill()
        await server.wait()


async def _temporal(settings: Settings) -> asyncio.subprocess.Process:
    quiet = asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(
        *temporal_argv(settings), env=temporal_env(settings), stdout=quiet, stderr=quiet
    )
    async with asyncio.timeout(30):
        while True:
            if await namespace_answers(settings):
                return server
            await asyncio.sleep(0.05)


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if happened():
                return
            await asyncio.sleep(0.05)
