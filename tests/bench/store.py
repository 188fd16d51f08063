"""The store by the clock, on an embedded Postgres of its own: `python -m tests.bench.store [--turns 500]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from domain.speech import Language, Speaker, Turn
from domain.tenant import TenantProfile
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.migrate import migrate
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.conftest import PostgresServer, running_postgres

TENANT = TenantProfile(
    tenant_id="t",
    slug="t",
    name={},
    persona={},
    greeting={},
    default_language=Language.EN,
    emergency_number="998",
    time_zone="Asia/Dubai",
)
TURN = Turn(
    seq=0,
    speaker=Speaker.CALLER,
    text="When are you open on Friday? " * 3,
    language=Language.EN,
    started_ms=0,
    ended_ms=2000,
    stages_ms={"asr": 180},
)


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def say(name: str, took_ms: list[float]) -> None:
    p95 = statistics.quantiles(took_ms, n=20)[18] if len(took_ms) > 1 else took_ms[0]
    print(f"{name:<34} p50 {statistics.median(took_ms):8.1f} ms   p95 {p95:8.1f} ms   n {len(took_ms)}")


async def measure(server: PostgresServer, turns: int) -> None:
    plan = server.plan
    say("migrate, empty database", [await timed(lambda: migrate(plan.owner_url, plan.app_password))])
    say("migrate, nothing to do", [await timed(lambda: migrate(plan.owner_url, plan.app_password)) for _ in range(5)])
    database = Database(plan.app_url)
    keys = PostgresKeyRing(database, os.urandom(32))
    calls = PostgresCalls(database, keys)
    await PostgresTenants(database, keys).save(TENANT)
    say("create_call", [await timed(lambda n=n: calls.create_call("t", f"c{n}", "web", None)) for n in range(50)])
    say("take_lease", [await timed(lambda n=n: calls.take_lease("t", f"c{n}", 1, "w")) for n in range(50)])
    one = [await timed(lambda n=n: calls.record_turn("t", "c0", replace(TURN, seq=n))) for n in range(turns)]
    say("record_turn, one call", one)

    async def a_call(number: int) -> list[float]:
        each = range(turns // 8)
        return [await timed(lambda n=n: calls.record_turn("t", f"c{number}", replace(TURN, seq=n))) for n in each]

    eight = await asyncio.gather(*(a_call(number) for number in range(1, 9)))
    say("record_turn, eight calls at once", [took for call in eight for took in call])
    say("turns of a call", [await timed(lambda: calls.turns("t", "c1")) for _ in range(20)])
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=500)
    turns: int = parser.parse_args().turns
    began = time.perf_counter()
    with running_postgres() as server:
        say("first start, with initdb", [(time.perf_counter() - began) * 1000])
        server.stop()
        took_ms: list[float] = []
        for again in range(5):
            began = time.perf_counter()
            server.start()
            took_ms.append((time.perf_counter() - began) * 1000)
            if again < 4:
                server.stop()
        say("start of an existing cluster", took_ms)
        server.kill()
        began = time.perf_counter()
        server.start()
        say("start after kill -9", [(time.perf_counter() - began) * 1000])
        asyncio.run(measure(server, turns))


if __name__ == "__main__":
    main()
