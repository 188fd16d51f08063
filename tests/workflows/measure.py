"""Measures the durable side on this machine: python -m tests.workflows.measure [calls] [kills]."""

from __future__ import annotations

import asyncio
import signal
import statistics
import sys
import time

from temporalio.api.enums.v1 import EventType

from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.far_side import House, open_house, running_temporal, stop_media
from tests.workflows.media_process import Apart
from tests.workflows.quiet_lines import OFFER


async def connects(house: House, count: int) -> None:
    """One after another; the calls pile up."""
    media = await house.media("a", slots=count)
    gateway = await house.gateway()
    took: list[float] = []
    for _ in range(count):
        start = await house.a_call()
        began = time.perf_counter()
        await gateway.connect(start, OFFER)
        took.append((time.perf_counter() - began) * 1000)
    steady = sorted(took[1:])
    p95 = steady[round(0.95 * (len(steady) - 1))]
    print(f"connect: first {took[0]:.0f} ms, p50 {statistics.median(steady):.0f} ms, p95 {p95:.0f} ms of {len(steady)}")
    await stop_media(media)


async def kills(house: House, count: int) -> None:
    for number in range(count):
        apart = await Apart.start(house.address, house.database_url, house.master, f"victim-{number}")
        start = await house.a_call()
        await (await house.gateway()).connect(start, OFFER)
        await asyncio.sleep(1 + number / count)
        apart.signal(signal.SIGKILL)
        killed_at = time.time()
        workflow = await house.workflow(start)
        await workflow.result()
        known_s = time.time() - killed_at
        async for event in workflow.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
                missed_s = event.event_time.ToDatetime().timestamp() - killed_at
                print(f"  heartbeat missed after {missed_s:.2f} s")
                break
        print(f"kill -9 to the recorded loss: {known_s:.2f} s")
        await apart.ended()


async def main(database_url: str, calls: int, killed: int) -> None:
    async with (
        running_temporal() as client,
        open_house(client.service_client.config.target_host, database_url) as house,
    ):
        await connects(house, calls)
        await kills(house, killed)


if __name__ == "__main__":
    wanted = [int(word) for word in sys.argv[1:]] + [50, 5][len(sys.argv) - 1 :]
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(main(postgres.plan.app_url, *wanted))
