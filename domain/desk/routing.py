"""Who is offered a waiting caller, what place the caller has, and what to do when there is nobody."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.desk.people import Advisor, Presence, PresenceState
from domain.speech import Language

LANGUAGE_FIRST_S = 45
"""How long a caller waits for an advisor of their language while one is at work: half of the usual longest wait."""
USUAL_HANDLING_S = 240.0
"""Talk and wrap-up together, until there is an average: what support desks of shops and clinics report."""
LONGEST_HANDLING_S = 3600.0
"""A form that was forgotten over lunch doesn't move the average beyond this."""
_LATEST_SHARE = 0.2
"""Of the latest call in the moving average: about the last ten calls count."""
_AT_WORK = (PresenceState.READY, PresenceState.RINGING, PresenceState.BUSY, PresenceState.WRAP_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An advisor as routing sees them."""

    advisor_id: str
    languages: frozenset[Language]
    skills: frozenset[str]
    queues: frozenset[str]
    presence: str
    """A code of domain.desk.people.PresenceState."""
    idle_since_s: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a caller needs of an advisor."""

    queue: str
    language: Language
    skills: frozenset[str] = frozenset()
    """All of them."""
    tried: frozenset[str] = frozenset()
    """Ids of advisors who declined this caller, or let it ring."""
    only: str | None = None
    """The one advisor who is meant; nobody else is offered the caller."""


def candidate(advisor: Advisor, presence: Presence, queues: frozenset[str]) -> Candidate:
    """`queues` are those that the advisor serves."""
    return Candidate(
        advisor_id=advisor.user_id,
        languages=advisor.languages,
        skills=advisor.skills,
        queues=queues,
        presence=presence.state,
        idle_since_s=presence.idle_since,
    )


# ---------------------------------------------------------------- who


def best_advisor(candidates: Iterable[Candidate], need: Need, waited_s: float = 0.0) -> Candidate | None:
    """The longest-idle READY advisor who fits; of the caller's language where there is one, or is worth waiting for."""
    fitting = [found for found in candidates if _fits(found, need)]
    ready = [found for found in fitting if found.presence == PresenceState.READY]
    fluent = [found for found in ready if need.language in found.languages]
    if fluent:
        return _longest_idle(fluent)
    worth_waiting = waited_s < LANGUAGE_FIRST_S and any(
        need.language in found.languages and found.presence in _AT_WORK for found in fitting
    )
    return None if worth_waiting or not ready else _longest_idle(ready)


def anybody_to_wait_for(candidates: Iterable[Candidate], need: Need) -> bool:
    """Whether somebody who fits, and has not been tried, is at work, busy or not."""
    return any(_fits(found, need) and found.presence in _AT_WORK for found in candidates)


def _fits(found: Candidate, need: Need) -> bool:
    """Queue and skills are never given up; a language may be."""
    return (
        need.queue in found.queues
        and need.skills <= found.skills
        and found.advisor_id not in need.tried
        and need.only in (None, found.advisor_id)
    )


def _longest_idle(found: Sequence[Candidate]) -> Candidate:
    # The id breaks a tie, so that everybody who asks gets the same answer.
    return min(found, key=lambda each: (each.idle_since_s, each.advisor_id))


# ---------------------------------------------------------------- place in the queue


@dataclass(frozen=True, slots=True, kw_only=True)
class InLine:
    """A caller who waits."""

    handoff_id: str
    since_s: float
    """Unix seconds."""
    urgent: bool = False


def position(handoff_id: str, waiting: Iterable[InLine]) -> int | None:
    """1 is next; urgent ones stand in front of all others. None for somebody who doesn't wait."""
    line = sorted(waiting, key=lambda caller: (not caller.urgent, caller.since_s, caller.handoff_id))
    ids = [caller.handoff_id for caller in line]
    return ids.index(handoff_id) + 1 if handoff_id in ids else None


def estimated_wait_s(place: int, *, ready: int, engaged: int, handling_s: float = USUAL_HANDLING_S) -> int | None:
    """Seconds until the caller at `place` is offered to somebody; None while nobody is at work.

    `engaged` counts advisors who ring, talk or wrap up: one of n becomes free every handling_s / n on average.
    """
    if place <= ready:
        return 0
    at_work = ready + engaged
    return math.ceil((place - ready) * handling_s / at_work) if at_work else None


def handling_average(before_s: float | None, latest_s: float) -> float:
    """The moving average of handling times once another call is done."""
    latest = min(max(latest_s, 0.0), LONGEST_HANDLING_S)
    return latest if before_s is None else before_s + _LATEST_SHARE * (latest - before_s)


# ---------------------------------------------------------------- what to do next


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTo:
    advisor_id: str


@dataclass(frozen=True, slots=True)
class KeepWaiting:
    pass


@dataclass(frozen=True, slots=True)
class GiveChoice:
    """Ask the caller: be called back, or go on with the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAtOpening:
    """Closed, and nobody is there: call back when it opens."""

    opens: datetime | None
    """None when nobody can say when that is."""


Step = OfferTo | KeepWaiting | GiveChoice | PromiseAtOpening


def next_step(
    candidates: Sequence[Candidate],
    need: Need,
    *,
    waited_s: float,
    max_wait_s: float,
    is_open: bool,
    opens: datetime | None = None,
) -> Step:
    """Whoever is READY is offered the caller, also after hours: somebody who stays late wants to be asked."""
    best = best_advisor(candidates, need, waited_s)
    if best is not None:
        return OfferTo(advisor_id=best.advisor_id)
    somebody = anybody_to_wait_for(candidates, need)
    if not is_open and not somebody:
        return PromiseAtOpening(opens=opens)
    return KeepWaiting() if somebody and waited_s < max_wait_s else GiveChoice()
