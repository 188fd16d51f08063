"""The rows of build/bench.json, and the same as a table."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers.measuring import Figures

KEYS = (
    "target",
    "profile",
    "model",
    "v2v_ms_p50",
    "v2v_ms_p95",
    "v2v_with_openers_ms_p50",
    "yield_ms_p50",
    "yield_ms_p95",
    "false_starts",
    "turns",
    "false_interruptions",
    "resumed",
    "cpu_s_per_call_min",
    "calls_per_core",
    "rss_mb_per_call",
)
NOT_HERE = {
    "calls_per_core": "many calls at once are not part of this run",
    "resumed": "going on can't be told from answering anew where nobody notes when the model is asked",
    "v2v_ms_p50": "no turn was answered",
    "v2v_ms_p95": "no turn was answered",
    "v2v_with_openers_ms_p50": "no turn was answered",
    "yield_ms_p50": "no interruption fell into the agent's speech, or the agent talked on",
    "yield_ms_p95": "no interruption fell into the agent's speech, or the agent talked on",
    "false_interruptions": "no backchannel fell into the agent's speech",
    "false_starts": "no turn",
    "rss_mb_per_call": "the second call did not come about",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    target: str
    profile: str
    model: str

    @property
    def name(self) -> str:
        return f"{self.target} {self.profile} {self.model}"


def row_of(
    row: Row,
    figures: Figures | None,
    *,
    cpu_s_per_call_min: float | None = None,
    rss_mb_per_call: float | None = None,
    caller_slipped_ms: int | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """`reason` says why nothing of the row was measured.

    `caller_slipped_ms`: by how much this machine held up the caller's own sound; see Microphone.slipped_ms.
    """
    told: dict[str, Any] = dict.fromkeys(KEYS) | asdict(row) | dict(figures.told() if figures else {})
    told["cpu_s_per_call_min"] = cpu_s_per_call_min
    told["rss_mb_per_call"] = rss_mb_per_call
    nulls = [key for key in KEYS if told[key] is None]
    reasons = {key: reason or NOT_HERE.get(key, "not measured") for key in nulls}
    load_average = round(os.getloadavg()[0], 1)
    return told | {"reasons": reasons, "load_average": load_average, "caller_slipped_ms": caller_slipped_ms}


def kept(path: Path, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write `rows` into the file, in the place of older ones of the same name, and return all of them."""
    earlier: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    every = {_name(row): row for row in [*earlier, *rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(every.values()), indent=2) + "\n")
    return list(every.values())


def table(rows: Sequence[dict[str, Any]]) -> str:
    """For docs/performance.md."""
    head = ["target", "profile", "model", "voice-to-voice p50 (p95)", "yield p50 (p95)", "false starts"]
    head += ["false interruptions", "resumed", "CPU s a call minute", "MB a call"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [row["target"], row["profile"], row["model"]]
        cells += [_both(row, "v2v_ms"), _both(row, "yield_ms"), f"{_told(row['false_starts'])} of {row['turns'] or 0}"]
        cells += [_told(row[key]) for key in KEYS[10:12]]
        cells += [_told(row["cpu_s_per_call_min"]), _told(row["rss_mb_per_call"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["target"], row["profile"], row["model"]


def _both(row: dict[str, Any], key: str) -> str:
    p50, p95 = row[f"{key}_p50"], row[f"{key}_p95"]
    return "–" if p50 is None else f"{p50:,} ({p95:,}) ms"


def _told(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
