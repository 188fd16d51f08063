"""The environments of the peers: made by uv from the pins in requirements/, outside the clone, once for each change."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = Path(__file__).with_name("requirements")
INSTALLS_WITHIN_S = 300


class NotInstalled(Exception):
    """Why an environment is not there, in a sentence."""


def python_of(name: str) -> Path:
    """The interpreter of an environment, which is made where it isn't there. Raises NotInstalled."""
    requirements = REQUIREMENTS / f"{name}.txt"
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = Settings().models_dir.parent / "bench" / f"{name}-{key}"
    ready, python = folder / "ready", folder / "bin" / "python"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, str(folder))
        try:
            _uv("pip", "sync", "--quiet", "--python", str(python), "--require-hashes", str(requirements))
        except NotInstalled:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        ready.touch()
    return python


def _uv(*arguments: str) -> None:
    try:
        subprocess.run(
            [ROOT / ".tools" / "bin" / "uv", *arguments],
            env=_environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALLS_WITHIN_S,
        )
    except FileNotFoundError:
        raise NotInstalled("uv is missing: run make env") from None
    except subprocess.TimeoutExpired:
        raise NotInstalled("its packages could not be fetched in five minutes: check the network") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no word from uv"])[-1].strip()
        raise NotInstalled(f"its packages could not be installed: check the network ({last[:120]})") from None


def _environment() -> dict[str, str]:
    """As deploy/setup/environment.sh: uv reads neither the system's certificates nor pip's index by itself."""
    told = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    told.setdefault("UV_SYSTEM_CERTS", "true")
    if not any(told.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
        told_pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        asked = subprocess.run(told_pip, check=False, capture_output=True, text=True)
        if index := asked.stdout.strip():
            told["UV_DEFAULT_INDEX"] = index
    return told
