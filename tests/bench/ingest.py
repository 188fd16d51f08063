"""What ingestion costs a living call: `python -m tests.bench.ingest [--rounds 3] [--chunks 1500]`.

Starts the product with embedded models on free ports and no sentence kept from before. Calls of the same questions are
placed by turns while nothing else happens, and while a large document is embedded. A call counts only if it was not
lost, and if the document is not through when it ends. Figures come from the two-channel waveform (docs/performance.md),
plain turns and those that a document answers apart.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from domain.errors import LineLost
from tests.bench.calls import CLIP_RATE_HZ, figures
from tests.bench.distractors import distractors
from tests.calls.product import Product, running_product
from workers.caller import Caller, TurnReport
from workers.caller.audio_file import read_clip

HANDBOOK = """# Gift cards

Gift cards expire three years after they were bought.

# Lost property

Umbrellas found in the showroom are kept for sixty days.

# غرفة الصلاة

غرفة الصلاة في الطابق الثالث بجانب المصعد.
"""
PLAIN_SPOKEN = ("What are your opening hours?", "How much does delivery cost?", "How long is the warranty?")
DOCUMENT_SPOKEN = ("When do gift cards expire?", "How long are umbrellas kept in the showroom?")
PLAIN_TYPED = ("متى تفتحون؟", "كم سعر التوصيل؟")
DOCUMENT_TYPED = ("أين غرفة الصلاة؟",)
LARGE = "catalogue.txt"
BEGUN_S = 120.0
"""A busy machine took half a minute until the first batch was embedded."""


def hatif(product: Product, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", *arguments],
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def document(product: Product, name: str) -> dict[str, Any] | None:
    listed = hatif(product, "kb", "list", "--json")["documents"]
    return next((row for row in listed if row["name"] == name), None)


def begin_ingestion(product: Product, path: Path) -> None:
    hatif(product, "kb", "add", str(path), "--no-wait")
    deadline_s = time.monotonic() + BEGUN_S
    while (row := document(product, LARGE)) is None or not row["chunks_done"]:
        if time.monotonic() > deadline_s:
            raise SystemExit("the document was not begun")
        time.sleep(0.5)


def end_ingestion(product: Product) -> None:
    hatif(product, "kb", "remove", LARGE)
    while document(product, LARGE) is not None:
        time.sleep(0.5)


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
    for sort in [sort for sort in quiet if sort in busy]:
        alone, beside = figures(quiet[sort]), figures(busy[sort])
        first = [r.with_openers_ms for r in quiet[sort] if r.with_openers_ms is not None]
        told[sort] = {"alone": alone, "beside ingestion": beside}
        if first:
            told[sort]["first_sound_ms_p50"] = sorted(first)[len(first) // 2]
        for rank in ("p50", "p95"):
            before, after = alone[f"v2v_ms_{rank}"], beside[f"v2v_ms_{rank}"]
            if isinstance(before, int) and isinstance(after, int):
                told[sort][f"ratio_{rank}"] = round(after / before, 2)
    return told


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chunks", type=int, default=1_500)
    options = parser.parse_args(argv)
    quiet: dict[str, list[TurnReport]] = defaultdict(list)
    busy: dict[str, list[TurnReport]] = defaultdict(list)
    lost = through = 0
    with TemporaryDirectory() as folder, running_product(slots=2, extra={"HATIF_KEPT_SPEECH_MB": "0"}) as product:
        (Path(folder) / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
        (Path(folder) / LARGE).write_text("\n\n".join(itertools.islice(distractors(), options.chunks * 6)))
        hatif(product, "kb", "add", str(Path(folder) / "handbook.md"))
        clips = {
            sort: [product.say_into(Path(folder) / f"{sort}{n}.wav", 0.2, text, 0.2) for n, text in enumerate(texts)]
            for sort, texts in (("plain", PLAIN_SPOKEN), ("document", DOCUMENT_SPOKEN))
        }
        asyncio.run(one_call(product.address, clips))  # the first call finds nothing warm
        memory = memory_mb(product)
        for _ in range(options.rounds):
            lost += not took(quiet, asyncio.run(one_call(product.address, clips)))
            begin_ingestion(product, Path(folder) / LARGE)
            reported = asyncio.run(one_call(product.address, clips))
            row = document(product, LARGE)
            if row is None or row["state"] != "indexing":
                through += 1
            else:
                lost += not took(busy, reported)
            end_ingestion(product)
        memory_after = memory_mb(product)
    told = compared(quiet, busy)
    told["calls left out"] = {"lost": lost, "document was through too early": through}
    told["memory_mb"] = {"after one call": memory, "after all": memory_after}
    told["load_average"] = os.getloadavg()
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
