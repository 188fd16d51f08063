"""What every act at the desk has in common: the handoff it is about, and one line of audit however it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from domain.desk.handoffs import HandoffRow
from domain.errors import LineError, Refused
from gateway.deps import DeskActs, GatewayDeps
from gateway.problems import Problem, of_error

MAX_SUBJECT_CHARACTERS = 100


class Actor(Protocol):
    """Whoever acts in a company: a person, or a foreign desk."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def user_id(self) -> str: ...


@asynccontextmanager
async def audited(deps: GatewayDeps, person: Actor, action: str, subject: str, **detail: str) -> AsyncGenerator[None]:
    """`action` on record once it is done; `action`_refused, with the code, when somebody may not or comes too late."""
    subject = "".join(letter for letter in subject if letter.isprintable())[:MAX_SUBJECT_CHARACTERS] or "?"
    try:
        yield
    except (Refused, LineError, Problem) as refused:
        code = refused.code if isinstance(refused, Problem) else of_error(refused).code
        refusal = {**detail, "code": code}
        await deps.audit.record(person.tenant_id, person.user_id, f"{action}_refused", subject, refusal)
        raise
    await deps.audit.record(person.tenant_id, person.user_id, action, subject, detail)


async def handoff_of(handoff_id: str, person: Actor, deps: GatewayDeps) -> HandoffRow:
    """Another company's handoff is not found, like one that never was."""
    row = await deps.desk.handoff(person.tenant_id, handoff_id) if handoff_id.isprintable() else None
    if row is None:
        raise Problem(404, "not_found", "There is no such handoff.")
    return row


async def desk_acts(deps: GatewayDeps) -> DeskActs:
    """The durable side of the desk. Raises Unavailable("temporal", …) while it can't be reached."""
    await deps.calls.reach()
    return deps.desk_acts
