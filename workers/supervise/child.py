"""One life of a part: its process, its group, its output and what it says about itself."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from workers.supervise.output import Output
from workers.supervise.part import Command, Part

PROBE_EVERY_S = 0.1
DRAIN_OUTPUT_S = 1.0
"""How long output is read after the end, where something outside the group still holds the pipe."""
CUT_GRACE_S = 3.0
"""A part that is told a second time to stop flushes what it has and goes."""
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with(parent: int, stop_signal: int) -> Callable[[], None]:
    """Runs in the child between fork and exec, so it must not allocate much or take locks."""

    def arm() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return arm


def _environment(command: Command, notify_socket: str) -> dict[str, str]:
    inherited = dict(os.environ) if command.inherit_env else {}
    return {**inherited, **command.env, "NOTIFY_SOCKET": notify_socket, "PYTHONUNBUFFERED": "1"}


class _Notices(asyncio.DatagramProtocol):
    """Receives "READY=1" and "KEY=value" lines from workers/process/notify.py."""

    def __init__(self, noted: Callable[[str], None]) -> None:
        self.ready = asyncio.Event()
        self.notes: dict[str, str] = {}
        self._noted = noted

    def datagram_received(self, data: bytes, addr: object) -> None:
        for line in data.decode(errors="replace").splitlines():
            key, _, value = line.partition("=")
            self.notes[key] = value
            self._noted(key)
        if self.notes.get("READY") == "1":
            self.ready.set()


class _Copy(asyncio.Protocol):
    """Writes what a process says into its log."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.finished = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._output.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.finished.set()


class Child:
    def __init__(
        self,
        part: Part,
        process: asyncio.subprocess.Process,
        output: Output,
        copy: _Copy,
        notices: _Notices,
        closing: contextlib.ExitStack,
    ) -> None:
        self.part = part
        self.pid = process.pid
        self._process = process
        self._output = output
        self._copy = copy
        self._notices = notices
        self._closing = closing

    @classmethod
    async def spawn(cls, part: Part, command: Command, log: Path, noted: Callable[[str], None]) -> Child:
        """`noted` hears the key of each note. Raises OSError when the program can't be started."""
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as opened:
            address = f"hatif-{os.getpid()}-{part.name}-{os.urandom(4).hex()}"
            inbox, notices = await loop.create_datagram_endpoint(
                lambda: _Notices(noted), local_addr="\0" + address, family=socket.AF_UNIX
            )
            opened.callback(inbox.close)
            output = Output(log)
            opened.callback(output.close)
            # A pipe of our own: asyncio's would make Process.wait() wait for everyone who inherited it.
            read_end, write_end = os.pipe()
            pipe, copy = await loop.connect_read_pipe(lambda: _Copy(output), os.fdopen(read_end, "rb", 0))
            opened.callback(pipe.close)
            try:
                process = await asyncio.create_subprocess_exec(
                    *command.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=write_end,
                    stderr=write_end,
                    env=_environment(command, "@" + address),
                    cwd=command.cwd,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid(), part.stop_signal),
                    user=command.user,
                    group=command.group,
                    extra_groups=None if command.user is None else [],
                )
            finally:
                os.close(write_end)
            return cls(part, process, output, copy, notices, opened.pop_all())

    @property
    def notes(self) -> dict[str, str]:
        return self._notices.notes

    def last_line(self) -> str:
        return self._output.last_line()

    async def until_ready(self) -> None:
        if self.part.ready is None:
            await self._notices.ready.wait()
            return
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                if await self.part.ready():
                    return
            await asyncio.sleep(PROBE_EVERY_S)

    async def wait(self) -> int:
        """The exit status (negative: the signal), once the process and its whole group are gone."""
        status = await self._process.wait()
        self._signal(signal.SIGKILL)  # what it left behind in its group
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_OUTPUT_S):
                await self._copy.finished.wait()
        self._closing.close()
        return status

    async def stop(self, cut: asyncio.Event) -> None:
        """Ask, wait for the grace or for `cut`, ask again, kill. `wait` then returns."""
        self._signal(self.part.stop_signal)
        ended = asyncio.create_task(self._process.wait())
        cutting = asyncio.create_task(cut.wait())
        try:
            await asyncio.wait({ended, cutting}, timeout=self.part.stop_grace_s, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done() and cut.is_set():
                self._signal(self.part.stop_signal)
                await asyncio.wait({ended}, timeout=CUT_GRACE_S)
        finally:
            ended.cancel()
            cutting.cancel()
            self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Guard:
    """The supervisor's end of workers/supervise/guard.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def spawn(cls, grace_s: float) -> Guard:
        program = Path(__file__).with_name("guard.py")
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(program), str(grace_s)),
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        )

    def watch(self, child: Child) -> None:
        self._write(f"+{child.pid} {int(child.part.stop_signal)}\n")

    def forget(self, child: Child) -> None:
        self._write(f"-{child.pid}\n")

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode())
