"""The supervisor: starts parts in order, brings back the ones that die, and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from domain.errors import SetupError
from workers.supervise.child import Child, Guard
from workers.supervise.events import Died, Event, Paced, Ready, Starting, Stopped
from workers.supervise.part import Part, Step, in_order

EXIT_MISCONFIGURED = 78
"""EX_CONFIG of sysexits.h: starting the part again cannot help."""
PROFILE = "X_HATIF_PROFILE"
"""The note of `notify.profile`."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 30.0
"""A part that was ready for so long starts its pauses from the beginning."""
ORPHAN_GRACE_S = 5.0
"""What parts get when the supervisor was killed: Postgres ends its sessions in well under a second, and no caller is
left to be served."""
START_TRIES = 5
"""A part that was never ready is given up after so many deaths; one that was ready never is."""


class Supervisor:
    """An async context: entering starts everything, leaving stops everything.

    `ready()` returns when all parts are; `failed()` never returns; both raise the SetupError that ends the start.
    """

    def __init__(
        self,
        nodes: Sequence[Part | Step],
        *,
        logs_dir: Path,
        tell: Callable[[Event], None],
        orphan_grace_s: float = ORPHAN_GRACE_S,
    ) -> None:
        self._orphan_grace_s = orphan_grace_s
        self._nodes = in_order(nodes)
        self._logs_dir = logs_dir
        self._tell = tell
        self._is_ready = {node.name: asyncio.Event() for node in nodes}
        self._is_over = {node.name: asyncio.Event() for node in nodes}
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._children: dict[str, Child] = {}
        self._stopping: set[str] = set()
        self._cut = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._guard: Guard | None = None

    async def __aenter__(self) -> Supervisor:
        self._guard = await Guard.spawn(self._orphan_grace_s)
        for node in self._nodes:
            self._tasks[node.name] = asyncio.create_task(self._drive(node), name=node.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def ready(self) -> None:
        """Raises SetupError when one part can't be started."""
        waiting = asyncio.create_task(self._all_ready())
        try:
            await asyncio.wait({waiting, self._failure}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._failure.done():
            self._failure.result()

    async def _all_ready(self) -> None:
        for event in self._is_ready.values():
            await event.wait()

    async def failed(self) -> None:
        """Raises SetupError when a part can't go on; never returns otherwise."""
        await asyncio.shield(self._failure)

    def live_calls(self) -> int | None:
        """The sum of what parts told by `notify.live_calls`; None when none did."""
        counts = [int(c.notes["X_HATIF_CALLS"]) for c in self._children.values() if "X_HATIF_CALLS" in c.notes]
        return sum(counts) if counts else None

    def profiles(self) -> dict[str, str]:
        """Of each part that has left the chosen profile, or come back to it, the present one (`notify.profile`)."""
        return {name: c.notes[PROFILE] for name, c in self._children.items() if PROFILE in c.notes}

    def pids(self) -> dict[str, int]:
        """The process id of each part that runs."""
        return {name: child.pid for name, child in self._children.items()}

    def cut(self) -> None:
        """Parts that are given time to stop have had enough."""
        self._cut.set()

    async def stop(self) -> None:
        """Stop every part, each when those that need it have ended. Returns when no process is left."""
        stops = [asyncio.create_task(self._stop(node)) for node in self._nodes]
        await asyncio.gather(*stops)
        if self._failure.done():
            self._failure.exception()  # it was told, or the stop was asked for first
        if self._guard is not None:
            await self._guard.close()
            self._guard = None

    async def _stop(self, node: Part | Step) -> None:
        dependents = [other.name for other in self._nodes if node.name in other.after]
        outlived = node.outlives if isinstance(node, Part) else ()
        for name in (*dependents, *outlived):
            await self._is_over[name].wait()
        self._stopping.add(node.name)
        child = self._children.get(node.name)
        task = self._tasks.get(node.name)
        if child is not None:
            await child.stop(self._cut)
        elif task is not None:
            task.cancel()
        if task is not None:
            await asyncio.wait({task})
        self._is_over[node.name].set()
        if child is not None:
            self._tell(Stopped(name=node.name))

    async def _drive(self, node: Part | Step) -> None:
        try:
            for name in node.after:
                await self._is_ready[name].wait()
            if isinstance(node, Part):
                await self._keep_running(node)
            else:
                began = time.monotonic()
                self._tell(Starting(name=node.name))
                await node.run()
                self._mark_ready(node.name, began)
        except Exception as error:
            if not self._failure.done():
                self._failure.set_exception(error)

    def _mark_ready(self, name: str, began: float) -> None:
        self._tell(Ready(name=name, took_ms=round((time.monotonic() - began) * 1000)))
        self._is_ready[name].set()

    async def _keep_running(self, part: Part) -> None:
        deaths = 0
        while part.name not in self._stopping:
            self._tell(Starting(name=part.name))
            how, steady_s = await self._live_once(part)
            if part.name in self._stopping:
                return
            deaths = 1 if steady_s >= STEADY_AFTER_S else deaths + 1
            if deaths >= START_TRIES and not self._is_ready[part.name].is_set():
                raise SetupError(
                    f"{part.name} died {deaths} times while starting ({how}); its words are in {self._log(part)}."
                )
            pause_s = min(FIRST_PAUSE_S * 2 ** (deaths - 1), LONGEST_PAUSE_S)
            self._tell(Died(name=part.name, how=how, again_in_ms=round(pause_s * 1000)))
            await asyncio.sleep(pause_s)

    async def _live_once(self, part: Part) -> tuple[str, float]:
        """How it died, and for how many seconds it had been ready. Raises SetupError for exit 78."""
        began = time.monotonic()
        child = await self._spawn(part)
        assert self._guard is not None
        self._guard.watch(child)
        self._children[part.name] = child
        ended = asyncio.create_task(child.wait())
        readiness = asyncio.create_task(child.until_ready())
        ready_at: float | None = None
        too_slow = False
        try:
            await asyncio.wait({ended, readiness}, timeout=part.start_deadline_s, return_when=asyncio.FIRST_COMPLETED)
            if readiness.done() and not ended.done():
                readiness.result()
                ready_at = time.monotonic()
                self._mark_ready(part.name, began)
            elif not ended.done():
                too_slow = True
                child.kill()
            status = await asyncio.shield(ended)
        finally:
            readiness.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                if not ended.done():
                    child.kill()
                await ended
            del self._children[part.name]
            self._guard.forget(child)
        if status == EXIT_MISCONFIGURED and part.name not in self._stopping:
            raise SetupError(child.last_line() or f"{part.name} is not configured rightly and does not say how.")
        how = f"signal {-status}" if status < 0 else f"exit {status}"
        if too_slow:
            how = f"not ready after {part.start_deadline_s:g} s"
        return how, 0.0 if ready_at is None else time.monotonic() - ready_at

    async def _spawn(self, part: Part) -> Child:
        command = await part.command()

        def noted(key: str) -> None:
            if key == PROFILE:
                self._tell(Paced(name=part.name))

        spawning = asyncio.create_task(Child.spawn(part, command, self._log(part), noted))
        try:
            return await asyncio.shield(spawning)
        except OSError as error:
            raise SetupError(f"{part.name} cannot be started: {error.strerror} ({command.argv[0]}).") from error
        except asyncio.CancelledError:
            # A process may exist by now, and nobody else knows of it.
            child = await spawning
            child.kill()
            await child.wait()
            raise

    def _log(self, part: Part) -> Path:
        return self._logs_dir / f"{part.name}.log"
