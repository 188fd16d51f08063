"""The SIP stack of this process: one at a time, at an address of its own, and closed to strangers."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from baresip import Config
from baresip.runtime import Runtime

from realtime.phone.door import Network
from realtime.sip.origin import Origins, only_from
from realtime.sip.security import Tls

RTP_TIMEOUT_S = 10
"""Nothing heard for so long, not even silence: the other side is gone without a BYE."""
RTP_PORTS = (10_000, 19_999)
"""Where sound comes in, the first and the last; two for each call. The stack's own would be 1024 to 49152."""


@dataclass(slots=True, kw_only=True)
class Stack:
    """`open` it once, and `close` it also where that failed."""

    host: str
    port: int
    """By UDP and TCP; TLS has the next one."""
    most_calls: int
    sources: Sequence[Network]
    rtp_ports: tuple[int, int]
    """The first, an even one, and the last."""
    tls: Tls | None
    """None: TLS neither to us nor from us."""
    runtime: Runtime = field(default_factory=Runtime)
    origins: Origins = field(default_factory=Origins)
    _started: bool = False

    async def open(self) -> None:
        """Raises SetupError, BaresipError."""
        self.origins.open()
        with tempfile.TemporaryDirectory(prefix="hatif-sip-") as folder:
            await self.runtime.start(
                Config(
                    net_interface=self.host,
                    max_concurrent_calls=self.most_calls,
                    rtp_timeout=RTP_TIMEOUT_S,
                    sip_trace=True,
                    extra_config_text="\n".join(self._lines(Path(folder))),
                )
            )
        self._started = True
        only_from(self.sources, self.host, self.port, 2)  # UDP and TCP
        if self.tls is not None:
            only_from(self.sources, self.host, self.port + 1, 1)

    def _lines(self, folder: Path) -> list[str]:
        lines = [
            f"sip_listen {self.host}:{self.port}",
            "rtp_ports {}-{}".format(*self.rtp_ports),
            # Otherwise the stack puts a caller on hold when the next one is answered.
            "call_hold_other_calls no",
            # Names are looked up as the rest of the machine does it, /etc/hosts included.
            "dns_getaddrinfo yes",
            # The stack listens by every transport that isn't left out here, also without a certificate.
            "sip_transports udp,tcp" if self.tls is None else "sip_transports udp,tcp,tls",
        ]
        if self.tls is not None:
            # Without authorities the stack would believe every certificate.
            lines += [
                f"sip_cafile {_written(folder / 'authorities.pem', self.tls.authorities)}",
                "sip_verify_server yes",
            ]
            if self.tls.certificate is not None:
                lines.append(f"sip_certificate {_written(folder / 'certificate.pem', self.tls.certificate)}")
        return lines

    async def close(self) -> None:
        if self._started:
            await self.runtime.close()
        self.origins.shut()


def _written(file: Path, pem: bytes) -> Path:
    """The stack takes certificates from files only, and reads them while it starts."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(pem)
    return file


def free_port(host: str) -> int:
    """One that is free by UDP and TCP now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
        udp.bind((host, 0))
        port = udp.getsockname()[1]
        tcp.bind((host, port))
        return port
