"""TLS below SIP and SRTP below its sound, as the stack is told about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Srtp(StrEnum):
    """Encryption of the sound. Its keys travel in the SIP messages (SDES), so it is worth something below TLS only."""

    OFF = "off"
    OFFERED = "offered"
    """Used where the other side has it."""
    REQUIRED = "required"
    """A call without it is refused with 488."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Of an account."""
        match self:
            case Srtp.OFF:
                return ()
            case Srtp.OFFERED:
                return ("mediaenc=srtp",)
            case Srtp.REQUIRED:
                return ("mediaenc=srtp-mand",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    authorities: bytes
    """PEM. Whom we connect to has a certificate by one of these, for the name that we connect to."""
    certificate: bytes | None = field(default=None, repr=False)
    """PEM: our chain and its key; without it nobody can connect to us by TLS."""
