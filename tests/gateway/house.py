"""The whole gateway for tests: real Postgres, Temporal, workflows and uvicorn, and two tenants."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.callback import CallbackActivities
from activities.crm import CrmActivities
from activities.desk import DeskActivities
from activities.live_call import LiveCallActivities
from domain.accounts import SAME_ORIGIN, Role, SiteKey, User
from domain.call import CallRow
from domain.speech import Language
from domain.tenant import OpenHours, TenantProfile
from engines.spoken_values import RuleSpokenValues
from gateway.deps import GatewayDeps
from gateway.passwords import hash_password
from gateway.tokens import KEY_FILE, Tokens, signing_key
from realtime.durable import DurableLines, WorkflowFacts
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.session import Database
from tests.gateway.media import QuietLines
from tests.workflows.far_side import WrittenModel
from workers.call_meter import PrometheusMeter
from workers.durable import means_over, steps_over
from workers.gateway import build, gateway_config
from workers.process.sandbox import sandboxed
from workers.process.serving import listening_socket
from workers.settings import Settings
from workers.threads.answering import thread_worker
from workers.threads.minds import thinking
from workers.vendors.correspondence import ConnectedMessaging
from workers.vendors.crm import ConnectedCrms
from workflows.call import CallWorkflow
from workflows.callback import CallbackWorkflow
from workflows.campaigns.procedure import CampaignWorkflow
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.crm_action import CrmActionWorkflow
from workflows.desk import WaitingHandoffs
from workflows.handoff import HandoffWorkflow
from workflows.outbound.procedure import OutboundCallWorkflow
from workflows.post_call import PostCallWorkflow
from workflows.queues import DURABLE
from workflows.thread import ThreadWorkflow

T = TypeVar("T")

PASSWORD = "a password for tests 7"
SHOP = "t-shop"
CLINIC = "t-clinic"
CUSTOMER = "https://www.shop.example"
"""A customer's web site that embeds the softphone."""
SLOTS = 3
END_WITHIN_S = 30
"""Until a workflow has recorded a call's end, on a machine that is busy with other tests."""


class Backstage:
    """An event loop on a thread of its own, where servers live while tests call them from outside."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="backstage", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], within_s: float = 60) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within_s)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@dataclass(kw_only=True)
class House:
    backstage: Backstage
    settings: Settings
    app: FastAPI
    deps: GatewayDeps
    database: Database
    site_keys: dict[str, SiteKey] = field(default_factory=dict)
    host: QuietLines = field(init=False)
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.gateway_port}"

    def client(self, **headers: str) -> httpx.Client:
        """Closed at the end of the test."""
        self.clients.append(httpx.Client(base_url=self.url, headers=headers, timeout=30))
        return self.clients[-1]

    def until_ended(self, call_id: str, tenant_id: str = SHOP) -> CallRow:
        """The call's row once its workflow has recorded the end."""
        deadline = time.monotonic() + END_WITHIN_S
        while time.monotonic() < deadline:
            row = self.run(self.deps.store.call(tenant_id, call_id))
            if row is not None and row.ended_at is not None:
                return row
            time.sleep(0.05)
        raise AssertionError(f"{call_id} did not end")

    def until(self, condition: Callable[[], T | None]) -> T:
        """What `condition` gives, once it gives something."""
        deadline = time.monotonic() + END_WITHIN_S
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError("it did not come about")

    def close_clients(self) -> None:
        while self.clients:
            self.clients.pop().close()

    def tokens_at(self, seconds_from_now: float) -> Tokens:
        """The gateway's own tokens, issued at another time."""
        pem = (self.settings.keys_dir / KEY_FILE).read_bytes()
        return Tokens(signing_key(pem), lambda: time.time() + seconds_from_now)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.backstage.run(work)

    def as_person(self, role: Role, tenant_id: str = SHOP) -> httpx.Client:
        """A client that holds an access token of that tenant's user with that role."""
        user = self.run(self.deps.accounts.user(tenant_id, f"{tenant_id}-{role.value}"))
        assert user is not None
        return self.client(Authorization=f"Bearer {self.deps.tokens.access(user)}")

    def call_token(self, tenant_id: str = SHOP, origin: str | None = None) -> str:
        return self.deps.tokens.call(self.site_keys[tenant_id], origin or self.url)

    def as_caller(self, tenant_id: str = SHOP) -> httpx.Client:
        return self.client(Authorization=f"Bearer {self.call_token(tenant_id)}", Origin=self.url)


def a_tenant(tenant_id: str, slug: str, name: str) -> TenantProfile:
    return TenantProfile(
        tenant_id=tenant_id,
        slug=slug,
        name={Language.EN: name, Language.AR: "متجر"},
        persona={Language.EN: "a helpful voice"},
        greeting={Language.EN: "hello"},
        default_language=Language.EN,
        emergency_number="998",
        time_zone="Asia/Dubai",
        hours=tuple(OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)),
    )


