"""Which queue a caller waits in, and which queues an advisor serves."""

from __future__ import annotations

from collections.abc import Sequence

from domain.desk.people import DEFAULT_QUEUE, Advisor, Queue
from domain.speech import Language


def queue_for(queues: Sequence[Queue], *, wanted: str | None, language: Language) -> Queue:
    """The wanted one, where there is such; else the first that takes the caller's language; else the first at all."""
    for queue in queues:
        if queue.queue_id == wanted:
            return queue
    taking = [queue for queue in queues if not queue.languages or language in queue.languages]
    return next(iter([*taking, *queues]), DEFAULT_QUEUE)


def served_by(advisor: Advisor, queues: Sequence[Queue]) -> frozenset[str]:
    """Those that they were given; all of them for an advisor who was given none that is left."""
    every = frozenset(queue.queue_id for queue in queues) | {DEFAULT_QUEUE.queue_id}
    return advisor.queue_ids & every or every
