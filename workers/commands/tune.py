"""`hatif tune`: measures this machine, picks the profile that fits it, shows why, and keeps it for `hatif up`."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.pace.profiles import KNOBS, Profile
from domain.pace.tuning import Measured, ModelSpeed, checks, chosen
from engines.model_files import verified
from workers.launch import data_dir
from workers.launch.models import wanted_models
from workers.settings import Settings
from workers.tuning import kept

LARGER = f"`python -m workers.fetch_models {KNOBS[Profile.ACCURATE].llm_file}`"
BUSY = 1.0
"""Load for each core above which other work is likely to have been measured too."""


def run(settings: Settings, *, as_json: bool) -> None:
    """Raises SetupError for a missing model, a data directory that can't be written, or one that is in use."""
    with data_dir.held(settings.data_dir, "hatif tune"):
        for name in wanted_models(settings):
            verified(name, settings.models_dir)
        load = os.getloadavg()[0] / len(os.sched_getaffinity(0))
        measured = _measured(settings)
        result, path = _keep(settings, measured)
    if as_json:
        document = {
            **asdict(result),
            "measured": asdict(measured),
            "checks": [asdict(check) for check in checks(measured)],
            "kept_in": str(path),
        }
        print(json.dumps(document, ensure_ascii=False, indent=2))  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(_figures(measured))
    console.print(_reasons(measured))
    console.print(_picked(result.profile))
    if measured.larger_model is None:
        console.print(Text(f"The larger model was not measured; {LARGER} brings its file.", style="dim"))
    console.print(Text(f"Kept in {path}; the next `hatif up` uses it unless HATIF_PROFILE is set.", style="dim"))
    if load > BUSY:
        console.print(Text("Other work kept the cores busy; measure again when the machine is idle.", style="yellow"))


def at_first_start(settings: Settings, console: Console) -> bool:
    """Measure a machine that was not measured yet and whose profile nobody said; True where that was so.

    The data directory is held by whoever calls, and the models are there.
    """
    if "profile" in settings.model_fields_set:
        return False
    console.print("Measuring this machine once, for half a minute; HATIF_PROFILE=balanced goes without that.")
    # Its models, threads and connections end with the process; the one that calls lives as long as the product.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        measured = apart.submit(_measured_quietly, settings).result()
    result, _ = _keep(settings, measured)
    console.print(_reasons(measured))
    console.print(_picked(result.profile))
    console.print()
    return True


def _measured_quietly(settings: Settings) -> Measured:
    try:
        return _measured(settings)
    except KeyboardInterrupt:
        sys.exit(1)  # whoever waits was interrupted too, and says so


def _measured(settings: Settings) -> Measured:
    # Imported here: the engines take seconds to import, and a refusal should not.
    from workers.tuning.measuring import measure

    with Console(stderr=True, highlight=False).status("") as status:
        return asyncio.run(measure(settings, lambda about: status.update(f"Measuring {about} …")))


def _keep(settings: Settings, measured: Measured) -> tuple[kept.Kept, Path]:
    result = kept.Kept(machine=kept.this_machine(), profile=chosen(measured), measured_on=time.strftime("%Y-%m-%d"))
    return result, kept.write(settings.data_dir, result, asdict(measured))


def _picked(profile: Profile) -> Text:
    return Text.assemble("This machine gets the profile ", (str(profile), "bold green"), f": {_knobs(profile)}.")


def _knobs(profile: Profile) -> str:
    return ", ".join(f"{name} {value}" for name, value in asdict(KNOBS[profile]).items())


def _figures(measured: Measured) -> Table:
    table = Table(title="Measured", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("stage", style="dim")
    table.add_column("figure", justify="right")
    for about, shown in (
        ("recognition of a sentence", _ms(measured.recognition_ms)),
        ("the same by beam 5", _ms(measured.wide_recognition_ms)),
        ("whether a turn has ended", _ms(measured.judgement_ms)),
        ("documents found and judged", _ms(measured.retrieval_ms)),
        ("voice", "not measured" if measured.voice_s_per_s is None else f"{measured.voice_s_per_s:g} s in a second"),
        ("language model", _speed(measured.model)),
        ("larger language model", _speed(measured.larger_model)),
    ):
        table.add_row(about, shown)
    return table


def _reasons(measured: Measured) -> Table:
    table = Table(title="\nWhat the profiles ask", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("profile", "of", "wanted", "here", ""):
        table.add_column(heading)
    for check in checks(measured):
        mark = Text("✓", "green") if check.met else Text("✗", "yellow")
        table.add_row(str(check.profile), check.about, check.wanted, check.figure, mark)
    return table


def _ms(figure: int | None) -> str:
    return "not measured" if figure is None else f"{figure} ms"


def _speed(speed: ModelSpeed | None) -> str:
    if speed is None:
        return "not measured"
    return f"reads {speed.prefill_per_s:.0f}, writes {speed.tokens_per_s:.0f} tokens a second"
