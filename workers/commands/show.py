"""`hatif show CALL`: the words of both sides, the outcome, and where the time of each answer went, by what it took."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from domain.acting.action import ActionRow
from domain.call import CallRow
from domain.desk import waits
from domain.errors import Refused
from domain.messaging import DeliveryState
from domain.speech import Speaker, Turn
from domain.texting.book import SEND_SMS, TextSent
from domain.threads.thread import Delivery
from workers.commands.calls import as_dict, length, when
from workers.commands.store import opened
from workers.settings import Settings

SEARCHED = 1_000
"""Latest calls of a tenant among which the beginning of an id is looked for."""
BAR_CHARACTERS = 40
SPEAKERS = {Speaker.CALLER: "bold green", Speaker.AGENT: "bold cyan", Speaker.ADVISOR: "bold magenta"}
WRITER = "writer"
"""Who calls nobody."""
STYLES = {
    "endpoint": "yellow",
    "asr": "green",
    "brain": "magenta",
    "retrieval": "bright_yellow",
    "llm": "bright_magenta",
    "tool": "red",
    "tts": "blue",
    "playout": "cyan",
    "filler": "bright_black",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call or a thread as the store knows it."""

    row: CallRow
    slug: str
    turns: Sequence[Turn]
    deliveries: Sequence[Delivery] = ()
    """Of a thread's messages."""
    texts: Sequence[tuple[ActionRow, TextSent | None]] = ()
    """What was texted during a call."""


def run(settings: Settings, call: str, *, tenant: str | None, as_json: bool) -> None:
    """`call` is an id, a workflow's id, or the beginning of one. Raises SetupError, Refused."""
    told = asyncio.run(_find(settings, call.removeprefix("call-"), tenant))
    row, turns = told.row, told.turns
    if as_json:
        document = {
            "call": as_dict(row, told.slug),
            "turns": [dataclasses.asdict(turn) for turn in turns],
            "deliveries": [dataclasses.asdict(delivery) for delivery in told.deliveries],
            "texts": [
                {"text": action.slots.get("text"), "state": action.state, "delivery": sent and dataclasses.asdict(sent)}
                for action, sent in told.texts
            ],
            "waits": {need: dataclasses.asdict(figures) for need, figures in waits.figures(waits.waits(turns)).items()},
        }
        print(json.dumps(document, ensure_ascii=False, indent=2))  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=True)
    words = letters(row, turns, told.deliveries) if row.channel.is_written else [*transcript(turns), *_figures(turns)]
    for line in (*_head(row, told.slug), Text(), *words, *_texts(told.texts)):
        console.print(line)


async def _find(settings: Settings, prefix: str, tenant: str | None) -> Told:
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
        sent = {text.key: text for text in await store.texts.of_call(tenant_id, row.call_id)}
        actions = await store.actions.of_call(tenant_id, row.call_id)
        return Told(
            row=row,
            slug=slug,
            turns=await store.calls.turns(tenant_id, row.call_id),
            deliveries=await store.threads.deliveries(tenant_id, row.call_id) if row.channel.is_written else (),
            texts=[(action, sent.get(action.key)) for action in actions if action.action == SEND_SMS],
        )


