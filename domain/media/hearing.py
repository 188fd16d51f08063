"""Who hears whom on a bridged call: one rule over the parties' roles and modes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Refused


class BridgeRole(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    ADVISOR = "advisor"
    SUPERVISOR = "supervisor"


class ListenMode(StrEnum):
    """How far a party's voice carries."""

    TALK = "talk"
    LISTEN = "listen"
    """Hears, and is heard by nobody."""
    WHISPER = "whisper"
    """A supervisor whom only the advisors hear."""
    BARGE = "barge"
    """A supervisor whom everybody hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One party's place on a bridge."""

    role: BridgeRole
    mode: ListenMode = ListenMode.TALK
    held: bool = False


def check_seat(role: BridgeRole, mode: ListenMode) -> None:
    """Raises Refused("bad_mode"): only a supervisor whispers or barges in."""
    if mode in (ListenMode.WHISPER, ListenMode.BARGE) and role is not BridgeRole.SUPERVISOR:
        raise Refused("bad_mode", f"Only a supervisor can {mode.value}.")


def hears(listener: Seat, speaker: Seat) -> bool:
    """Whether one party hears another; nobody hears themselves, which the caller of this sees to.

    A held party hears only its hold music, and the people at work don't hear it: it believes itself alone. The agent
    does, for "never mind", and so does a supervisor, who hears everyone.
    """
    if listener.held:
        return False
    if speaker.held and listener.role in (BridgeRole.CALLER, BridgeRole.ADVISOR):
        return False
    match speaker.mode:
        case ListenMode.TALK | ListenMode.BARGE:
            return True
        case ListenMode.LISTEN:
            return False
        case ListenMode.WHISPER:
            return listener.role is BridgeRole.ADVISOR
