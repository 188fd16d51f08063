"""The embedded platform under test: the whole product with two media workers, its processes, and who holds a call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import text
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.calls.product import Product, running_product
from workers.embedded_postgres import app_url
from workers.settings import Settings
from workflows.queues import DURABLE, MEDIA

MEDIA_WORKERS = 2
SETTLE_S = 90.0
"""For the parts that a fault took down to be up again: a media worker loads its models for 5-20 s."""
SIGNED_IN_S = 300.0
"""A third of an access token's life: whoever stays for hours signs in again."""
TENANT = "demo-shop"


@dataclass
class Apart:
    """A media worker behind a network link of its own."""

    pid: int
    cut: Callable[[], None]
    mend: Callable[[], None]


@dataclass
class Platform:
    """What a fault acts on, and where the truth about a call is asked."""

    product: Product
    settings: Settings
    database: Database
    tenant_id: str
    apart: Apart | None = None
    """A media worker that `hatif up` knows nothing of, where one could be made."""
    _signed_in: dict[str, tuple[float, str]] = field(default_factory=dict)
    """When, and the access token."""

    # ------------------------------------------------------------ processes

    def pids(self) -> dict[str, int]:
        """The process of each part, as `hatif up` last told."""
        status: dict[str, Any] = json.loads((self.settings.data_dir / "up.json").read_text())
        return {name: int(pid) for name, pid in status["parts"].items()}

    @property
    def database_url(self) -> str:
        return app_url(self.settings)

    def signal(self, pid: int, number: signal.Signals) -> None:
        """To a process and, where it has any, its children: Postgres is a family."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for child in process.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.send_signal(number)
            process.send_signal(number)

    async def holder(self, call_id: str) -> int:
        """The process id of the media worker that holds the call's lease, by the store's own row."""
        async with self.database.tenant_transaction(self.tenant_id) as connection:
            worker = await connection.scalar(text("SELECT worker FROM hatif.calls WHERE call_id = :c"), {"c": call_id})
        return int(str(worker).rsplit("-", 1)[1])

    async def newest_call(self) -> str:
        async with self.database.tenant_transaction(self.tenant_id) as connection:
            newest = text("SELECT call_id FROM hatif.calls ORDER BY started_at DESC LIMIT 1")
            return str(await connection.scalar(newest))

    async def settled(self) -> None:
        """Wait until every part lives and both queues are polled by living processes, as before a fault."""
        missing = "nothing was looked at"
        try:
            async with asyncio.timeout(SETTLE_S):
                while True:
                    missing = await self._missing()
                    if not missing:
                        return
                    await asyncio.sleep(0.25)
        except TimeoutError:
            raise TimeoutError(f"not whole again within {SETTLE_S:.0f} s: {missing}") from None

    async def _missing(self) -> str:
        """What is not as before a fault; empty where all is."""
        pids = self.pids()
        if dead := [name for name, pid in pids.items() if not psutil.pid_exists(pid)]:
            return f"no process of {', '.join(dead)}"
        media = {pid for name, pid in pids.items() if name.startswith("media-")}
        media |= {self.apart.pid} if self.apart else set()
        try:
            async with asyncio.timeout(5):
                polled = await self._pollers(MEDIA, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
                working = await self._pollers(DURABLE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
                async with httpx.AsyncClient(base_url=self.product.address, trust_env=False) as http:
                    ready = (await http.get("/readyz")).status_code == 200
        except Exception as error:
            return f"Temporal or the gateway does not answer: {type(error).__name__}"
        if not media <= polled:
            return f"media workers that do not poll: {sorted(media - polled)} of {sorted(media)}"
        if pids.get("durable") not in working:
            return "the durable worker does not poll"
        return "" if ready else "the gateway is not ready"

    async def _pollers(self, queue: str, kind: TaskQueueType.ValueType) -> set[int]:
        client = await Client.connect(self.settings.temporal_address, namespace=self.settings.temporal_namespace)
        told = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
        )
        host = socket.gethostname()
        return {
            int(poller.identity.split("@", 1)[0])
            for poller in told.pollers
            if poller.identity.split("@", 1)[1:] == [host]
        }

    async def open_always(self) -> None:
        """The shop's desk, day and night: whoever is held waits for a person, whenever this is run."""
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        plan = {"time_zone": "Asia/Dubai", "hours": [{"days": list(days), "opens": "00:00", "closes": "24:00"}]}
        async with httpx.AsyncClient(base_url=self.product.address, trust_env=False, timeout=15) as http:
            answer = await http.put("/v1/team/hours", json=plan, headers=await self.signed_in(http, "admin"))
            answer.raise_for_status()

    async def dials_lost_callers(self, wanted: bool) -> None:
        """Whether the shop wants callers called back at once who were cut off, as its file would say."""
        tenants = PostgresTenants(self.database, PostgresKeyRing(self.database, master_key(self.settings.keys_dir)))
        profile = await tenants.profile(self.tenant_id)
        assert profile is not None
        await tenants.save(replace(profile, dials_lost_callers=wanted))

    # ------------------------------------------------------------ the truth about a call

    async def transcript(self, call_id: str) -> dict[str, Any]:
        """The call and its turns, as an administrator's page is told."""
        async with httpx.AsyncClient(base_url=self.product.address, trust_env=False, timeout=15) as http:
            answer = await http.get(f"/v1/calls/{call_id}", headers=await self.signed_in(http, "admin"))
            answer.raise_for_status()
            return answer.json()

    async def ended_transcript(self, call_id: str) -> dict[str, Any]:
        """Once the call's workflow has noted its end; what it then shows is what was kept."""
        try:
            async with asyncio.timeout(SETTLE_S):
                while True:
                    told = await self.transcript(call_id)
                    if told["call"]["ended_at"] is not None:
                        return told
                    await asyncio.sleep(0.25)
        except TimeoutError:
            raise TimeoutError(f"the call's end was not noted within {SETTLE_S:.0f} s") from None

    async def signed_in(self, http: httpx.AsyncClient, who: str) -> dict[str, str]:
        """The headers of a signed-in person of the demo shop: `admin`, or another first account's name."""
        at_s, token = self._signed_in.get(who, (-SIGNED_IN_S, ""))
        if time.monotonic() - at_s >= SIGNED_IN_S:
            email, password = self._account(who)
            answer = await http.post(
                "/v1/auth/login",
                json={"tenant": TENANT, "email": email, "password": password},
                headers={"Origin": self.product.address},
            )
            answer.raise_for_status()
            token = answer.json()["access_token"]
            self._signed_in[who] = time.monotonic(), token
        return {"Authorization": f"Bearer {token}"}

    def _account(self, who: str) -> tuple[str, str]:
        for shown, password in self.product.passwords.items():
            email = next((word for word in shown.split() if "@" in word), "")
            if TENANT in shown and email.startswith(who):
                return email, password
        raise AssertionError(f"no first password of {who} at {TENANT}: {sorted(self.product.passwords)}")


@contextlib.asynccontextmanager
async def running_platform(slots: int = 4, extra: Mapping[str, str] | None = None) -> AsyncIterator[Platform]:
    wanted = {"HATIF_MEDIA_WORKERS": str(MEDIA_WORKERS), **(extra or {})}
    with running_product(slots=slots, extra=wanted) as product, _environment(product.environment):
        settings = Settings()
        database = Database(app_url(settings))
        try:
            async with database.transaction() as connection:
                tenant_id = await connection.scalar(text("SELECT hatif.tenant_of_slug(:s)"), {"s": TENANT})
            platform = Platform(product, settings, database, str(tenant_id))
            await platform.settled()
            yield platform
        finally:
            await database.close()


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """The product's own settings, for the parts of it that are used here."""
    before = {name: value for name, value in os.environ.items() if name.startswith("HATIF_")}
    ours = {name: value for name, value in wanted.items() if name.startswith("HATIF_")}
    for name in before:
        del os.environ[name]
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]
        os.environ.update(before)


def machine() -> str:
    """What the figures were measured on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores ({cpu}), {memory_gib:.0f} GiB, no GPU"
