"""Voice-to-voice on this machine: `python -m tests.bench.calls [--rounds 2] [--profile balanced] [--json]`.

Starts the product with embedded models on free ports, with no sentence kept from before, places one call a round and
asks spoken English and typed Arabic questions. Figures come from the two-channel waveform (docs/performance.md).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.pace.profiles import Profile
from tests.calls.product import running_product
from workers.caller import Caller, TurnReport
from workers.caller.audio_file import read_clip

SPOKEN = (
    "What are your opening hours?",
    "How much does delivery cost?",
    "Where is your shop?",
    "Do you repair washing machines?",
    "How can I pay?",
    "How long is the warranty?",
)
TYPED = ("متى تفتحون؟", "وين مكانكم؟", "كم سعر التوصيل؟", "كيف أقدر أدفع؟", "كم مدة الضمان؟")
CLIP_RATE_HZ = 48_000
ANSWERS = ("answer", "clarify")


async def one_call(url: str, clips: Sequence[Path]) -> dict[str, list[TurnReport]]:
    reports: dict[str, list[TurnReport]] = defaultdict(list)
    async with Caller(url, tenant="demo-shop", language="en") as caller:
        await caller.greeted()
        for clip in clips:
            reports["English, spoken"].append(await caller.speak(read_clip(clip), rate_hz=CLIP_RATE_HZ))
        for text in TYPED:
            reports["Arabic, typed"].append(await caller.write(text))
    return reports


def figures(reports: Sequence[TurnReport]) -> dict[str, object]:
    answered = [r for r in reports if r.kind in ANSWERS and r.voice_to_voice_ms is not None]
    waits = sorted(r.voice_to_voice_ms or 0 for r in answered)
    stages: dict[str, list[int]] = defaultdict(list)
    for report in answered:
        for name, ms in report.stages_ms.items():
            stages[name].append(ms)
    return {
        "turns": len(reports),
        "answered": len(answered),
        "v2v_ms_p50": round(statistics.median(waits)) if waits else None,
        "v2v_ms_p95": waits[min(len(waits) - 1, len(waits) * 95 // 100)] if waits else None,
        "stages_ms_p50": {name: round(statistics.median(values)) for name, values in stages.items()},
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--profile", type=Profile, default=Profile.BALANCED)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    all_reports: dict[str, list[TurnReport]] = defaultdict(list)
    extra = {"HATIF_KEPT_SPEECH_MB": "0", "HATIF_PROFILE": str(options.profile)}
    with TemporaryDirectory() as folder, running_product(slots=2, extra=extra) as product:
        clips = [product.say_into(Path(folder) / f"{n}.wav", 0.2, text, 0.2) for n, text in enumerate(SPOKEN)]
        for _ in range(options.rounds):
            for name, reports in asyncio.run(one_call(product.address, clips)).items():
                all_reports[name] += reports
    told = {name: figures(reports) for name, reports in all_reports.items()}
    told["load average"] = {"1 min": round(os.getloadavg()[0], 1)}
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for name, row in told.items():
            print(name, *(f"{key} {value}" for key, value in row.items()), sep="  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
