"""What the supervisor looks after: parts, which are processes, and steps, which run once between them."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How to start a process."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    inherit_env: bool = True
    """`env` is added to the supervisor's own environment, rather than being all there is."""
    cwd: Path | None = None
    user: int | None = None
    """The uid to run as, where the supervisor is root; None: the supervisor's own."""
    group: int | None = None


def program(*argv: str, **env: str) -> Callable[[], Awaitable[Command]]:
    """The same command every time."""

    async def command() -> Command:
        return Command(argv=argv, env=env)

    return command


Probe = Callable[[], Awaitable[bool]]
"""Asked again and again until it answers True; an OSError counts as "not yet"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process that runs as long as the product does."""

    name: str
    command: Callable[[], Awaitable[Command]]
    """Asked before each start, so that it can clear up first. Its SetupError stops the whole start."""
    after: tuple[str, ...] = ()
    """Started only when these are ready, and stopped before them."""
    outlives: tuple[str, ...] = ()
    """Stopped only when these have ended, though it may start before them."""
    ready: Probe | None = None
    """None: the process says so itself (workers/process/notify.py)."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_grace_s: float = 10.0
    """Then it is killed."""
    start_deadline_s: float = 60.0
    """A part that is not ready by then is killed and started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something done once, such as a migration. Its SetupError stops the whole start."""

    name: str
    run: Callable[[], Awaitable[None]]
    after: tuple[str, ...] = ()


def in_order(nodes: Sequence[Part | Step]) -> list[Part | Step]:
    """The nodes, each behind all that it waits for. Raises ValueError for doubled or unknown names and circles."""
    by_name = {node.name: node for node in nodes}
    if len(by_name) != len(nodes):
        raise ValueError("two nodes have one name")
    for node in nodes:
        wanted = (*node.after, *(node.outlives if isinstance(node, Part) else ()))
        if unknown := sorted(set(wanted) - set(by_name)):
            raise ValueError(f"{node.name} names {', '.join(unknown)}, which is not there")
    ordered: dict[str, Part | Step] = {}
    while len(ordered) < len(by_name):
        free = [n for n in nodes if n.name not in ordered and set(n.after) <= set(ordered)]
        if not free:
            raise ValueError(f"a circle among {', '.join(sorted(set(by_name) - set(ordered)))}")
        ordered.update((node.name, node) for node in free)
    return list(ordered.values())
