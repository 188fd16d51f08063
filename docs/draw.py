"""Draws docs/turn-taking.md from the turn-taking machine itself: every floor is reached, and every fact is tried on it.

`python docs/draw.py` writes it, `python docs/draw.py --check` says whether it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields
from inspect import get_annotations, getsource
from pathlib import Path

from domain.turn_taking.end_of_turn import PATIENCE, Patience
from domain.turn_taking.floor import Decision, Floor, TurnPaused, TurnTaking, TurnTakingLimits
from domain.turn_taking.overlap import COMPOSURE, Composure

PAGE = Path(__file__).with_name("turn-taking.md")
STEP_MS = 32
LIMITS = TurnTakingLimits()
WHOLE = "It is broken."


class Stage:
    """A machine, a clock, and what was decided since the last look."""

    def __init__(self) -> None:
        self.machine = TurnTaking()
        self.at_ms = 0
        self.decided: list[Decision] = []

    def hear(self, probability: float, ms: int, *, ended: float = 0.6, words: str | None = None) -> None:
        """Sound for `ms` and a step more, so that a limit of `ms` is passed.

        `words` is what was understood up to a silence, and `ended` the audio model's probability for it.
        """
        until_ms = self.at_ms + ms + 2 * STEP_MS
        while self.at_ms < until_ms:
            for decision in self.machine.sound(self.at_ms, probability):
                self.decided.append(decision)
                if words is not None and isinstance(decision, TurnPaused):
                    self.machine.sounded(decision.at_ms, ended)
                    self.machine.understood(decision.at_ms, words)
            self.at_ms += STEP_MS

    def agent(self, speaks: bool) -> None:
        change = self.machine.agent_started if speaks else self.machine.agent_stopped
        self.decided += change(self.at_ms)


def reach(floor: Floor) -> Stage:
    stage = Stage()
    if floor in (Floor.AGENT, Floor.CONTESTED):
        stage.agent(True)
    if floor in (Floor.CALLER, Floor.CONTESTED):
        stage.hear(1.0, LIMITS.onset_ms)
    assert stage.machine.floor is floor
    stage.decided.clear()
    return stage


FACTS: dict[str, Callable[[Stage], None]] = {
    f"speech, {LIMITS.onset_ms} ms": lambda s: s.hear(1.0, LIMITS.onset_ms),
    f"speech, {LIMITS.yield_ms} ms": lambda s: s.hear(1.0, LIMITS.yield_ms),
    f"speech, {LIMITS.barge_in_ms} ms": lambda s: s.hear(1.0, LIMITS.barge_in_ms),
    f"speech, {LIMITS.longest_turn_ms // 1000} s": lambda s: s.hear(1.0, LIMITS.longest_turn_ms),
    f"silence, {LIMITS.pause_ms} ms": lambda s: s.hear(0.0, LIMITS.pause_ms),
    f"silence, {LIMITS.pause_ms} ms, then speech": lambda s: (
        s.hear(0.0, LIMITS.pause_ms),
        s.hear(1.0, LIMITS.onset_ms),
    )[1],
    f"speech, {LIMITS.yield_ms} ms, then {COMPOSURE.held_ms} ms without words of it": lambda s: (
        s.hear(1.0, LIMITS.yield_ms),
        s.hear(0.0, COMPOSURE.held_ms),
    )[1],
    f"silence, {PATIENCE.quick_ms} ms, surely an end": lambda s: s.hear(
        0.0, PATIENCE.quick_ms, ended=PATIENCE.sure, words=WHOLE
    ),
    f"silence, {PATIENCE.usual_ms} ms, with whole words": lambda s: s.hear(0.0, PATIENCE.usual_ms, words=WHOLE),
    'silence, after no more than "ok"': lambda s: s.hear(0.0, LIMITS.pause_ms, words="ok"),
    f"silence, {LIMITS.prompt_ms // 1000} s": lambda s: s.hear(0.0, LIMITS.prompt_ms),
    "the agent starts": lambda s: s.agent(True),
    "the agent stops": lambda s: s.agent(False),
}


def transitions() -> list[tuple[Floor, str, Floor, str]]:
    """Each floor under each fact, where anything changed: from, fact, to, decisions in order."""
    found: list[tuple[Floor, str, Floor, str]] = []
    seen: set[tuple[Floor, Floor, str]] = set()
    for floor in Floor:
        for fact, apply in FACTS.items():
            stage = reach(floor)
            apply(stage)
            decided = ", ".join(type(decision).__name__ for decision in stage.decided)
            changed = bool(decided) or stage.machine.floor is not floor
            # A longer fact that brings nothing more than a shorter one is left out.
            if changed and (floor, stage.machine.floor, decided) not in seen:
                seen.add((floor, stage.machine.floor, decided))
                found.append((floor, fact, stage.machine.floor, decided))
    return found


def limits_table(limits: TurnTakingLimits | Patience | Composure) -> list[str]:
    """Each limit with its value and the observation that stands under it in the source."""
    lines = getsource(type(limits)).splitlines()
    rows = ["| limit | value | why |", "|---|---|---|"]
    for field in fields(limits):
        start = next(n for n, line in enumerate(lines) if line.strip().startswith(f"{field.name}:"))
        why = lines[start + 1].strip().removeprefix('"""').removesuffix('"""')
        rows.append(f"| `{field.name}` | {getattr(limits, field.name):,} | {why} |")
    assert len(rows) == len(get_annotations(type(limits))) + 2
    return rows


def page() -> str:
    """The whole page."""
    found = transitions()
    picture = [
        f"    {source.upper()} --> {target.upper()}: {fact}" + (f" / {decided}" if decided else "")
        for source, fact, target, decided in found
    ]
    table = [f"| {s.upper()} | {fact} | {t.upper()} | {decided or '–'} |" for s, fact, t, decided in found]
    return "\n".join(
        [
            "# Turn-taking",
            "",
            "Who has the floor, drawn by `make docs` from the machine in `domain/turn_taking/`: each floor was",
            "reached, and each fact was tried on it. A decision stands after the slash.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> OPEN",
            *picture,
            "```",
            "",
            "| floor | fact | floor after it | decisions |",
            "|---|---|---|---|",
            *table,
            "",
            "## Limits",
            "",
            *limits_table(LIMITS),
            "",
            "## Patience",
            "",
            "How long a silence must be to end a turn, by what is known about it:",
            "",
            *limits_table(PATIENCE),
            "",
            "## Composure",
            "",
            "When an agent that fell silent for a short sound goes on, lowered, before its words are known:",
            "",
            *limits_table(COMPOSURE),
            "",
        ]
    )


def main() -> int:
    drawn = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == drawn else 1
    PAGE.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
