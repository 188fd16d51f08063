"""What operations search calls by, on a cluster that does not know it yet."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from workflows.search_attributes import ALL, register

pytestmark = pytest.mark.servers


async def test_registering_twice_is_as_good_as_once() -> None:
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(program), dev_server_log_level="error"
    ) as cluster:
        await register(cluster.client)
        await register(cluster.client)
        listed = await cluster.client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=cluster.client.namespace)
        )
    for key in ALL:
        assert listed.custom_attributes[key.name] == IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
