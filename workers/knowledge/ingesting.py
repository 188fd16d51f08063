"""The worker that takes documents into the index, beside the durable process's other workers."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.knowledge import KnowledgeActivities
from domain.knowledge.ports import DocumentReader, Documents, KnowledgeIndexing
from workers.process.sandbox import sandboxed
from workflows import timeouts
from workflows.ingest import IngestWorkflow
from workflows.queues import INGEST

STEPS = 2
"""At a time: one may read a file while the other waits for its batch, and neither floods the knowledge process."""
CACHED_WORKFLOWS = 50
STOP_WITHIN = timedelta(seconds=5)


def ingest_worker(client: Client, documents: Documents, reader: DocumentReader, indexing: KnowledgeIndexing) -> Worker:
    steps = KnowledgeActivities(documents, reader, indexing, beat=timeouts.INGEST_BEAT)
    return Worker(
        client,
        task_queue=INGEST,
        workflows=[IngestWorkflow],
        workflow_runner=sandboxed(),
        activities=[steps.cut_up, steps.index_batch, steps.settle, steps.note_problem, steps.remove],
        max_concurrent_activities=STEPS,
        max_cached_workflows=CACHED_WORKFLOWS,
        graceful_shutdown_timeout=STOP_WITHIN,
    )
