"""The errors of Hatif. Hang-up, barge-in and "no advisor free" are outcomes, not errors.

HatifError
├── LineError                the caller's line
│   ├── LineLost             it is gone, or another worker holds its lease
│   └── LineBusy             no media worker has a free slot
├── EngineError(stage)       a local model
│   ├── EngineSlow           it missed its deadline
│   └── EngineFailed         it answered with an error, or not at all
├── ConnectorError(system)   somebody else's system
│   ├── NotFound
│   ├── Rejected             it will not take this, and asking again does not help
│   ├── Unavailable          ask again after `retry_after_ms`
│   └── OutcomeUnknown       a write may have happened, and nothing that can be asked tells
├── Refused(code)            nonsense or no right at one of our entrances
└── SetupError               this machine or configuration cannot run the product
"""

from __future__ import annotations


class HatifError(Exception):
    """The root; its message never contains words that a caller said."""


class LineError(HatifError):
    pass


class LineLost(LineError):
    pass


class LineBusy(LineError):
    pass


class EngineError(HatifError):
    """A model failed; `stage` is the stage's one name in metrics, logs and budgets."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(f"{stage}: {message}")
        self.stage = stage


class EngineSlow(EngineError):
    pass


class EngineFailed(EngineError):
    pass


class ConnectorError(HatifError):
    def __init__(self, system: str, message: str) -> None:
        super().__init__(f"{system}: {message}")
        self.system = system


class NotFound(ConnectorError):
    pass


class Rejected(ConnectorError):
    pass


class Unavailable(ConnectorError):
    def __init__(self, system: str, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(system, message)
        self.retry_after_ms = retry_after_ms


class OutcomeUnknown(ConnectorError):
    """A person has to look: the write is not repeated, for it may have happened."""


class Refused(HatifError):
    """An entrance says no. `code` is stable and machine-readable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SetupError(HatifError):
    """Told to the operator as one sentence that says what is missing and how to get it."""
