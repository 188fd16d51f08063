"""The `hatif` command. Errors are one sentence and an exit code; `hatif --debug` shows where they come from."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from domain.errors import HatifError, SetupError
from workers import call_cli
from workers.commands import kb
from workers.commands.campaigns import command_line as campaigns
from workers.commands.house import command_line
from workers.process.lifeline import leave

EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="hatif",
    help="Hatif answers a company's calls in Arabic and English, on the company's own machines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Rich help takes 0.3 s more to import than everything else together.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Database, keys, logs. [HATIF_DATA_DIR]", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Tenant = Annotated[str | None, typer.Option(help="Only this tenant's calls.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hatif {version('hatif')}")
        raise typer.Exit


@app.callback()
def hatif(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every subcommand. `--version` ended before this."""
    if debug:
        os.environ["HATIF_DEBUG"] = "1"


@app.command()
def up(
    data_dir: DataDir = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; anything but loopback is served over TLS. [HATIF_HOST]")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The gateway's port. [HATIF_GATEWAY_PORT]")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM. [HATIF_TLS_CERT]")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM. [HATIF_TLS_KEY]")] = None,
    media_workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that hold calls. [HATIF_MEDIA_WORKERS]")
    ] = None,
    no_fetch: Annotated[bool, typer.Option("--no-fetch", help="Never fetch models; refuse if one is missing.")] = False,
    tune: Annotated[
        bool, typer.Option("--tune", help="Measure this machine first, where that was not done and no profile is set.")
    ] = False,
    grace_s: Annotated[
        float, typer.Option("--grace", min=0, help="Seconds that live calls get to end after a Ctrl-C.")
    ] = 120,
) -> None:
    """Run the product in the foreground. Ctrl-C lets live calls end, a second one cuts them."""
    from workers.commands.up import run
    from workers.launch.options import load_settings

    load = partial(
        load_settings,
        data_dir=data_dir,
        host=host,
        gateway_port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        media_workers=media_workers,
    )
    run(load, may_fetch=not no_fetch, may_tune=tune, grace_s=grace_s)


@app.command()
def tune(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Measure this machine for a minute, and keep the profile that fits it for the next `hatif up`."""
    from workers.commands.tune import run
    from workers.launch.options import load_settings

    run(load_settings(data_dir=data_dir), as_json=as_json)


@app.command()
def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Say what is here, what is missing, and how to get it. Exit 1 when something needed is missing."""
    from workers.commands.doctor import run
    from workers.launch.options import load_settings

    raise typer.Exit(run(load_settings(data_dir=data_dir), as_json=as_json))


@app.command()
def reset(
    data_dir: DataDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete every call, account, key and log of this data directory. Models stay."""
    from workers.commands.reset import run
    from workers.launch.options import load_settings

    run(load_settings(data_dir=data_dir), yes=yes)


@app.command()
def calls(
    data_dir: DataDir = None,
    tenant: Tenant = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the latest calls."""
    from workers.commands.calls import run
    from workers.launch.options import load_settings

    run(load_settings(data_dir=data_dir), tenant=tenant, limit=limit, as_json=as_json)


@app.command()
def show(
    call: Annotated[str, typer.Argument(metavar="CALL", help="A call's id, or its beginning.")],
    data_dir: DataDir = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Show one call: the words of both sides, the outcome, and where each answer's time went."""
    from workers.commands.show import run
    from workers.launch.options import load_settings

    run(load_settings(data_dir=data_dir), call, tenant=tenant, as_json=as_json)


@app.command()
def dial(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="With its country's code: +971501234567.")],
    data_dir: DataDir = None,
    tenant: Annotated[str | None, typer.Option(help="Whose trunk dials, and who speaks.")] = None,
    key: Annotated[str | None, typer.Option(help="Of this request: the same key dials once.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have the agent call a number by the tenant's trunk. Exit 1 not reached, 3 busy, 4 not dialled."""
    from workers.commands.dial import run
    from workers.launch.options import load_settings

    raise typer.Exit(run(load_settings(data_dir=data_dir), number, tenant=tenant, key=key, as_json=as_json))


call_cli.register(app)
campaigns.register(app)
kb.register(app)
command_line.register(app)


def main() -> None:
    """Run the command in `sys.argv`; it ends in SystemExit with the status, or returns."""
    try:
        app()
    except HatifError as error:
        if os.environ.get("HATIF_DEBUG"):
            raise
        print(f"hatif: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(os.EX_CONFIG if isinstance(error, SetupError) else EXIT_REFUSED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def program() -> NoReturn:
    """The entry point of the `hatif` program."""
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)  # noqa: T201
            leave(EXIT_REFUSED)
        leave(ended.code or 0)
    leave(0)


if __name__ == "__main__":
    program()
