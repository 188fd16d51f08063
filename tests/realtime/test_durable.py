"""Leases on lines and the facts that lines tell, through everything that can go away in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from domain.call import Outcome
from domain.errors import LineBusy, Refused
from domain.line import LineProgress
from domain.speech import Language
from tests.conftest import DatabaseUrls, free_port
from tests.workflows.far_side import House, open_house, running_temporal
from tests.workflows.quiet_lines import NONSENSE, OFFER
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


async def test_a_full_worker_takes_its_own_caller_back(house: House) -> None:
    media = await house.media("a", slots=1)
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    assert (await gateway.reconnect(start.tenant_id, start.call_id, OFFER)).lease > 1
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
