"""A Temporal server and a house for each test; Postgres is the session's."""

from __future__ import annotations

import sysconfig
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.conftest import DatabaseUrls
from tests.workflows.far_side import SCRIPTED, House, open_house, running_temporal
from workflows.search_attributes import register


@pytest.fixture
async def scripted_house(database: DatabaseUrls) -> AsyncIterator[House]:
    """With a handoff that does what the test says."""
    async with (
        running_temporal() as client,
        open_house(client.service_client.config.target_host, database.app, SCRIPTED) as opened,
    ):
        yield opened


@pytest.fixture
async def house(database: DatabaseUrls) -> AsyncIterator[House]:
    async with (
        running_temporal() as client,
        open_house(client.service_client.config.target_host, database.app) as opened,
    ):
        yield opened


@dataclass
class Skipping:
    """A house whose Temporal skips the time in which nothing happens."""

    house: House
    server: WorkflowEnvironment

    async def passes(self, time: timedelta) -> None:
        await self.server.sleep(time)

    async def now(self) -> datetime:
        return await self.server.get_current_time()


@pytest.fixture
async def skipping(database: DatabaseUrls) -> AsyncIterator[Skipping]:
    program = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(program)) as server:
        await register(server.client)
        async with open_house(server.client.service_client.config.target_host, database.app) as opened:
            yield Skipping(opened, server)
