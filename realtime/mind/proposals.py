"""What was decided to be done, through the gate of its tool: fit for it, or asked for again in words."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from domain.acting.asking import again
from domain.acting.tenant_tool import ACTION
from domain.answering.dialogue import Dialogue
from domain.moves import Act, Move
from domain.speech import Language
from tools.proposals import BadSlots, checked

log = structlog.get_logger(__name__)

ENVELOPE = frozenset({"subject", "repeat"})
"""What an action is known by, beside its tool's own slots."""


def allowed(moves: Sequence[Move], said: Sequence[str], dialogue: Dialogue, language: Language) -> list[Move]:
    """The same moves, or the question again. Nothing that is said around a refused action is said.

    A tenant's own tool has a schema of its own, by which it is checked where it is asked.
    """
    for move in moves:
        if isinstance(move, Act) and not move.action.startswith(ACTION):
            slots = {name: value for name, value in move.slots.items() if name not in ENVELOPE}
            try:
                checked(move.action, slots, (*said, *move.found))
            except BadSlots as refused:
                log.warning("proposal_refused", tool=refused.tool, slot=refused.slot, why=refused.why.value)
                return [again(move.action, refused.why, dialogue, language)]
    return list(moves)
