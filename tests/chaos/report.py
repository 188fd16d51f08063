"""What the rounds came to: the table for people, and the rows for programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.chaos.rounds import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault. Seconds from the fault to the first sound on a line that outlives it."""

    fault: str
    rounds: int
    voice_again_s_p50: float | None
    voice_again_s_max: float | None
    rang_s_p50: float | None
    rang_s_max: float | None
    turns_lost: int
    actions_doubled: int
    actions_lost: int
    calls_lost: int
    two_voices: int
    phases: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "fault": self.fault,
            "rounds": self.rounds,
            "voice_again_s_p50": self.voice_again_s_p50,
            "voice_again_s_max": self.voice_again_s_max,
            "rang_s_p50": self.rang_s_p50,
            "rang_s_max": self.rang_s_max,
            "turns_lost": self.turns_lost,
            "actions_doubled": self.actions_doubled,
            "actions_lost": self.actions_lost,
            "calls_lost": self.calls_lost,
            "two_voices": self.two_voices,
            "phases": self.phases,
        }

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, every call alive, and one voice at a time."""
        bad = (self.turns_lost, self.actions_doubled, self.actions_lost, self.calls_lost, self.two_voices)
        return not any(bad)


def row(fault: str, rounds: Sequence[Round]) -> Row:
    waits = [one.voice_again_s for one in rounds if one.voice_again_s is not None]
    rang = [one.rang_s for one in rounds if one.rang_s is not None]
    return Row(
        fault=fault,
        rounds=len(rounds),
        voice_again_s_p50=round(statistics.median(waits), 2) if waits else None,
        voice_again_s_max=round(max(waits), 2) if waits else None,
        rang_s_p50=round(statistics.median(rang), 2) if rang else None,
        rang_s_max=round(max(rang), 2) if rang else None,
        turns_lost=sum(one.turns_lost for one in rounds),
        actions_doubled=sum(one.actions_doubled for one in rounds),
        actions_lost=sum(one.actions_lost for one in rounds),
        calls_lost=sum(not one.alive for one in rounds),
        two_voices=sum(one.second_voice_ms > 0 for one in rounds),
        phases={name: sum(one.phase == name for one in rounds) for name in sorted({one.phase for one in rounds})},
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = [
        "| fault | rounds | voice again p50 | max | turns lost | actions doubled | actions lost | calls lost |"
        " two voices |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        waits = (
            f"{wait:.2f} s" if wait is not None else "–" for wait in (one.voice_again_s_p50, one.voice_again_s_max)
        )
        figures = (one.turns_lost, one.actions_doubled, one.actions_lost, one.calls_lost, one.two_voices)
        lines.append(f"| `{one.fault}` | {one.rounds} | {' | '.join(waits)} | {' | '.join(map(str, figures))} |")
    return "\n".join(lines)


BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def into(page: str, rows: Sequence[Row], machine: str, seed: int) -> str:
    """The page with its measured part replaced. Raises ValueError for a page without the marks."""
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError("the page has no place for the figures")
    measured = f"Measured {date.today().isoformat()} on {machine}, seed {seed}.\n\n{table(rows)}"
    return f"{before}{BEGIN}\n{measured}\n{END}{after}"
