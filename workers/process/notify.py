"""What a process of the tree says to its supervisor, by systemd's notify protocol.

Under `hatif up` the supervisor listens; under systemd (Type=notify) systemd does; alone, nothing happens.
"""

from __future__ import annotations

import os
import socket


def ready() -> None:
    """This process does its work from now on."""
    _send("READY=1")


def live_calls(count: int) -> None:
    """How many calls this process holds, so that `hatif up` can say what a Ctrl-C would cut."""
    _send(f"STATUS={count} live calls\nX_HATIF_CALLS={count}")


def profile(name: str) -> None:
    """The profile whose knobs count in this process by now, for `hatif doctor`."""
    _send(f"X_HATIF_PROFILE={name}")


def _send(message: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outlet:
        outlet.setblocking(False)
        try:
            outlet.sendto(message.encode(), address)
        except OSError:
            # The supervisor is gone; this process is about to be told so by a signal.
            return
