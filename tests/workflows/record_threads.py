"""Records the histories of threads: python -m tests.workflows.record_threads

When to: see record.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.threads.thread import Arrived
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.correspondence import Correspondence, open_correspondence
from tests.workflows.far_side import open_house, running_skipping_temporal
from tests.workflows.promises import Skipping
from tests.workflows.record import save
from workflows import timeouts
from workflows.codec import EncryptionCodec


async def thread_person_and_goodbye(written: Correspondence, skipping: Skipping) -> Arrived:
    """Asks for a person, is given the choice, goes on with the agent, and says goodbye."""
    arrived = await written.writes("person")
    await written.reads(2)
    await written.writes("2")
    await written.reads(4)
    await written.writes("bye")
    return arrived


async def thread_silent(written: Correspondence, skipping: Skipping) -> Arrived:
    arrived = await written.writes("hello")
    await written.reads(1)
    await skipping.passes(timeouts.THREAD_IDLE + timedelta(seconds=1))
    return arrived


THREAD_SCENES: dict[str, Callable[[Correspondence, Skipping], Awaitable[Arrived]]] = {
    scene.__name__: scene for scene in (thread_person_and_goodbye, thread_silent)
}


async def record(database_url: str) -> None:
    for name, scene in THREAD_SCENES.items():
        async with (
            running_skipping_temporal() as server,
            open_house(server.client.service_client.config.target_host, database_url) as house,
            open_correspondence(house) as written,
        ):
            handle = await written.workflow(await scene(written, Skipping(house, server)))
            await handle.result()
            await save(name, await handle.fetch_history(), EncryptionCodec(house.keys))


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url))
