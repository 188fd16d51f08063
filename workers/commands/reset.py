"""`hatif reset`: delete everything of a data directory but the models, which lie elsewhere."""

from __future__ import annotations

import shutil

import typer

from domain.errors import Refused, SetupError
from workers import embedded_postgres
from workers.launch import data_dir
from workers.settings import Settings

GOES = {
    "postgres": "every call, turn, tenant and account",
    "temporal.db*": "the history of every workflow",
    "keys": "the keys and passwords of this installation",
    "spool": "turns that wait for the database",
    "recordings": "recorded calls",
    "logs": "logs",
    "tls": "the self-signed certificate",
}
"""What `hatif up` makes in a data directory. Anything else there is somebody else's and stays."""


def run(settings: Settings, *, yes: bool) -> None:
    """Raises SetupError while `hatif up` runs, Refused when the answer is no."""
    folder = settings.data_dir
    here = [name for name in GOES if any(folder.glob(name))] if folder.is_dir() else []
    if not here:
        typer.echo(f"There is nothing of Hatif in {folder}.")
        return
    with data_dir.held(folder, "hatif reset"):
        typer.echo(f"This deletes from {folder}, for good:")
        for name in here:
            typer.echo(f"  {name.rstrip('*'):<12} {GOES[name]}")
        if settings.database_url is not None:
            typer.echo("Your own database stays as it is, but without the keys nobody can read it.")
        typer.echo(f"The models in {settings.models_dir} stay.")
        if not yes and not typer.confirm("Delete it?"):
            raise Refused("not_confirmed", "Nothing was deleted.")
        _delete(settings, here)
    typer.echo("Deleted. The next hatif up begins anew.")


def _delete(settings: Settings, here: list[str]) -> None:
    folder = settings.data_dir
    try:
        # The cluster first: it refuses while a server still uses it.
        if "postgres" in here:
            embedded_postgres.erase(settings)
        for name in here:
            for path in folder.glob(name):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        (folder / data_dir.STATUS).unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(f"{error.filename} can't be deleted: {error.strerror}.") from error
