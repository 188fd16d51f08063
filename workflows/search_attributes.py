"""What operations can search calls by; never personal data, because Temporal keeps these in plain text."""

from __future__ import annotations

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

TENANT_ID = SearchAttributeKey.for_keyword("TenantId")
CALL_STATE = SearchAttributeKey.for_keyword("CallState")
LANGUAGE = SearchAttributeKey.for_keyword("Language")
QUEUE = SearchAttributeKey.for_keyword("Queue")
"""The media worker's own queue: which machine holds the line."""
OUTCOME = SearchAttributeKey.for_keyword("Outcome")

ALL = (TENANT_ID, CALL_STATE, LANGUAGE, QUEUE, OUTCOME)


async def register(client: Client) -> None:
    """Make the cluster know our search attributes; those it already has are left alone.

    Needs the operator service, so an administrator's credentials on a cluster that asks for any.
    Raises RPCError when the cluster refuses, or has an attribute of ours under another type.
    """
    for key in ALL:
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=client.namespace,
                    search_attributes={key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
                )
            )
        except RPCError as refused:
            if refused.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
