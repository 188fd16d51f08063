"""Where durable work waits: the task queues, and the ids that workflows go by.

DURABLE              workflows and the activities over stores and models     workers/durable.py
ANALYSIS             what reads a whole call with the model, few at a time    workers/durable.py
THREADS              what is written to and by people, and the services    workers/threads.py
INGEST               documents, a few steps at a time, behind all else       workers/durable.py
HEARING              voice messages, one at a time where a recogniser is     every media worker
MEDIA                a line that any media worker may open                   every media worker
outbound_queue(t)    numbers to dial for a tenant                         the media workers with its registered trunks
media_queue(worker)  commands for a line that one media worker holds         that media worker
"""

from __future__ import annotations

import re

from domain.campaigns.book import campaign_key
from domain.knowledge.document import document_key

DURABLE = "durable"
ANALYSIS = "analysis"
THREADS = "threads"
INGEST = "ingest"
HEARING = "hearing"
MEDIA = "media"

HANDOFF_WORKFLOW = "HandoffWorkflow"
"""Calls start it by name."""
CALLBACK_WORKFLOW = "CallbackWorkflow"
"""Calls and handoffs start it by name."""

_INGEST_PREFIX, _CAMPAIGN_PREFIX = "ingest-", "campaign-"
_CALL_OF = re.compile(r"^(?:[a-z0-9]+-)*?call-(?P<call_id>.+)$")


def media_queue(worker: str) -> str:
    """The own queue of one media worker process; `worker` is unique among living processes."""
    return f"media-{worker}"


def post_call_workflow_id(call_id: str) -> str:
    return f"post-call-{call_id}"


def handoff_workflow_id(call_id: str, number: int) -> str:
    return f"handoff-{number}-call-{call_id}"


def outbound_queue(tenant_id: str) -> str:
    return f"outbound-{tenant_id}"


def outbound_workflow_id(call_id: str) -> str:
    return f"outbound-call-{call_id}"


def callback_workflow_id(call_id: str, number: int) -> str:
    return f"callback-{number}-call-{call_id}"


def action_workflow_id(call_id: str, key: str) -> str:
    """One workflow for one action, however often it is asked for."""
    return f"action-{key}-call-{call_id}"


def call_id_of(workflow_id: str) -> str | None:
    """The call that a workflow belongs to, by its id; None when it belongs to none."""
    found = _CALL_OF.match(workflow_id)
    return found["call_id"] if found else None


def ingest_workflow_id(document_id: str) -> str:
    """One workflow for one document: what is wanted of it is done one after the other."""
    return f"{_INGEST_PREFIX}{document_id}"


def campaign_workflow_id(campaign_id: str) -> str:
    return f"{_CAMPAIGN_PREFIX}{campaign_id}"


def key_name_of(workflow_id: str) -> str | None:
    """The name in the key ring of the key for a workflow's payloads: its call's, its document's or its campaign's."""
    if workflow_id.startswith(_CAMPAIGN_PREFIX):
        return campaign_key(workflow_id.removeprefix(_CAMPAIGN_PREFIX))
    if workflow_id.startswith(_INGEST_PREFIX):
        return document_key(workflow_id.removeprefix(_INGEST_PREFIX))
    return call_id_of(workflow_id)
