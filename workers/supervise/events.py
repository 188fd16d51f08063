"""What the supervisor tells about its parts while they run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    name: str
    took_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """A part ended by itself and is started again after `again_in_ms`."""

    name: str
    how: str
    """"signal 9", "exit 1" or "not ready after 60 s"."""
    again_in_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """A part has gone over to another profile."""

    name: str


Event = Starting | Ready | Died | Stopped | Paced
