"""`hatif show CALL`: the words of both sides, the outcome, and where the time of each answer went."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from domain.call import CallRow
from domain.errors import Refused
from domain.speech import Speaker, Turn
from workers.commands.calls import as_dict, length, when
from workers.commands.store import opened
from workers.settings import Settings

SEARCHED = 1_000
"""Latest calls of a tenant among which the beginning of an id is looked for."""
BAR_CHARACTERS = 40
STAGES = ("endpoint", "asr", "brain", "tts", "playout")
"""The order in which a caller waits for them; the store keeps none."""
STYLES = {"endpoint": "yellow", "asr": "green", "brain": "magenta", "tts": "blue", "playout": "cyan"}


def run(settings: Settings, call: str, *, tenant: str | None, as_json: bool) -> None:
    """`call` is an id, a workflow's id, or the beginning of one. Raises SetupError, Refused."""
    row, slug, turns = asyncio.run(_find(settings, call.removeprefix("call-"), tenant))
    if as_json:
        document = {"call": as_dict(row, slug), "turns": [dataclasses.asdict(turn) for turn in turns]}
        print(json.dumps(document, ensure_ascii=False, indent=2))  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=True)
    for line in (*_head(row, slug), Text(), *transcript(turns)):
        console.print(line)


async def _find(settings: Settings, prefix: str, tenant: str | None) -> tuple[CallRow, str, list[Turn]]:
    if not prefix:
        raise Refused("unknown_call", "Give a call's id, or its beginning; hatif calls lists them.")
    async with opened(settings, tenant) as store:
        found: list[tuple[CallRow, str, str]] = []
        for tenant_id, slug in store.tenants.items():
            if (exact := await store.calls.call(tenant_id, prefix)) is not None:
                found = [(exact, slug, tenant_id)]
                break
            recent = await store.calls.recent(tenant_id, SEARCHED)
            found += [(row, slug, tenant_id) for row in recent if row.call_id.startswith(prefix)]
        if not found:
            raise Refused("unknown_call", f"No call begins with {prefix}; hatif calls lists them.")
        if len(found) > 1:
            ids = ", ".join(row.call_id for row, _, _ in found[:5])
            raise Refused("ambiguous_call", f"{len(found)} calls begin with {prefix}: {ids}.")
        row, slug, tenant_id = found[0]
        return row, slug, await store.calls.turns(tenant_id, row.call_id)


def _head(row: CallRow, slug: str) -> list[Text]:
    facts = [
        ("call", row.call_id),
        ("tenant", slug),
        ("started", f"{when(row.started_at)}, {length(row)}"),
        ("outcome", str(row.outcome or f"still {row.state}")),
        ("disposition", row.disposition or ""),
        ("rating", "★" * (row.rating or 0)),
        ("summary", row.summary or ""),
    ]
    return [Text.assemble((f"{name:<12}", "dim"), value) for name, value in facts if value]


def transcript(turns: Sequence[Turn]) -> list[Text]:
    """Each turn with its time, and under an answer the waterfall of the wait for it."""
    lines: list[Text] = []
    asked: dict[str, int] = {}
    for turn in turns:
        lines.append(_said(turn))
        match turn.speaker:
            case Speaker.CALLER:
                asked = turn.stages_ms
            case Speaker.AGENT:
                lines += waterfall({**asked, **turn.stages_ms})
                asked = {}
            case Speaker.ADVISOR:
                asked = {}
    return lines


def _said(turn: Turn) -> Text:
    style = {Speaker.CALLER: "bold green", Speaker.AGENT: "bold cyan", Speaker.ADVISOR: "bold magenta"}[turn.speaker]
    notes = [str(turn.language)]
    notes += [note for note in (turn.kind, turn.intent) if note]
    notes += ["interrupted"] if turn.interrupted else []
    minutes, ms = divmod(turn.started_ms, 60_000)
    return Text.assemble(
        (f"{minutes:>3}:{ms / 1000:04.1f}  ", "dim"),
        (f"{turn.speaker:<8}", style),
        turn.text or "(erased)",
        (f"  [{', '.join(notes)}]", "dim"),
    )


def waterfall(stages_ms: dict[str, int]) -> list[Text]:
    """One bar a stage, each beginning where the one before it ended."""
    names = [name for name in STAGES if name in stages_ms] + sorted(set(stages_ms) - set(STAGES))
    total = sum(stages_ms.values())
    if total <= 0:
        return []
    lines: list[Text] = []
    before = 0
    for name in names:
        ms = stages_ms[name]
        begin = round(before / total * BAR_CHARACTERS)
        before += ms
        bar = "█" * max(1, round(before / total * BAR_CHARACTERS) - begin)
        lines.append(
            Text.assemble((f"          {name:>9} {ms:>6} ms  ", "dim"), " " * begin, (bar, STYLES.get(name, "white")))
        )
    lines.append(Text(f"          {'together':>9} {total:>6} ms", style="dim"))
    return lines
