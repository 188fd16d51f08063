"""What an action is about that is about an earlier one of the same call: the ticket to add to, the thing to take back.

Neither the caller nor a model names it: the call's own procedure does, which alone knows what it has done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.acting.action import ActAsked, ActResult

CANCEL = "cancel"
OF_KEY = "of_key"
"""The slot with the key of the action that is taken back."""
REFERENCE = "reference"
"""The slot with what the other system calls it."""
AIMED = frozenset({OF_KEY, REFERENCE})
"""Slots that the call's procedure fills, and nobody else: no tool takes them."""
NOTHING_TO_ACT_ON = "nothing_to_act_on"
"""Reason: this call did nothing of the kind, or it isn't done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    at: str
    """The action at whose latest result it is aimed."""

    def on(self, asked: ActAsked, target: ActResult) -> ActAsked:
        reference = target.reference or ""
        if asked.action == CANCEL:
            slots = {**asked.slots, OF_KEY: target.key, REFERENCE: reference}
            return replace(asked, slots=slots, subject=f"{self.at} {target.key}")
        return replace(asked, slots={**asked.slots, "ticket": reference}, subject=f"{reference} {asked.subject}")


def aim_of(asked: ActAsked) -> Aim | None:
    """None for an action that stands for itself."""
    if asked.action == CANCEL:
        return Aim(at=asked.slots.get("what", ""))
    if asked.action == "update_ticket" and not asked.slots.get("ticket"):
        return Aim(at="create_ticket")
    return None