async def furnish(house: House) -> None:
    """Two tenants, a user of each role in both, and a site key each."""
    hashed = hash_password(PASSWORD)
    for tenant_id, slug in ((SHOP, "shop"), (CLINIC, "clinic")):
        await house.deps.tenants.save(a_tenant(tenant_id, slug, slug.title()))
        for role in Role:
            user_id = f"{tenant_id}-{role.value}"
            email = f"{role.value}@{slug}.example"
            user = User(user_id=user_id, tenant_id=tenant_id, email=email, name=role.value.title(), role=role)
            await house.deps.accounts.create_user(user, hashed)
        house.site_keys[tenant_id] = SiteKey(
            site_key_id=f"{tenant_id}-site",
            tenant_id=tenant_id,
            key=f"site-{slug}-0001",
            allowed_origins=(SAME_ORIGIN, CUSTOMER) if tenant_id == SHOP else (SAME_ORIGIN,),
            max_concurrent_calls=50,
            listed=True,
        )
        await house.deps.accounts.save_site_key(house.site_keys[tenant_id])


def desk_steps(house: House, client: Client) -> tuple[DeskActivities, CallbackActivities]:
    deps = house.deps
    handoffs = PostgresHandoffs(house.database, deps.keys)
    desk = DeskActivities(
        handoffs=handoffs,
        team=deps.team,
        tenants=deps.tenants,
        calls=deps.store,
        feed=deps.feed,
        waker=WaitingHandoffs(client, handoffs),
    )
    callbacks = PostgresCallbacks(house.database, deps.keys)
    callback = CallbackActivities(callbacks=callbacks, tenants=deps.tenants, calls=deps.store, feed=deps.feed)
    return desk, callback


async def leave_nothing_running(client: Client) -> None:
    """The next house has another database, in which these calls have no keys."""
    while running := [each async for each in client.list_workflows("ExecutionStatus = 'Running'")]:
        for each in running:
            with contextlib.suppress(RPCError):
                await client.get_workflow_handle(each.id).terminate()


@contextlib.asynccontextmanager
async def open_gateway(backstage: Backstage, settings: Settings, pages_dir: Path) -> AsyncIterator[House]:
    """The gateway alone, over whatever listens at the addresses in `settings`."""
    config = dataclasses.replace(gateway_config(settings), pages_dir=pages_dir)
    database = Database(settings.database_url.get_secret_value() if settings.database_url else "")
    app = await build(settings, config, database)
    listener = listening_socket("The gateway", settings.host, settings.gateway_port)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, timeout_graceful_shutdown=2))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield House(backstage=backstage, settings=settings, app=app, deps=app.state.deps, database=database)
    finally:
        server.should_exit = True
        await serving
        await database.close()


@contextlib.asynccontextmanager
async def open_house(backstage: Backstage, settings: Settings, pages_dir: Path) -> AsyncIterator[House]:
    """The gateway with everything behind it."""
    async with open_gateway(backstage, settings, pages_dir) as house:
        await furnish(house)
        client = await connect(settings.temporal_address, settings.temporal_namespace, EncryptionCodec(house.deps.keys))
        live = LiveCallActivities(house.deps.store)
        desk, callback = desk_steps(house, client)
        keys, crms = house.deps.keys, ConnectedCrms(house.database, house.deps.keys)
        crm = CrmActivities(house.deps.actions, means_over(client, house.database, keys, crms))
        calls = [CallWorkflow, HandoffWorkflow, CallbackWorkflow, PostCallWorkflow, ThreadWorkflow, CrmActionWorkflow]
        meter = PrometheusMeter(CollectorRegistry())
        made = steps_over(client, house.database, keys, WrittenModel(fails=True), meter, crms)
        steps = [live.set_call_state, live.end_call, crm.note_begun, crm.perform, crm.settle]
        durable = Worker(
            client,
            task_queue=DURABLE,
            workflows=[*calls, OutboundCallWorkflow, CampaignWorkflow],
            workflow_runner=sandboxed(),
            activities=[
                *steps,
                *desk.all,
                *callback.all,
                *made.outbound.all,
                *made.promised_dial.all,
                *made.campaign.all,
            ],
        )
        facts = WorkflowFacts(client)
        house.host = QuietLines(house.deps.store, SLOTS, facts)
        worker = f"test-{settings.gateway_port}"
        lines = DurableLines(client, house.host, facts, worker=worker, drain_s=0)
        messaging = ConnectedMessaging(house.database, keys, house.deps.tenants, crms, house.settings.hook_origin)
        think = thinking(WrittenModel(fails=True), RuleSpokenValues(), None, 0, None)
        writing = thread_worker(client, house.database, house.deps.keys, messaging, think)
        async with durable, writing:
            media = asyncio.create_task(lines.run())
            try:
                yield house
            finally:
                await lines.drain()
                await media
                await leave_nothing_running(client)
                await messaging.close()
                await crms.close()
