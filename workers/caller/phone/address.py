"""Where a SIP call goes: the address as it was typed, and whether anybody can be there at all."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from domain.errors import Refused, SetupError

SIP_PORT = 5060
REFUSED_WITHIN_S = 0.25
"""A machine whose port is closed says so in a round trip; one that is silent may still answer a call."""
KEEP_ALIVE = b"\r\n\r\n"
"""RFC 5626, 3.5.1: what any SIP server takes and need not answer."""
_ADDRESS = re.compile(r"(?:sip:)?([^@:;<>\"?\s]+)@([A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:;transport=(udp|tcp))?", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAddress:
    user: str
    host: str
    port: int = SIP_PORT
    transport: str = "udp"

    @classmethod
    def parse(cls, text: str) -> Self:
        """`sip:user@host`, with a port and `;transport=tcp` where they differ. Raises Refused("bad_address")."""
        found = _ADDRESS.fullmatch(text)
        if found is None or not 0 < int(found[3] or SIP_PORT) <= 65_535:
            raise Refused("bad_address", f"{text}: this is not a SIP address; one looks like sip:demo@127.0.0.1:5060")
        return cls(user=found[1], host=found[2], port=int(found[3] or SIP_PORT), transport=(found[4] or "udp").lower())

    def __str__(self) -> str:
        return f"sip:{self.user}@{self.host}:{self.port};transport={self.transport}"

    def reached_from(self) -> str:
        """The address of this machine that calls to there come from.

        Raises SetupError for a host that has no address, or no way to it, and for a port that is known to be closed.
        """
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.settimeout(REFUSED_WITHIN_S)
                probe.connect((self.host, self.port))
                if self.transport == "udp":
                    self._knock(probe)
                return str(probe.getsockname()[0])
        except ConnectionRefusedError:
            raise nobody(self) from None
        except OSError as error:
            raise SetupError(f"{self.host}: no way there ({error.strerror or error})") from None

    @staticmethod
    def _knock(probe: socket.socket) -> None:
        """Raises ConnectionRefusedError when nobody listens."""
        probe.send(KEEP_ALIVE)
        with suppress(TimeoutError):
            probe.recv(1)


def nobody(address: SipAddress) -> SetupError:
    where = f"{address.host}:{address.port} by {address.transport.upper()}"
    return SetupError(f"nobody answers SIP calls at {where} — where Hatif should, start it with `make up`")
