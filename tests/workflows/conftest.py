"""A Temporal server and a house for each test; Postgres is the session's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import DatabaseUrls
from tests.workflows.far_side import SCRIPTED, House, open_house, running_skipping_temporal, running_temporal
from tests.workflows.promises import Skipping


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


@pytest.fixture
async def skipping(database: DatabaseUrls) -> AsyncIterator[Skipping]:
    async with (
        running_skipping_temporal() as server,
        open_house(server.client.service_client.config.target_host, database.app) as opened,
    ):
        yield Skipping(opened, server)
