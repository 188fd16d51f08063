"""How many of the written questions get the right answer, and how soon: the figures of docs/brain.md.

python -m tests.realtime.answers --url http://127.0.0.1:8091/v1 [--sets last final] [--leads]
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.answering.dialogue import ASK_NUMBER, RECORD_STATUS, UNKNOWN
from domain.moves import Goodbye, Handoff, Say
from domain.ports import LanguageModel
from domain.speech import Language, TurnKind, Utterance
from domain.tenant import TenantProfile
from engines.openai_llm import OpenAiModel
from engines.spoken_values import RuleSpokenValues
from realtime.brain import TenantBrain, warm_prefix
from workers.provision import TENANTS_DIR, read_tenants

QUESTIONS = Path(__file__).with_name("questions.tsv")
MONDAY_NOON = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`intent` is the right one; "unknown" for what no fact answers."""

    set: str
    tenant: str
    language: Language
    style: str
    intent: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    question: Question
    intent: str
    ms: float
    asked_model: bool

    @property
    def right(self) -> bool:
        return self.intent == self.question.intent


def questions(sets: Sequence[str]) -> list[Question]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Question(**{**row, "language": Language(row["language"])}) for row in rows if row["set"] in sets]


class _Counting:
    """Passes everything on to a real model, and remembers whether it was asked."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.asked = 0

    def complete(self, messages, *, schema=None, max_tokens=160):
        self.asked += 1
        return self._model.complete(messages, schema=schema, max_tokens=max_tokens)


async def ask(profile: TenantProfile, question: Question, model: LanguageModel, *, leads: bool = False) -> Outcome:
    """One question, as the first of a call."""
    counting = _Counting(model)
    brain = TenantBrain(profile, counting, RuleSpokenValues(), lambda: MONDAY_NOON, model_leads=leads)
    utterance = Utterance(text=question.text, language=question.language, started_ms=0, ended_ms=0)
    started = time.monotonic()
    decided, intent = 0.0, UNKNOWN
    async for move in brain.answer(utterance):
        if isinstance(move, Say) and move.kind is TurnKind.FILLER:
            continue
        decided = time.monotonic() - started
        match move:
            case Handoff():
                intent = "person"
            case Goodbye():
                intent = "goodbye"
            case Say(intent=found):
                intent = RECORD_STATUS if found == ASK_NUMBER else (found or UNKNOWN)
            case _:
                pass
        break
    return Outcome(question=question, intent=intent, ms=decided * 1000, asked_model=counting.asked > 0)


def report(outcomes: Sequence[Outcome]) -> list[str]:
    """A line per set, language and whether a fact was asked for; then times; then every wrong answer."""
    groups: defaultdict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        asked = "outside" if outcome.question.intent == UNKNOWN else "inside"
        groups[outcome.question.set, outcome.question.language, asked].append(outcome)
    lines = [
        f"{name:6} {language} {asked:8} {sum(o.right for o in group):3} of {len(group):3}"
        for (name, language, asked), group in sorted(groups.items())
    ]
    for label, timed in (
        ("all", [o.ms for o in outcomes]),
        ("with the model", [o.ms for o in outcomes if o.asked_model]),
    ):
        if timed:
            p95 = sorted(timed)[int(len(timed) * 0.95)]
            lines.append(f"decided, {label}: n {len(timed)}, p50 {statistics.median(timed):.0f} ms, p95 {p95:.0f} ms")
    wrong = [o for o in outcomes if not o.right]
    lines += [f"  wanted {o.question.intent}, got {o.intent}: {o.question.text}" for o in wrong]
    return lines


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8091/v1")
    parser.add_argument("--sets", nargs="+", default=["tuned", "held", "fresh", "last", "final"])
    parser.add_argument("--leads", action="store_true", help="ask the model every time, and believe it")
    parser.add_argument("--cold", action="store_true", help="don't warm the prefix first")
    chosen = parser.parse_args()
    profiles = {profile.slug.removeprefix("demo-"): profile for profile in read_tenants(TENANTS_DIR)}
    model = OpenAiModel(chosen.url, "embedded", llama_server=True, first_token_ms=60_000, total_ms=90_000)
    try:
        for profile in () if chosen.cold else profiles.values():
            started = time.monotonic()
            await model.warm_up(warm_prefix(profile))
            print(f"warmed {profile.slug} in {time.monotonic() - started:.1f} s")
        outcomes = [
            await ask(profiles[question.tenant], question, model, leads=chosen.leads)
            for question in questions(chosen.sets)
        ]
    finally:
        await model.close()
    print("\n".join(report(outcomes)))


if __name__ == "__main__":
    asyncio.run(main())
