"""`hatif kb`: a tenant's documents on the command line, with the same steps as over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workers.settings import Settings

kb = typer.Typer(no_args_is_help=True, help="Documents that the agent answers from.", rich_markup_mode=None)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Database, keys, logs. [HATIF_DATA_DIR]", show_default=False)
]
Tenant = Annotated[str, typer.Option(help="Whose documents.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
DEMO = "demo-shop"
EXIT_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add `kb` to the command."""
    app.add_typer(kb, name="kb")


@kb.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders with all that is in them.")],
    data_dir: DataDir = None,
    tenant: Tenant = DEMO,
    wait: Annotated[bool, typer.Option(help="Show progress until each is ready or has failed.")] = True,
    as_json: AsJson = False,
) -> None:
    """Add documents, or replace those of the same name. Exit 1 when one can't be read."""
    from workers.knowledge.shelf import add as work

    done, failed = work(_settings(data_dir), tenant, paths, wait=wait, quiet=as_json)
    if as_json:
        _print({"documents": done})
    raise typer.Exit(EXIT_FAILED if failed else 0)


@kb.command("list")
def list_(data_dir: DataDir = None, tenant: Tenant = DEMO, as_json: AsJson = False) -> None:
    """List the documents, the latest first."""
    from workers.knowledge.shelf import listed, table

    rows = listed(_settings(data_dir), tenant)
    if as_json:
        _print({"documents": rows})
    else:
        table(rows)


@kb.command()
def remove(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT…", help="Ids, or names as they are listed.")],
    data_dir: DataDir = None,
    tenant: Tenant = DEMO,
) -> None:
    """Remove documents and everything that was found in them."""
    from workers.knowledge.shelf import remove as work

    for name in work(_settings(data_dir), tenant, documents):
        typer.echo(f"{name} is being removed.")


@kb.command()
def search(
    question: Annotated[str, typer.Argument(help="What a caller might ask.")],
    data_dir: DataDir = None,
    tenant: Tenant = DEMO,
    limit: Annotated[int, typer.Option(min=1, max=20, help="Passages to show.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Show the passages that a question finds, and whether the agent would answer from them."""
    from workers.knowledge.shelf import search as work
    from workers.knowledge.shelf import tell

    found = work(_settings(data_dir), tenant, question, limit)
    if as_json:
        _print({"passages": found})
    else:
        tell(found)


def _settings(data_dir: Path | None) -> Settings:
    from workers.launch.options import load_settings

    return load_settings(data_dir=data_dir)


def _print(document: dict[str, object]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
