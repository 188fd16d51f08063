"""A Temporal server and a house for each test; Postgres is the session's."""

from __future__ import annotations

import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.conftest import DatabaseUrls
from tests.workflows.far_side import House, open_house
from workflows.search_attributes import ALL

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"


@pytest.fixture
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL), search_attributes=ALL, dev_server_log_level="error"
    ) as server:
        yield server


@pytest.fixture
async def house(temporal: WorkflowEnvironment, database: DatabaseUrls) -> AsyncIterator[House]:
    async with open_house(temporal.client, database.app) as opened:
        yield opened
