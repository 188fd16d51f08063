"""The command line of campaigns; what it does is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.commands.house.command_line import AsJson, DataDir, Tenant

if TYPE_CHECKING:
    from workers.settings import Settings

campaigns = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Call a list of people, one by one.")
Id = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, as `hatif campaign list` shows it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(campaigns, name="campaign")


def _settings(data_dir: Path | None) -> Settings:
    from workers.launch.options import load_settings

    return load_settings(data_dir=data_dir)


@campaigns.command("list")
def list_campaigns(data_dir: DataDir = None, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """List them, newest first."""
    from workers.commands.campaigns.campaigns import list_all

    list_all(_settings(data_dir), tenant, as_json=as_json)


@campaigns.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="number, name, …")],
    name: Annotated[str, typer.Option(help="As the pages show it.")],
    en: Annotated[str, typer.Option(help="What is said first, in English; {name} is a column.")],
    ar: Annotated[str, typer.Option(help="The same in Arabic.")],
    purpose: Annotated[str, typer.Option(help="service, or marketing: only those whose column consent says yes.")],
    about: Annotated[str, typer.Option(help="What the agent should know of it.")] = "",
    days: Annotated[str, typer.Option(help="0 is Monday. Separated by commas.")] = "0,1,2,3,4",
    earliest: Annotated[str, typer.Option(help="The tenant's own hours hold beside it.")] = "09:00",
    latest: Annotated[str, typer.Option()] = "18:00",
    a_minute: Annotated[int, typer.Option(help="Calls that may begin in a minute.")] = 6,
    at_once: Annotated[int, typer.Option(help="Calls that may go on at once.")] = 2,
    tries: Annotated[int, typer.Option(help="For one person, on days of their own.")] = 2,
    to_advisor: Annotated[bool, typer.Option("--to-advisor", help="Hand whoever answers to an advisor.")] = False,
    data_dir: DataDir = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Take up a list and what it is for. Nobody is called before `hatif campaign start`."""
    from workers.commands.campaigns.campaigns import create, plan_of

    plan = plan_of(
        name=name,
        purpose=purpose,
        opening=(en, ar),
        about=about,
        days=days,
        hours=(earliest, latest),
        pace=(a_minute, at_once, tries),
        to_advisor=to_advisor,
    )
    create(_settings(data_dir), tenant, plan, file, as_json=as_json)


@campaigns.command("show")
def show(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """How far it is, as JSON."""
    from workers.commands.campaigns.campaigns import show_one

    show_one(_settings(data_dir), tenant, campaign)


@campaigns.command("report")
def report(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """Everybody on the list, and what became of them, as CSV."""
    from workers.commands.campaigns.campaigns import report_one

    report_one(_settings(data_dir), tenant, campaign)


@campaigns.command("start")
def start(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """Begin to call."""
    _ask("start", campaign, data_dir, tenant)


@campaigns.command("pause")
def pause(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """Dial nobody else for now."""
    _ask("pause", campaign, data_dir, tenant)


@campaigns.command("resume")
def resume(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """Go on after a pause."""
    _ask("resume", campaign, data_dir, tenant)


@campaigns.command("stop")
def stop(campaign: Id, data_dir: DataDir = None, tenant: Tenant = None) -> None:
    """Stop for good; what rings is hung up."""
    _ask("stop", campaign, data_dir, tenant)


def _ask(act: str, campaign: str, data_dir: Path | None, tenant: str | None) -> None:
    from workers.commands.campaigns.campaigns import ask

    ask(_settings(data_dir), tenant, campaign, act)
