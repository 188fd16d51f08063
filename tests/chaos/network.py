"""A media worker behind a network of its own, so that it can be cut off from everything else, and plugged in again.

The whole run happens in a network namespace made for it; the worker lives in a second one, and a pair of virtual
interfaces joins them. On our end of it small forwarders carry the worker's connections to the servers on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aioice.ice

from tests.chaos.platform import Apart, Platform

APART = "CHAOS_NETWORK_APART"
"""Set in a run that is in a namespace of its own; no setting of the product, which is given its own."""
OURS, THEIRS = "10.213.0.1", "10.213.0.2"
READY_S = 60.0


def go_apart(module: str) -> None:
    """Run this program again in a network namespace of its own; returns where that is done, or not allowed here."""
    if is_apart():
        return
    argv = ["unshare", "--net", "--", sys.executable, "-m", module, *sys.argv[1:]]
    tried = ["unshare", "--net", "--", "ip", "link"]
    if not shutil.which("unshare") or subprocess.run(tried, check=False, capture_output=True).returncode:
        print("No network namespace may be made here: media-netcut is left out.", file=sys.stderr)
        return
    os.environ[APART] = "1"
    os.execvp(argv[0], argv)


def is_apart() -> bool:
    return bool(os.environ.get(APART))


def prepare() -> None:
    """Loopback, and the addresses of this end: WebRTC offers loopback only when it is told to."""
    if is_apart():
        _ip("link", "set", "lo", "up")
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1", OURS] if use_ipv4 else []


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextlib.asynccontextmanager
async def worker_apart(platform: Platform) -> AsyncIterator[None]:
    """Start it, wait until it takes calls, and let the platform know it; does nothing where the run is not apart."""
    if not is_apart():
        yield
        return
    space, link, far = f"hatif-{os.getpid()}", "hatif-near", "hatif-far"
    _ip("netns", "add", space)
    try:
        _ip("link", "add", link, "type", "veth", "peer", "name", far, "netns", space)
        _ip("address", "add", f"{OURS}/24", "dev", link)
        _ip("link", "set", link, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"{THEIRS}/24", "dev", far),
            ("link", "set", far, "up"),
        ):
            _ip("-n", space, *words)
        async with contextlib.AsyncExitStack() as forwarders:
            environment = await _forwarded(platform, forwarders)
            log = (platform.settings.data_dir / "media-apart.log").open("ab")
            process = await asyncio.create_subprocess_exec(
                *("ip", "netns", "exec", space, sys.executable, "-m", "workers.media"),
                env=environment,
                stdout=log,
                stderr=log,
            )
            log.close()
            platform.apart = Apart(
                pid=process.pid,
                cut=lambda: _ip("link", "set", link, "down"),
                mend=lambda: _ip("link", "set", link, "up"),
            )
            try:
                await platform.settled()
                yield
            finally:
                platform.apart = None
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGKILL)
                await process.wait()
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "delete", link)
        _ip("netns", "delete", space)


async def _forwarded(platform: Platform, forwarders: contextlib.AsyncExitStack) -> dict[str, str]:
    """The product's settings, with every server at our end of the link."""
    environment = dict(platform.product.environment)
    settings = platform.settings

    async def there(host: str | None, port: int | None) -> str:
        server = await asyncio.start_server(lambda r, w: _carry(r, w, str(host), int(port or 0)), OURS, 0)
        await forwarders.enter_async_context(server)
        return f"{OURS}:{server.sockets[0].getsockname()[1]}"

    temporal_host, _, temporal_port = settings.temporal_address.partition(":")
    environment["HATIF_TEMPORAL_ADDRESS"] = await there(temporal_host, int(temporal_port))
    for name, url in (
        ("HATIF_LLM_URL", settings.llm_url),
        ("HATIF_SPEECH_URL", settings.speech_url),
        ("HATIF_DATABASE_URL", platform.database_url),
    ):
        parts = urlsplit(url)
        signed = parts.netloc.rpartition("@")[0]
        address = await there(parts.hostname, parts.port)
        environment[name] = parts._replace(netloc=f"{signed}@{address}" if signed else address).geturl()
    # Anything but loopback: the worker then offers the address that it has.
    environment["HATIF_HOST"] = THEIRS
    return environment


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    """Until one of the two ends is closed; then the other is as well, as a direct connection would be."""
    writers = [writer]
    with contextlib.suppress(OSError):
        far_reader, far_writer = await asyncio.open_connection(host, port)
        writers.append(far_writer)
        pumps = [asyncio.create_task(_pump(reader, far_writer)), asyncio.create_task(_pump(far_reader, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    for one in writers:
        one.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