def _head(row: CallRow, slug: str) -> list[Text]:
    facts = [
        ("thread" if row.channel.is_written else "call", row.call_id),
        ("channel", str(row.channel)),
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
    waited = {(wait.turn.lease, wait.turn.seq): wait for wait in waits.waits(turns)}
    lines: list[Text] = []
    for turn in turns:
        lines.append(_said(turn))
        if (source := waits.source_of(turn)) is not None:
            lines.append(Text(f"          {'source':>9} {source}", style="dim"))
        if (wait := waited.get((turn.lease, turn.seq))) is not None:
            lines += waterfall(wait.stages_ms)
    return lines


def letters(row: CallRow, turns: Sequence[Turn], deliveries: Sequence[Delivery]) -> list[Text]:
    """Each message of a thread with the time of day, and how far each of ours has come."""
    delivered = {delivery.seq: delivery for delivery in deliveries}
    return [_written(row, turn, delivered.get(turn.seq)) for turn in turns]


def _written(row: CallRow, turn: Turn, delivery: Delivery | None) -> Text:
    who = WRITER if turn.speaker is Speaker.CALLER else str(turn.speaker)
    notes = [str(turn.language)] + ([turn.intent] if turn.intent else [])
    notes += [_delivered(delivery.state, delivery.reason)] if delivery is not None else []
    return Text.assemble(
        (f"{when(row.started_at + turn.started_ms / 1000)}  ", "dim"),
        (f"{who:<8}", SPEAKERS[turn.speaker]),
        turn.text or "(erased)",
        (f"  [{', '.join(notes)}]", "dim"),
    )


def _texts(texts: Sequence[tuple[ActionRow, TextSent | None]]) -> list[Text]:
    lines = [Text()] if texts else []
    for action, sent in texts:
        state = _delivered(sent.state, sent.reason) if sent is not None else action.reason or str(action.state)
        lines.append(
            Text.assemble((f"{'text':<12}", "dim"), action.slots.get("text") or "(erased)", (f"  [{state}]", "dim"))
        )
    return lines


def _delivered(state: DeliveryState, reason: str | None) -> str:
    return f"{state.shown}: {reason}" if reason else state.shown


def _figures(turns: Sequence[Turn]) -> list[Text]:
    """The waits of the whole call, apart by what the answers needed."""
    told = waits.figures(waits.waits(turns))
    if not told:
        return []
    lines = [Text(), Text(f"{'answers':<16}{'first sound p50, p95':>24}{'answer p50, p95':>24}", style="dim")]
    for need, row in told.items():
        first = f"{row.first_sound_p50_ms}, {row.first_sound_p95_ms} ms"
        answer = f"{row.answer_p50_ms}, {row.answer_p95_ms} ms"
        lines.append(Text(f"{need:<10}{row.answers:>6}{first:>24}{answer:>24}"))
    words, sentences = waits.guessed(turns, Speaker.CALLER), waits.guessed(turns, Speaker.AGENT)
    if words.begun or sentences.begun:
        told_words = f"{words.begun} recognitions, {words.thrown_away} thrown away"
        told_sentences = f"{sentences.begun} sentences, {sentences.thrown_away} thrown away"
        lines.append(Text(f"begun ahead: {told_words}; {told_sentences}", style="dim"))
    return lines


def _said(turn: Turn) -> Text:
    notes = [str(turn.language)]
    about = turn.intent if waits.source_of(turn) is None else waits.Need.DOCUMENT
    notes += [note for note in (turn.kind, about) if note]
    notes += ["interrupted"] if turn.interrupted else []
    notes += ["supervisor"] if turn.by_supervisor else []
    minutes, ms = divmod(turn.started_ms, 60_000)
    return Text.assemble(
        (f"{minutes:>3}:{ms / 1000:04.1f}  ", "dim"),
        (f"{turn.speaker:<8}", SPEAKERS[turn.speaker]),
        turn.text or "(erased)",
        (f"  [{', '.join(notes)}]", "dim"),
    )


def waterfall(stages_ms: dict[str, int]) -> list[Text]:
    """One bar a stage, each beginning where the one before it ended."""
    total = sum(stages_ms.values())
    if total <= 0:
        return []
    lines: list[Text] = []
    before = 0
    for name, ms in waits.in_order(stages_ms).items():
        begin = round(before / total * BAR_CHARACTERS)
        before += ms
        bar = "█" * max(1, round(before / total * BAR_CHARACTERS) - begin)
        lines.append(
            Text.assemble((f"          {name:>9} {ms:>6} ms  ", "dim"), " " * begin, (bar, STYLES.get(name, "white")))
        )
    lines.append(Text(f"          {'together':>9} {total:>6} ms", style="dim"))
    return lines
