"""A process for one file: its text to stdout as JSON, under limits that a hostile file can't leave."""

from __future__ import annotations

import json
import os
import resource
import sys

from domain.knowledge.document import DocumentKind
from domain.knowledge.problems import BOMB, BROKEN, UnreadableDocument

MOST_MEMORY_BYTES = 1_500_000_000
"""A PDF of 500 pages takes 150 MB."""
MOST_CPU_S = 300
"""A PDF of 500 full pages takes 20 s."""
LOWEST_PRIORITY = 19


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(LOWEST_PRIORITY)
    from engines.documents.reader import read

    try:
        blocks = read(sys.stdin.buffer.read(), DocumentKind(sys.argv[1]))
        told = {"blocks": [[block.text, block.level, block.page] for block in blocks]}
    except UnreadableDocument as unreadable:
        told = {"problem": unreadable.code}
    except MemoryError:
        told = {"problem": BOMB}
    except RecursionError:
        told = {"problem": BROKEN}
    json.dump(told, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
