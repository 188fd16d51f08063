"""The line's side of Temporal: leases on lines, commands for them, and the facts that lines tell their workflows.

    facts = WorkflowFacts(client)                             LineFacts and LineFactTeller for the lines
    durable = DurableLines(client, host, facts, worker="a1")  `worker` is unique among living processes
    async with asyncio.TaskGroup() as group:
        group.create_task(durable.run())                      takes lines until it is drained
        ...
        await durable.drain()                                 on SIGTERM: no more calls, let those here end, hand back

A line belongs to its LineHost. `serve_line` only holds its lease: losing the activity, its worker or Temporal itself
never ends a line, because the workflow adopts it under a higher lease, or the workflow is over and says so.
"""

from realtime.durable.acts import WorkflowActions
from realtime.durable.dialling import Dialling
from realtime.durable.facts import WorkflowFacts
from realtime.durable.leases import DurableLines

__all__ = ["Dialling", "DurableLines", "WorkflowActions", "WorkflowFacts"]
