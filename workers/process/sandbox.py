"""What procedures run in: Temporal's sandbox, which finds whatever is not the same at the next replay."""

from __future__ import annotations

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PURE = "domain"
"""The sandbox imports every module anew for each workflow, which took 0.1-0.3 s of a core; four fifths of that were
this room, whose decisions read no clock, roll no dice and keep nothing (tests/test_architecture.py)."""


def sandboxed() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(PURE))
