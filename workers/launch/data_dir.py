"""The data directory: whose it is, and which run of `hatif up` holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import psutil

from domain.errors import SetupError

LOCK = "up.lock"
STATUS = "up.json"


def make(data_dir: Path) -> None:
    """Raises SetupError when it can't be made or written."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / LOCK).touch(mode=0o600)
    except OSError as error:
        raise SetupError(
            f"The data directory {data_dir} can't be written: {(error.strerror or 'unknown').lower()}; "
            "give another --data-dir."
        ) from error


@contextlib.contextmanager
def held(data_dir: Path, purpose: str) -> Generator[None]:
    """Hold the directory for the life of the block; the kernel lets it go with the process, however that ends.

    Raises SetupError when another process holds it.
    """
    make(data_dir)
    with (data_dir / LOCK).open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(
                f"{_holder(data_dir)} uses the data directory {data_dir}; stop it first, or give another --data-dir."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {purpose}")
        lock.flush()
        yield


def _holder(data_dir: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        pid, purpose = (data_dir / LOCK).read_text().split(maxsplit=1)
        return f"{purpose} (process {pid})"
    return "Another hatif"


def is_held(data_dir: Path) -> bool:
    try:
        with (data_dir / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write_status(
    data_dir: Path, parts: dict[str, int], addresses: dict[str, str], profiles: dict[str, str] | None = None
) -> None:
    """What `hatif doctor` shows of a running product: process ids by part, addresses, profiles of parts that moved."""
    draft = data_dir / f".{STATUS}"
    # A full disk must not stop the product; doctor then shows an older state.
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps({"parts": parts, "addresses": addresses, "profiles": profiles or {}}))
        draft.replace(data_dir / STATUS)


def read_status(data_dir: Path) -> dict[str, bool] | None:
    """Each part of the running product and whether its process lives; None when no `hatif up` holds the directory."""
    if not is_held(data_dir):
        return None
    parts = cast("dict[str, int]", _status(data_dir).get("parts", {}))
    return {name: psutil.pid_exists(pid) for name, pid in parts.items()}


def moved_profiles(data_dir: Path) -> dict[str, str]:
    """Of each part of the running product that has left the chosen profile, or come back to it, the present one."""
    return cast("dict[str, str]", _status(data_dir).get("profiles", {})) if is_held(data_dir) else {}


def softphone_address(data_dir: Path) -> str | None:
    """Where the product that runs on this directory is called by web; None when none runs."""
    address = _status(data_dir).get("addresses", {}).get("softphone") if is_held(data_dir) else None
    return address.rstrip("/") if isinstance(address, str) else None


def _status(data_dir: Path) -> dict[str, dict[str, Any]]:
    try:
        return cast("dict[str, dict[str, Any]]", json.loads((data_dir / STATUS).read_text()))
    except (OSError, ValueError):
        return {}
