"""The DocumentReader port: each file is read by a process of its own, which may crash, hang or eat all it is given."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import structlog

from domain.knowledge.document import Block, DocumentKind
from domain.knowledge.problems import BROKEN, TOO_SLOW, UnreadableDocument

log = structlog.get_logger(__name__)

READ_S = 600
"""Twice the processor time that the process may take: it has the lowest priority."""


class ApartReader:
    def __init__(self, read_s: float = READ_S) -> None:
        self._read_s = read_s

    async def read(self, content: bytes, kind: DocumentKind) -> list[Block]:
        """See DocumentReader.read."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workers.knowledge.read_document",
            kind.value,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._read_s):
                written, _ = await process.communicate(content)
        except TimeoutError:
            raise UnreadableDocument(TOO_SLOW) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            log.warning("document_reader_ended", kind=kind, status=process.returncode)
            out_of_time = process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
            raise UnreadableDocument(TOO_SLOW if out_of_time else BROKEN)
        told = json.loads(written)
        if "problem" in told:
            raise UnreadableDocument(told["problem"])
        return [Block(text=text, level=level, page=page) for text, level, page in told["blocks"]]
