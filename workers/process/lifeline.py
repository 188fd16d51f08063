"""How a process of Hatif ends: when its parent is gone, however that died, and with the status that it means."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn

LOOK_INTERVAL_S = 0.5
"""How soon an orphan notices; a look costs one system call."""


def when_parent_dies(act: Callable[[], None]) -> None:
    """Call `act` once, in a thread of its own, after this process's parent has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_INTERVAL_S)
        act()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def leave(status: int) -> NoReturn:
    """End this process with `status`, after everything of its own is closed and written.

    Native threads of the models and of Temporal's core can abort the interpreter's own way out, and a command
    that did its work would then end as if it had crashed.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # whoever read it is gone
            continue
    os._exit(status)
