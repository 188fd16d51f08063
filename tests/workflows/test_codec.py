"""What Temporal gets to see of a call, and what is left of it when its key is gone."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as MissedError
from temporalio.worker import Worker

from domain.call import Outcome, workflow_id
from domain.errors import NotFound, Refused
from domain.line import CallStart
from tests.workflows.far_side import House
from tests.workflows.payloads import walk
from tests.workflows.probe import SAID, Probe, ProbeChild, break_down, freeze, repeat_words
from tests.workflows.quiet_lines import AGAIN, OFFER, SECRET
from workflows.codec import ENCODING, ERASED, EncryptionCodec, KeyErased, PayloadReader, owner_of
from workflows.queues import call_id_of, post_call_workflow_id

pytestmark = pytest.mark.servers


@dataclass
class Probing:
    """A probe workflow of a call, and a client that was told whose it is."""

    house: House
    start: CallStart
    client: Client
    queue: str

    @property
    def id(self) -> str:
        return workflow_id(self.start.call_id)


@pytest.fixture
async def probing(house: House) -> AsyncIterator[Probing]:
    start = await house.a_call()
    working, _ = await house.connect()
    client, codec = await house.connect()
    codec.know(start.tenant_id, start.call_id)
    queue = f"probe-{uuid.uuid4().hex}"
    async with Worker(
        working, task_queue=queue, workflows=[Probe, ProbeChild], activities=[repeat_words, break_down, freeze]
    ):
        yield Probing(house, start, client, queue)


async def test_every_door_is_encrypted_and_opens_again(probing: Probing) -> None:
    starting = WithStartWorkflowOperation(
        Probe.run,
        SAID,
        id=probing.id,
        task_queue=probing.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        static_summary=SAID,
        memo={"note": SAID},
    )
    client = probing.client
    assert (
        await client.execute_update_with_start_workflow(Probe.repeat, SAID, start_workflow_operation=starting) == SAID
    )
    handle = await starting.workflow_handle()
    await handle.signal(Probe.hear, SAID)
    assert await handle.execute_update(Probe.repeat, SAID) == SAID
    assert await handle.query(Probe.said, "a question") == [SAID, SAID, "a question"]
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(Probe.fail, SAID)
    with pytest.raises(WorkflowUpdateFailedError) as timed_out:
        await handle.execute_update(Probe.freeze, SAID)
    await handle.signal(Probe.stop)
    assert await handle.result() == [SAID, SAID, SAID]

    # Whoever has the key reads the failures too, to their cause.
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.message, list(cause.details)) == (SAID, [SAID])
    assert isinstance(cause.cause, ActivityError)
    assert str(cause.cause.cause) == f"Broken: {SAID}"
    missed = timed_out.value.cause.__cause__.__cause__
    assert isinstance(missed, MissedError)
    assert list(missed.last_heartbeat_details) == [SAID]

    for name in (probing.id, post_call_workflow_id(probing.start.call_id)):
        await assert_sealed(client, name, probing.start)


async def test_nothing_of_a_real_call_is_readable_at_temporal(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    workflow = await house.workflow(start)
    await workflow.result()
    client, _ = await house.connect()
    await assert_sealed(client, workflow.id, start)


async def test_a_process_that_knows_nothing_of_a_call_says_nothing_in_the_clear(probing: Probing) -> None:
    ignorant, _ = await probing.house.connect()
    with pytest.raises(NotFound):
        await ignorant.start_workflow(Probe.run, SAID, id=probing.id, task_queue=probing.queue)
    with pytest.raises(NotFound):
        await probing.client.start_workflow(Probe.run, SAID, id="nobodys", task_queue=probing.queue)


async def test_an_erased_call_is_shown_as_erased_and_its_workflow_waits_for_its_end(house: House) -> None:
    start = await house.a_call()
    client, codec = await house.connect()
    codec.know(start.tenant_id, start.call_id)
    handle = await client.start_workflow(Probe.run, SAID, id=workflow_id(start.call_id), task_queue="probe")
    await house.keys.erase_key(start.tenant_id, start.call_id)

    raw = await _payloads(client, handle.id)
    shown, read = await PayloadReader(house.keys).decode(start.tenant_id, MessageToDict(Payloads(payloads=raw)))
    assert shown["payloads"] == [MessageToDict(ERASED)] * len(raw)
    assert read == {start.call_id}

    fresh, fresh_codec = await house.connect()
    fresh_codec.know(start.tenant_id, start.call_id)
    with pytest.raises(KeyErased):
        await fresh.get_workflow_handle(handle.id).signal("hear", SAID)
    async with Worker(fresh, task_queue="probe", workflows=[Probe]):
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.HasField("workflow_task_failed_event_attributes"):
                reason = event.workflow_task_failed_event_attributes.failure.message
                assert f"call {start.call_id} has no key" in reason
                break
    # What the erasure of a living call does first.
    await fresh.get_workflow_handle(handle.id).terminate(reason="erased")
    assert (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED


async def test_a_reader_gets_only_its_own_tenants_payloads(probing: Probing) -> None:
    await probing.client.start_workflow(Probe.run, SAID, id=probing.id, task_queue=probing.queue)
    body = MessageToDict(Payloads(payloads=await _payloads(probing.client, probing.id)))
    reader = PayloadReader(probing.house.keys)

    shown, read = await reader.decode(probing.start.tenant_id, body)
    assert f'"{SAID}"'.encode() in [payload.data for payload in ParseDict(shown, Payloads()).payloads]
    assert read == {probing.start.call_id}

    with pytest.raises(Refused):
        await reader.decode("somebody-else", body)
    await probing.client.get_workflow_handle(probing.id).terminate()


@pytest.mark.parametrize(
    "body",
    [
        {"payloads": "nonsense"},
        {"unknown": []},
        {"payloads": [{"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="}, "data": ""}]},
    ],
)
async def test_a_reader_refuses_nonsense(house: House, body: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        await PayloadReader(house.keys).decode(house.tenant_id, body)
    assert refused.value.code == "not_decodable"


async def test_altered_and_transplanted_payloads_are_refused(house: House) -> None:
    one, other = await house.a_call(), await house.a_call()
    _, codec = await house.connect()
    ours, theirs = [_of(codec, house, start) for start in (one, other)]
    [sealed] = await ours.encode([Payload(data=SAID.encode())])

    altered = Payload()
    altered.CopyFrom(sealed)
    altered.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    cut_off = Payload(metadata=sealed.metadata, data=b"short")
    renamed = Payload(metadata={**sealed.metadata, "hatif-call": other.call_id.encode()}, data=sealed.data)
    for forged, reader in ((altered, ours), (cut_off, ours), (renamed, theirs), (sealed, theirs)):
        with pytest.raises(Refused):
            await reader.decode([forged])
    assert [payload.data for payload in await ours.decode([sealed])] == [SAID.encode()]


@pytest.mark.parametrize(
    ("workflow", "call_id"),
    [
        ("call-a-1", "a-1"),
        ("post-call-a-1", "a-1"),
        ("handoff-2-call-a-1", "a-1"),
        ("call-", None),
        ("nightly", None),
        ("recall-7", None),
        ("", None),
    ],
)
def test_the_call_of_a_workflow(workflow: str, call_id: str | None) -> None:
    assert call_id_of(workflow) == call_id


def _of(codec: EncryptionCodec, house: House, start: CallStart) -> EncryptionCodec:
    codec.know(house.tenant_id, start.call_id)
    return codec.with_context(WorkflowSerializationContext(namespace="default", workflow_id=workflow_id(start.call_id)))


async def assert_sealed(client: Client, name: str, start: CallStart, *private: str) -> None:
    """Nothing that was said, and none of the `private` words, can be read in the history."""
    history = await _history(client, name)
    raw = history.SerializeToString()
    for words in (SAID, SECRET, *private):
        assert words.encode() not in raw
    payloads = list(walk(history))
    assert payloads
    assert {payload.metadata["encoding"] for payload in payloads} == {ENCODING}
    assert {owner_of(payload) for payload in payloads} == {owner_of(payloads[0])}
    owner = owner_of(payloads[0])
    assert owner is not None
    assert (owner.tenant_id, owner.call_id) == (start.tenant_id, start.call_id)


async def _payloads(client: Client, name: str) -> list[Payload]:
    return list(walk(await _history(client, name)))


async def _history(client: Client, name: str) -> Message:
    """As it lies in the server, past every converter."""
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=name)
    )
    return (await client.workflow_service.get_workflow_execution_history(request)).history
