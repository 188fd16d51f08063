"""Where SIP comes from: strangers' packets are dropped by the kernel, and each call's source is known by its packet.

The stack tells an application nothing about the address below a message. Two things that it cannot hide do: its
sockets, which are this process's, and its trace, which names the source of each message that it has read.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import re
import socket
import struct
import sys
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

from domain.errors import SetupError

Network = IPv4Network | IPv6Network

TRACE = "baresip.native.sip"
TOLD_WITHIN_S = 2.0
"""The trace of a message comes by another thread than the call that it began, mostly before it."""
REMEMBERED = 4_096
"""Calls whose source is known; the oldest is forgotten beyond it, and it is a call that was taken long ago."""

_INVITE = re.compile(r"RX (?:UDP|TCP|TLS) (\S+):\d+ -> \S+\s+INVITE ")
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)[ \t]*\r?$", re.I | re.M)

_SO_ATTACH_FILTER = 26
_NETWORK_HEADER = -0x100000 & 0xFFFFFFFF
"""Where a socket filter finds the packet's IP header."""
_SOURCE_V4, _SOURCE_V6 = 12, 8
_LOAD, _AND, _IF_EQUAL, _ANSWER = 0x20, 0x54, 0x15, 0x06
"""Of classic BPF: a word at an absolute place, with a constant; jump if equal; return a constant."""
_WHOLE, _NOTHING = 0xFFFFFFFF, 0


class Origins(logging.Handler):
    """The source address of each call that has been offered, by its Call-ID; read from the stack's trace."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._sources: OrderedDict[str, str] = OrderedDict()
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._trace = logging.getLogger(TRACE)

    def open(self) -> None:
        """Messages hold what callers said about themselves: they go no further than here."""
        self._trace.addHandler(self)
        self._trace.setLevel(logging.DEBUG)
        self._trace.propagate = False

    def shut(self) -> None:
        self._trace.removeHandler(self)
        self._trace.setLevel(logging.NOTSET)
        self._trace.propagate = True

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the stack's thread."""
        message = record.getMessage()
        if (invite := _INVITE.match(message)) and (call := _CALL_ID.search(message)):
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._tell, call[1], invite[1].strip("[]"))

    async def of(self, sip_call_id: str | None) -> str | None:
        """The address that a call's INVITE came from; None where it can't be known."""
        try:
            async with asyncio.timeout(TOLD_WITHIN_S):
                while sip_call_id not in self._sources:
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            return None
        return self._sources[sip_call_id]

    def _tell(self, sip_call_id: str, source: str) -> None:
        with suppress(ValueError):
            # A second INVITE of the same call is a re-INVITE, or somebody else's: the first one counts.
            self._sources.setdefault(sip_call_id, str(ip_address(source)))
        while len(self._sources) > REMEMBERED:
            self._sources.popitem(last=False)
        self._told.set()


def only_from(networks: Sequence[Network], host: str, port: int, expected: int) -> None:
    """Have the kernel drop what comes from anywhere else to this process's sockets at `host:port`, so many of them.

    Raises SetupError where that can't be done.
    """
    if not sys.platform.startswith("linux"):
        raise SetupError("SIP calls are taken on Linux only: nothing else can keep strangers out here.")
    filtered = 0
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if not file.readlink().name.startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(file.name))) as sock:
                if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.getsockname()[:2] == (host, port):
                    _attach(sock, program(networks, sock.family))
                    filtered += 1
    if filtered < expected:
        raise SetupError(f"The sockets of SIP at {host}:{port} were not found.")


def program(networks: Sequence[Network], family: int) -> list[tuple[int, int, int, int]]:
    """A socket filter that lets whole packets through from these networks, and nothing from elsewhere."""
    version, at = (4, _SOURCE_V4) if family == socket.AF_INET else (6, _SOURCE_V6)
    steps: list[tuple[int, int, int, int]] = []
    for network in networks:
        if network.version != version:
            continue
        size = len(network.network_address.packed)
        words = list(struct.unpack(f">{size // 4}I", network.network_address.packed))
        masks = list(struct.unpack(f">{size // 4}I", network.netmask.packed))
        for index, (word, mask) in enumerate(zip(words, masks, strict=True)):
            # Each word is three steps; past the last one stands the answer of this network.
            to_next = 3 * (len(words) - 1 - index) + 1
            steps += [
                (_LOAD, 0, 0, (_NETWORK_HEADER + at + 4 * index) & 0xFFFFFFFF),
                (_AND, 0, 0, mask),
                (_IF_EQUAL, 0, to_next, word),
            ]
        steps.append((_ANSWER, 0, 0, _WHOLE))
    return [*steps, (_ANSWER, 0, 0, _NOTHING)]


def _attach(sock: socket.socket, steps: list[tuple[int, int, int, int]]) -> None:
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = bytearray(code)
    held = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(steps), ctypes.addressof(held)))
