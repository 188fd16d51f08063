"""The ports for more than two on a call: phases of a line, and the lines of people joined to it."""

from __future__ import annotations

from typing import Protocol

from domain.line import GuideAgent, JoinLine, LeaveLine, LineFact, SessionDescription, SetPartyMode, SetPhase


class LinePhases(Protocol):
    """What the durable side commands of a line beside opening and ending it; the media worker's registry is one.

    Each is idempotent. Each raises LineLost when the call isn't here, or lives here under a higher lease.
    """

    async def set_phase(self, command: SetPhase) -> None:
        """Bring the line into a phase; one that is not newer than the line's own is ignored."""
        ...

    async def join(self, command: JoinLine) -> SessionDescription:
        """Answer a person's offer and mix their line in; an earlier line of the same person is closed.

        Raises Refused("bad_offer") for nonsense, LineBusy beyond the most parties of a call.
        """
        ...

    async def leave(self, command: LeaveLine) -> None:
        """Part a person's line from the call; unknown people are ignored."""
        ...

    async def set_party_mode(self, command: SetPartyMode) -> None:
        """Raises Refused: "not_in_call" for somebody who isn't there, "bad_mode" for what their role may not do."""
        ...

    async def guide_agent(self, command: GuideAgent) -> None: ...


class HandoffNotes(Protocol):
    """What the desk wrote about a handoff, for the agent that goes on with the call."""

    async def note(self, tenant_id: str, handoff_id: str) -> str | None:
        """The advisor's note for the agent; None without one, and once the call's words were erased."""
        ...


class PeopleNames(Protocol):
    """What the people at work are called."""

    async def person_name(self, tenant_id: str, user_id: str) -> str | None: ...


class LineFactTeller(Protocol):
    """Where a line puts facts that change what its workflow does next. Never blocks, keeps order, never drops one."""

    def told(self, call_id: str, fact: LineFact) -> None: ...
