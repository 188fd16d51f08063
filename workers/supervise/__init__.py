"""A tree of processes that start in order, come back when they die, and leave nothing behind (ADR 0004)."""

from workers.supervise.events import Died, Event, Paced, Ready, Starting, Stopped
from workers.supervise.part import Command, Part, Probe, Step, program
from workers.supervise.supervisor import Supervisor

__all__ = [
    "Command",
    "Died",
    "Event",
    "Paced",
    "Part",
    "Probe",
    "Ready",
    "Starting",
    "Step",
    "Stopped",
    "Supervisor",
    "program",
]
