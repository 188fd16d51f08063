"""Secrets that the product makes for itself at first start, each a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from domain.errors import SetupError


def read_or_make(path: Path, make: Callable[[], bytes]) -> tuple[bytes, bool]:
    """The secret in `path`, and whether it was made just now. Two processes that race agree on one secret.

    Raises SetupError when the file or its folder can't be written or read.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = not path.exists() and _make(path, make())
        return path.read_bytes(), made
    except OSError as error:
        raise SetupError(f"The secret file {path} can't be read or made: {error.strerror}.") from error


def _make(path: Path, secret: bytes) -> bool:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken, so a half-written or second secret is never seen under it.
        os.link(draft, path)
        return True
    except FileExistsError:
        return False
    finally:
        draft.unlink()
