"""The guard: ends every part's process group when the supervisor is gone, however it went.

It runs as a program of its own and imports nothing of Hatif. Lines on its standard input say which groups live:
"+<pgid> <signal>" and "-<pgid>". The end of the input means that the supervisor has died. The one argument is the
grace in seconds between a group's own signal and SIGKILL.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time


def main() -> None:
    grace_s = float(sys.argv[1])
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        if line.startswith("+"):
            group, stop_signal = line[1:].split()
            groups[int(group)] = int(stop_signal)
        else:
            groups.pop(int(line[1:]), None)
    for group, stop_signal in groups.items():
        _signal(group, stop_signal)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(_signal(group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
