"""Somebody who writes to a tenant whose messages go through running services."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

from temporalio.client import WorkflowHandle

from domain.acting.connection import ConnectionRow
from domain.call import Channel, Outcome, workflow_id
from domain.errors import EngineFailed
from domain.line import CallStart
from domain.messaging import Channel as MessagingChannel
from domain.messaging import TextReceived
from domain.moves import Act, Goodbye, Handoff, Move, Say
from domain.speech import Language, Turn, Utterance
from domain.texting.book import SEND_SMS
from domain.threads.thread import Arrived
from storage.actions import PostgresActions
from storage.connections import PostgresConnections, PostgresSecrets
from storage.session import Database
from storage.tenants import PostgresTenants
from storage.threads.sending import PostgresThreads
from tests.connectors.fakes.server import Clock
from tests.connectors.fakes.twilio import ACCOUNT, SENDERS, FakeTwilio
from tests.connectors.fakes.whatsapp import PHONE_NUMBER_ID, FakeWhatsApp
from tests.workflows.desk_side import eventually
from tests.workflows.far_side import House
from workers.threads.answering import thread_worker
from workers.vendors.correspondence import ConnectedMessaging
from workers.vendors.crm import ConnectedCrms
from workflows.thread import ThreadWorkflow
from workflows.threads import ThreadRequests

NUMBER = "+966501234567"


@dataclass
class Echo:
    """A brain at its port: tells how much it remembers, and what it was asked."""

    heard_turns: list[Turn] = field(default_factory=list[Turn])
    advice: list[str] = field(default_factory=list[str])

    def expect(self, utterance: Utterance) -> Say | None:
        return None

    def forget(self) -> None:
        """Nobody speaks in a thread."""

    def close(self) -> None:
        """Nothing is begun ahead."""

    def heard(self, turn: Turn) -> None:
        self.heard_turns.append(turn)

    def advised(self, text: str) -> None:
        self.advice.append(text)

    async def answer(self, utterance: Utterance) -> AsyncGenerator[Move]:
        language = utterance.language
        match utterance.text:
            case "person":
                yield Handoff(reason="caller_asked", text="One moment.", language=language)
            case "bye":
                yield Goodbye(text="Goodbye.", language=language)
            case "text me":
                yield Act(action=SEND_SMS, slots={"topic": "told", "text": "Shop: we are in Al Quoz."})
            case "break":
                raise EngineFailed("llm", "broken")
            case text:
                known = " ".join(turn.text for turn in self.heard_turns)
                yield Say(text=f"You said {text!r} after {known!r}, advised {self.advice}", language=language)


@dataclass
class Correspondence:
    house: House
    threads: PostgresThreads
    actions: PostgresActions
    requests: ThreadRequests
    twilio: FakeTwilio
    whatsapp: FakeWhatsApp
    channel: Channel = Channel.SMS

    async def arrives(self, text: str, message_id: str | None = None) -> Arrived:
        """In the store only."""
        received = TextReceived(
            channel=MessagingChannel(self.channel),
            message_id=message_id or uuid.uuid4().hex,
            sender=NUMBER,
            recipient="+1",
            body=text,
        )
        connection = "sms" if self.channel is Channel.SMS else "wa"
        return await self.threads.arrive(self.house.tenant_id, connection, received, Language.EN)

    async def writes(self, text: str, message_id: str | None = None) -> Arrived:
        arrived = await self.arrives(text, message_id)
        await self.requests.arrived(self.house.tenant_id, arrived)
        await self.threads.told(self.house.tenant_id, arrived.call_id, arrived.seq)
        return arrived

    @property
    def read(self) -> list[str]:
        fake = self.twilio if self.channel is Channel.SMS else self.whatsapp
        return [body for _, _, body in fake.texts.values()]

    async def reads(self, count: int) -> list[str]:
        async def is_here() -> bool:
            return len(self.read) >= count

        await eventually(is_here)
        return self.read

    async def workflow(self, arrived: Arrived) -> WorkflowHandle[ThreadWorkflow, Outcome]:
        client, codec = await self.house.connect()
        codec.know(self.house.tenant_id, arrived.call_id)
        return client.get_workflow_handle_for(ThreadWorkflow.run, workflow_id(arrived.call_id))

    def start(self, arrived: Arrived) -> CallStart:
        return CallStart(call_id=arrived.call_id, tenant_id=self.house.tenant_id, channel=self.channel)


@contextlib.asynccontextmanager
async def open_correspondence(house: House) -> AsyncIterator[Correspondence]:
    database = Database(house.database_url)
    twilio, whatsapp = FakeTwilio(Clock(runs=True)), FakeWhatsApp(Clock(runs=True))
    twilio.let_in(ACCOUNT, "token")
    whatsapp.credentials.add("Bearer token")
    client, codec = await house.connect()
    messaging = ConnectedMessaging(
        database, house.keys, PostgresTenants(database, house.keys), ConnectedCrms(database, house.keys), None
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        urls = [await stack.enter_async_context(fake.serving()) for fake in (twilio, whatsapp)]
        stack.push_async_callback(messaging.close)
        sms = {"sign_in": "basic", "user": ACCOUNT, "account": ACCOUNT, "sms_sender": SENDERS[MessagingChannel.SMS]}
        rows, tenant_id = PostgresConnections(database), house.tenant_id
        secrets = PostgresSecrets(database, house.keys, tenant_id)
        await rows.save(
            ConnectionRow(tenant_id=tenant_id, connection_id="sms", system="twilio", url=urls[0], settings=sms)
        )
        wa = {"phone_number_id": PHONE_NUMBER_ID}
        await rows.save(
            ConnectionRow(tenant_id=tenant_id, connection_id="wa", system="whatsapp", url=urls[1], settings=wa)
        )
        for reference in ("sms.key", "wa.key"):
            await secrets.write(reference, "token")
        await stack.enter_async_context(thread_worker(client, database, house.keys, messaging, lambda profile: Echo()))
        yield Correspondence(
            house=house,
            threads=PostgresThreads(database, house.keys),
            actions=PostgresActions(database, house.keys),
            requests=ThreadRequests(client, codec),
            twilio=twilio,
            whatsapp=whatsapp,
        )
