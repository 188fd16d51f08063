"""An activity that is abandoned and times out later wedges its workflow for good (seen 3 times of 3)."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("activities", "gateway", "realtime", "workers", "workflows")
ABANDONED = re.compile(r"ActivityCancellationType\s*\.\s*ABANDON|cancellation_type\s*=\s*\w*ABANDON")


def test_no_activity_is_abandoned() -> None:
    sources = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert any("ActivityCancellationType.TRY_CANCEL" in path.read_text() for path in sources)
    assert [path.name for path in sources if ABANDONED.search(path.read_text())] == []
    assert ABANDONED.search("cancellation_type=workflow.ActivityCancellationType.ABANDON")
