"""A child process ends when its parent is gone, however the parent died."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

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
