"""Documents as an administrator asks for them: what is wanted of one is handed to its workflow."""

from __future__ import annotations

import asyncio

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.knowledge import DocumentWish
from domain.errors import Unavailable
from domain.knowledge.document import Document, DocumentState, document_key
from workflows.codec import EncryptionCodec
from workflows.ingest import IngestWorkflow
from workflows.queues import INGEST, ingest_workflow_id

ANSWER_WITHIN_S = 5.0
LOWEST_PRIORITY = Priority(priority_key=5)
"""Behind whatever else waits in a queue; 3 is the usual."""


class Ingests:
    """`client` is the one that converter.connect made with this codec."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._codec = codec

    async def begin(self, document: Document) -> None:
        """Have the document's present revision indexed, or all of it removed where it is REMOVING. Idempotent.

        Raises Unavailable("temporal", …).
        """
        self._codec.know(document.tenant_id, document_key(document.document_id))
        wish = DocumentWish(
            tenant_id=document.tenant_id,
            document_id=document.document_id,
            revision=document.revision,
            remove=document.state is DocumentState.REMOVING,
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._client.start_workflow(
                    IngestWorkflow.run,
                    wish,
                    id=ingest_workflow_id(document.document_id),
                    task_queue=INGEST,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    start_signal="want",
                    start_signal_args=[wish],
                    priority=LOWEST_PRIORITY,
                )
        except TimeoutError as late:
            raise Unavailable("temporal", f"no answer in {ANSWER_WITHIN_S:.0f} s", 2_000) from late
        except RPCError as error:
            raise Unavailable("temporal", error.status.name, 2_000) from error
