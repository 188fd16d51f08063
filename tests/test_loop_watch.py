"""What the watch of the loop finds, and what it leaves alone."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loop_watch import CALLBACK_MS, watched


def read() -> None:
    Path("/dev/null").read_text()


def connect() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def work() -> None:
    until_s = time.thread_time() + 2 * CALLBACK_MS / 1000
    while time.thread_time() < until_s:
        pass


async def on_the_loop(act: Callable[[], object]) -> None:
    act()


@pytest.mark.parametrize(
    "act",
    [
        read,
        connect,
        work,
        lambda: time.sleep(0.001),
        lambda: socket.getaddrinfo("127.0.0.1", 80),
        lambda: subprocess.run([sys.executable, "--version"], capture_output=True, check=True),
    ],
    ids=["open", "connect", "work", "sleep", "getaddrinfo", "subprocess"],
)
async def test_what_blocks_is_found_on_the_loop_and_not_beside_it(act: Callable[[], object]) -> None:
    with watched() as watch:
        await asyncio.create_task(asyncio.to_thread(act))
    assert watch.found == []
    with watched() as watch:
        await asyncio.create_task(on_the_loop(act))
    assert watch.found


async def test_asyncio_itself_blocks_nothing() -> None:
    async def talk() -> None:
        served: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(lambda _, writer: served.put_nowait(writer), "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for end in (writer, await served.get()):
                end.close()
                await end.wait_closed()
        threading.Thread(target=time.sleep, args=(0.001,)).start()

    with watched() as watch:
        await asyncio.create_task(talk())
    assert watch.found == []
    assert watch.callbacks


async def test_a_test_may_do_as_it_likes() -> None:
    with watched() as watch:
        await asyncio.sleep(0)
        read()
        work()
    assert watch.found == []
