"""Watches an event loop's thread: what blocks it, and what keeps its processor for too long.

Blocking calls are told by the interpreter's audit events, and work by the thread's own processor time: how busy the
machine is changes neither. Whatever runs on other threads is free to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CALLBACK_MS = 20
"""A frame's length: a callback that works for longer makes every other call of the process late by one."""
WAITS = frozenset(
    {
        "glob.glob",
        "import",
        "mmap.__new__",
        "open",
        "os.link",
        "os.listdir",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.scandir",
        "os.system",
        "os.truncate",
        "shutil.copyfile",
        "shutil.move",
        "shutil.rmtree",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "sqlite3.connect",
        "subprocess.Popen",
        "time.sleep",
        "urllib.Request",
    }
)
"""Audit events of what waits for a disk, a name server, another process or the clock."""


@dataclass(slots=True)
class LoopWatch:
    """What was found on one thread. A test's own coroutine may do as it likes."""

    thread: int = field(default_factory=threading.get_ident)
    found: list[str] = field(default_factory=list[str])
    longest_ms: float = 0.0
    callbacks: int = 0
    _looking: bool = False

    def audited(self, event: str, args: tuple[Any, ...]) -> None:
        if self._looking or threading.get_ident() != self.thread or not _waits(event, args):
            return
        self._looking = True  # what follows may itself be audited
        try:
            if asyncio._get_running_loop() is not None and not _is_test(_task()):
                stack = "".join(traceback.format_stack(sys._getframe(2), limit=12))
                self.found.append(f"{event} {args!r:.200} on the loop\n{stack}")
        finally:
            self._looking = False

    def ran(self, handle: asyncio.Handle, took_ms: float) -> None:
        callback: Any = handle._callback
        task = getattr(callback, "__self__", None)
        if _is_test(task):
            return
        self.callbacks += 1
        self.longest_ms = max(self.longest_ms, took_ms)
        if took_ms > CALLBACK_MS:
            self.found.append(f"{took_ms:.0f} ms of work in one callback: {task or callback!r}")


def _waits(event: str, args: tuple[Any, ...]) -> bool:
    match event, args:
        case "socket.connect", (socket.socket() as sock, *_):
            return sock.gettimeout() != 0 and sock.family != socket.AF_UNSPEC
        case "fcntl.flock" | "fcntl.lockf", (_, int(how), *_):
            return not how & (fcntl.LOCK_NB | fcntl.LOCK_UN)
        case "import", (str(name), *_):
            return name not in sys.modules
        case _:
            return event in WAITS


def _task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _is_test(task: object) -> bool:
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    return getattr(coroutine, "__name__", "").startswith("test_")


_watching: list[LoopWatch] = []
_hooked = False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    for watch in _watching:
        watch.audited(event, args)


@contextlib.contextmanager
def watched() -> Iterator[LoopWatch]:
    """Watch the loop of this thread. As in the media process, what lived before is kept from the garbage collector."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_hook)  # never to be taken away again
        _hooked = True
    watch = LoopWatch()
    run, sleep = asyncio.events.Handle._run, time.sleep

    def slept(seconds: float) -> None:
        watch.audited("time.sleep", (seconds,))  # audited by the interpreter from 3.14 on only
        sleep(seconds)

    def timed(handle: asyncio.Handle) -> None:
        began_s = time.thread_time()
        run(handle)
        if threading.get_ident() == watch.thread:
            watch.ran(handle, (time.thread_time() - began_s) * 1000)

    gc.freeze()
    asyncio.events.Handle._run, time.sleep = timed, slept
    _watching.append(watch)
    try:
        yield watch
    finally:
        _watching.remove(watch)
        asyncio.events.Handle._run, time.sleep = run, sleep
        gc.unfreeze()
