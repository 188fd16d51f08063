"""The kept result of `hatif tune`: one small file of the data directory, good for the machine that it was made on."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import psutil

from domain.errors import SetupError
from domain.pace.profiles import Profile

FILE = "tuned.json"
CPU_INFO = Path("/proc/cpuinfo")
MEMORY_STEP_GB = 2
"""Memory is told in steps: what the kernel keeps for itself differs from one start to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a result is good for."""

    cores: int
    cpu: str
    memory_gb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    machine: Machine
    profile: Profile
    measured_on: str
    """A date, YYYY-MM-DD."""


def this_machine() -> Machine:
    """Cores that this process may use, not those of the board."""
    memory = psutil.virtual_memory().total / 1e9
    return Machine(
        cores=len(os.sched_getaffinity(0)), cpu=_cpu(), memory_gb=round(memory / MEMORY_STEP_GB) * MEMORY_STEP_GB
    )


def _cpu() -> str:
    try:
        lines = CPU_INFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def write(data_dir: Path, kept: Kept, figures: dict[str, Any]) -> Path:
    """Raises SetupError when it can't be written."""
    path = data_dir / FILE
    draft = data_dir / f".{FILE}"
    try:
        draft.write_text(json.dumps({**asdict(kept), "measured": figures}, ensure_ascii=False, indent=2) + "\n")
        draft.replace(path)
    except OSError as error:
        raise SetupError(f"The result can't be written to {path}: {(error.strerror or 'unknown').lower()}.") from error
    return path


def read(data_dir: Path) -> Kept | None:
    """The result for this machine; None where there is none, it is another machine's, or it can't be read."""
    try:
        document = cast("dict[str, Any]", json.loads((data_dir / FILE).read_text()))
        kept = Kept(
            machine=Machine(**document["machine"]),
            profile=Profile(document["profile"]),
            measured_on=str(document["measured_on"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kept if kept.machine == this_machine() else None
