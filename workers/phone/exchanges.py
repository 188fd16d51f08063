"""HATIF_ARI: a TOML file that names the Asterisks that do more for their callers than to bring them.

[[exchange]]
port = 9092
url = "http://10.1.0.7:8088/ari"
user = "hatif"
password_file = "/run/secrets/ari"
music = "default"
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.errors import SetupError
from realtime.ari.exchange import Exchange
from workers.phone.toml_file import Strict, read_file, read_secret

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class ExchangeEntry(Strict):
    port: int = Field(ge=1, le=65_535)
    """Of HATIF_AUDIOSOCKET, at which this exchange brings its callers."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,253}(/[A-Za-z0-9._-]+)*$")]
    user: Name
    password_file: Path
    """Relative to the file of exchanges; its last line break does not count."""
    phones: Name = "hatif-phones"
    music: Name | None = None


class _File(Strict):
    exchange: tuple[ExchangeEntry, ...]


def exchanges_by_port(file: Path | None, ports: Collection[int]) -> dict[int, Exchange]:
    """`ports` are those at which callers come in. Raises SetupError."""
    if file is None:
        return {}
    found: dict[int, Exchange] = {}
    for entry in read_file("HATIF_ARI", file, _File).exchange:
        if entry.port not in ports or entry.port in found:
            raise SetupError(f"HATIF_ARI: the port {entry.port} must be one of HATIF_AUDIOSOCKET, and named once.")
        password = read_secret(file.parent / entry.password_file, f"{entry.user} at {entry.url}")
        found[entry.port] = Exchange(
            url=entry.url, user=entry.user, password=password, phones=entry.phones, music=entry.music
        )
    return found
