"""What ingestion costs a living call: `python -m tests.bench.ingest [--minutes 6] [--chunks 600]`.

Starts the product with embedded models on free ports and no sentence kept from before. Calls of the same questions are
placed by turns while nothing else happens, and while a large document is embedded, until the minutes are over; starting
takes one or two more. A call counts only if it was not lost, and if the document is not through when it ends. Figures
come from the two-channel waveform (docs/performance.md), plain turns and those that a document answers apart.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil

from domain.errors import LineLost
from tests.bench.calls import CLIP_RATE_HZ, figures
from tests.bench.distractors import distractors
from tests.calls.product import Product, running_product
from tests.calls.team import access
from workers.caller import Caller, TurnReport
from workers.caller.audio_file import read_clip

HANDBOOK = """# Gift cards

Gift cards expire three years after they were bought.

# Lost property

Umbrellas found in the showroom are kept for sixty days.

# غرفة الصلاة

غرفة الصلاة في الطابق الثالث بجانب المصعد.
"""
PLAIN_SPOKEN = ("What are your opening hours?", "How much does delivery cost?")
DOCUMENT_SPOKEN = ("When do gift cards expire?", "How long are umbrellas kept in the showroom?")
PLAIN_TYPED = ("متى تفتحون؟",)
DOCUMENT_TYPED = ("أين غرفة الصلاة؟",)
QUOTED = ("three years", "sixty days", "الثالث")
LARGE = "catalogue.txt"
BEGUN_S = 120.0
"""A busy machine took half a minute until the first batch was embedded."""
DONE_S = 3600.0
"""For what takes as long as it takes: an hour is a machine that has stopped."""
LOOK_S = 0.5
FEWEST_ROUNDS = 2


def documents(admin: httpx.Client) -> dict[str, dict[str, Any]]:
    listed = admin.get("/v1/documents").raise_for_status().json()["documents"]
    return {row["name"]: row for row in listed}


def add(admin: httpx.Client, path: Path) -> None:
    admin.post("/v1/documents", params={"name": path.name}, content=path.read_bytes()).raise_for_status()


def until(is_so: Callable[[], bool], within_s: float = DONE_S) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline_s:
            raise SystemExit("the documents did not come so far in time")
        time.sleep(LOOK_S)


def until_ready(admin: httpx.Client, name: str) -> None:
    until(lambda: documents(admin)[name]["state"] == "ready")


def begin_ingestion(admin: httpx.Client, path: Path) -> None:
    add(admin, path)
    until(lambda: bool(documents(admin)[LARGE]["chunks_done"]), BEGUN_S)


def end_ingestion(admin: httpx.Client) -> None:
    admin.delete(f"/v1/documents/{documents(admin)[LARGE]['id']}").raise_for_status()
    until(lambda: LARGE not in documents(admin))


async def one_call(url: str, clips: dict[str, list[Path]]) -> dict[str, list[TurnReport]] | None:
    """None where the call was lost: a machine with far more work than cores loses its sound."""
    try:
        return await _one_call(url, clips)
    except LineLost:
        return None


async def _one_call(url: str, clips: dict[str, list[Path]]) -> dict[str, list[TurnReport]]:
    reports: dict[str, list[TurnReport]] = defaultdict(list)
    async with Caller(url, tenant="demo-shop", language="en") as caller:
        await caller.greeted()
        for sort, paths in clips.items():
            for path in paths:
                reports[f"{sort}, spoken"].append(await caller.speak(read_clip(path), rate_hz=CLIP_RATE_HZ))
        for sort, texts in (("plain", PLAIN_TYPED), ("document", DOCUMENT_TYPED)):
            for text in texts:
                reports[f"{sort}, typed"].append(await caller.write(text))
    return reports


def took(into: dict[str, list[TurnReport]], reports: dict[str, list[TurnReport]] | None) -> bool:
    for sort, those in (reports or {}).items():
        into[sort] += those
    return reports is not None


def memory_mb(product: Product) -> dict[str, int]:
    """What each part holds by itself and its share of what several hold, in MB."""
    found: dict[str, int] = defaultdict(int)
    for process in psutil.Process(product.pid).children(recursive=True):
        words = " ".join(process.cmdline())
        name = next((w.removeprefix("workers.") for w in words.split() if w.startswith("workers.")), process.name())
        found[name] += process.memory_full_info().pss // 1_000_000
    return {**dict(sorted(found.items())), "all": sum(found.values())}


def compared(quiet: dict[str, list[TurnReport]], busy: dict[str, list[TurnReport]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for reports in (quiet, busy):
        reports["all, spoken"] = [each for sort, those in reports.items() if sort.endswith("spoken") for each in those]
    for sort in [sort for sort in quiet if sort in busy]:
        alone, beside = figures(quiet[sort]), figures(busy[sort])
        for row, reports in ((alone, quiet[sort]), (beside, busy[sort])):
            first = sorted(r.with_openers_ms for r in reports if r.with_openers_ms is not None)
            row["first_sound_ms_p50"] = first[len(first) // 2] if first else None
            row["quoted"] = sum(any(words in r.answered for words in QUOTED) for r in reports)
        told[sort] = {"alone": alone, "beside ingestion": beside}
        for rank in ("p50", "p95"):
            before, after = alone[f"v2v_ms_{rank}"], beside[f"v2v_ms_{rank}"]
            if isinstance(before, int) and isinstance(after, int):
                told[sort][f"ratio_{rank}"] = round(after / before, 2)
    return told


def measure(product: Product, folder: Path, minutes: float, chunks: int) -> dict[str, Any]:
    quiet: dict[str, list[TurnReport]] = defaultdict(list)
    busy: dict[str, list[TurnReport]] = defaultdict(list)
    lost = through = rounds = embedded = 0
    admin = access(product, "admin@demo-shop.local")
    (folder / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
    (folder / LARGE).write_text("\n\n".join(itertools.islice(distractors(), chunks * 6)), encoding="utf-8")
    add(admin, folder / "handbook.md")
    until_ready(admin, "handbook.md")
    clips = {
        sort: [product.say_into(folder / f"{sort}{n}.wav", 0.2, text, 0.2) for n, text in enumerate(texts)]
        for sort, texts in (("plain", PLAIN_SPOKEN), ("document", DOCUMENT_SPOKEN))
    }
    asyncio.run(one_call(product.address, clips))  # the first call finds nothing warm
    memory = memory_mb(product)
    until_s = time.monotonic() + minutes * 60
    while rounds < FEWEST_ROUNDS or time.monotonic() < until_s:
        rounds += 1
        lost += not took(quiet, asyncio.run(one_call(product.address, clips)))
        begin_ingestion(admin, folder / LARGE)
        before = documents(admin)[LARGE]["chunks_done"]
        reported = asyncio.run(one_call(product.address, clips))
        row = documents(admin)[LARGE]
        embedded += row["chunks_done"] - before
        if row["state"] != "indexing":
            through += 1
        else:
            lost += not took(busy, reported)
        end_ingestion(admin)
    told = compared(quiet, busy)
    told["rounds"] = rounds
    told["chunks embedded beside calls"] = embedded
    told["calls left out"] = {"lost": lost, "document was through too early": through}
    told["memory_mb"] = {"after one call": memory, "after all": memory_mb(product)}
    told["load_average"] = os.getloadavg()
    admin.close()
    return told


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--chunks", type=int, default=600)
    options = parser.parse_args(argv)
    # The product's own deadline for documents, not that of tests, which wait for a busy machine.
    extra = {"HATIF_KEPT_SPEECH_MB": "0", "HATIF_KNOWLEDGE_MS": "150"}
    with TemporaryDirectory() as folder, running_product(slots=2, extra=extra) as product:
        told = measure(product, Path(folder), options.minutes, options.chunks)
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
