"""How a process writes its log: ids and codes, one event a line, and exceptions without their words."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

PLACES = 5
"""Innermost frames of an exception that are written."""


def _bare_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception's type and places without its words, which may hold a statement's parameters or a caller's."""
    info: Any = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error: Any = cast("tuple[Any, ...]", info)[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-PLACES:]]
    return event


def configure_logs() -> None:
    """One JSON object a line, or colours for a person at a terminal; the libraries' lines go the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bare_exception,
    ]
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
