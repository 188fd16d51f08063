"""The main function of a process of the tree."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from domain.errors import SetupError
from workers.process.lifeline import when_parent_dies
from workers.process.logs import configure_logs


def run(serve: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """The exit status. `serve` ends by SIGTERM, which it also gets when the parent is gone; a SetupError is printed."""
    configure_logs()
    when_parent_dies(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve())
    except SetupError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return os.EX_CONFIG
    return 0
