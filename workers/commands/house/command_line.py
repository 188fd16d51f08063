"""The command line of these commands; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import Refused

if TYPE_CHECKING:
    from workers.settings import Settings

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Database, keys, logs. [HATIF_DATA_DIR]", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Tenant = Annotated[str | None, typer.Option(help="Of this tenant; needed where there are several.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL")]
Slug = Annotated[str, typer.Argument(metavar="TENANT")]
QueueId = Annotated[str, typer.Argument(metavar="QUEUE", help="Its short name, like billing.")]
Commas = "Separated by commas."

users = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who works here, and what they may do.")
queues = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Where callers wait for a person.")
hours = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="When a tenant is open.")
tenants = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Whose calls are answered.")
voices = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Copies of people's voices, by their consent.")


def register(app: typer.Typer) -> None:
    app.add_typer(users, name="user")
    app.add_typer(queues, name="queue")
    app.add_typer(hours, name="hours")
    app.add_typer(tenants, name="tenant")
    app.add_typer(voices, name="voice")


def _settings(data_dir: Path | None) -> Settings:
    from workers.launch.options import load_settings

    return load_settings(data_dir=data_dir)


# ---------------------------------------------------------------- user


@users.command("list")
def user_list(data_dir: DataDir = None, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """List everybody, with what they speak and know."""
    from workers.commands.house.users import list_users

    list_users(_settings(data_dir), tenant=tenant, as_json=as_json)


@users.command("add")
def user_add(
    email: Email,
    role: Annotated[str, typer.Option(help="admin, supervisor, advisor or viewer.")] = "advisor",
    name: Annotated[str, typer.Option(help="As the desk shows it.")] = "",
    languages: Annotated[str, typer.Option(help=f"In which they take calls: ar, en. {Commas}")] = "",
    skills: Annotated[str, typer.Option(help=Commas)] = "",
    queues: Annotated[str, typer.Option(help=f"That they serve. {Commas}")] = "",
    tenant: Tenant = None,
    data_dir: DataDir = None,
) -> None:
    """Invite somebody; prints a password that is good for the first sign-in."""
    from workers.commands.house.users import add

    settings = _settings(data_dir)
    add(settings, email, tenant=tenant, name=name, role=role, languages=languages, skills=skills, queues=queues)


@users.command("set")
def user_set(
    email: Email,
    name: Annotated[str | None, typer.Option(help="As the desk shows it.")] = None,
    languages: Annotated[str | None, typer.Option(help=f"In which they take calls: ar, en. {Commas}")] = None,
    skills: Annotated[str | None, typer.Option(help=f"Empty: none. {Commas}")] = None,
    queues: Annotated[str | None, typer.Option(help=f"That they serve; empty: all of them. {Commas}")] = None,
    tenant: Tenant = None,
    data_dir: DataDir = None,
) -> None:
    """Change whose calls somebody gets, and what they are called."""
    from workers.commands.house.users import describe

    settings = _settings(data_dir)
    describe(settings, email, tenant=tenant, name=name, languages=languages, skills=skills, queues=queues)


@users.command("role")
def user_role(
    email: Email,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="admin, supervisor, advisor or viewer.")],
    tenant: Tenant = None,
    data_dir: DataDir = None,
) -> None:
    """Change what somebody may do. The last administrator stays one."""
    from domain.accounts import UserChange
    from workers.commands.house import words
    from workers.commands.house.users import change

    change(_settings(data_dir), email, UserChange(role=words.role(role)), tenant=tenant)


@users.command("disable")
def user_disable(email: Email, tenant: Tenant = None, data_dir: DataDir = None) -> None:
    """Sign somebody out everywhere, until they are enabled again."""
    from domain.accounts import UserChange
    from workers.commands.house.users import change

    change(_settings(data_dir), email, UserChange(disabled=True), tenant=tenant)


@users.command("enable")
def user_enable(email: Email, tenant: Tenant = None, data_dir: DataDir = None) -> None:
    """Let somebody sign in again."""
    from domain.accounts import UserChange
    from workers.commands.house.users import change

    change(_settings(data_dir), email, UserChange(disabled=False), tenant=tenant)


@users.command("password")
def user_password(email: Email, tenant: Tenant = None, data_dir: DataDir = None) -> None:
    """Make a new one-time password for somebody, and sign them out everywhere."""
    from workers.commands.house.users import reset_password

    reset_password(_settings(data_dir), email, tenant=tenant)


# ---------------------------------------------------------------- queue


@queues.command("list")
def queue_list(data_dir: DataDir = None, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """List the queues, with their times in seconds."""
    from workers.commands.house.queues import list_queues

    list_queues(_settings(data_dir), tenant=tenant, as_json=as_json)


@queues.command("set")
def queue_set(
    queue: QueueId,
    name: Annotated[str | None, typer.Option(help="In English.")] = None,
    arabic_name: Annotated[str | None, typer.Option(help="In Arabic.")] = None,
    languages: Annotated[str | None, typer.Option(help=f"Of its callers; empty: all. {Commas}")] = None,
    skills: Annotated[str | None, typer.Option(help=f"That its advisors need. {Commas}")] = None,
    offer_s: Annotated[int | None, typer.Option(min=5, max=120, help="How long it rings at one advisor.")] = None,
    max_wait_s: Annotated[int | None, typer.Option(min=10, max=3600, help="Until the choice of a callback.")] = None,
    wrap_up_s: Annotated[int | None, typer.Option(min=10, max=3600, help="For the form after a call.")] = None,
    position: Annotated[int | None, typer.Option(min=0, max=1000, help="The lower is taken first.")] = None,
    tenant: Tenant = None,
    data_dir: DataDir = None,
) -> None:
    """Make a queue, or change what is given of it."""
    from workers.commands.house.queues import save

    times = {"offer_s": offer_s, "max_wait_s": max_wait_s, "wrap_up_s": wrap_up_s, "position": position}
    save(
        _settings(data_dir),
        queue,
        tenant=tenant,
        name=name,
        arabic_name=arabic_name,
        languages=languages,
        skills=skills,
        times={key: value for key, value in times.items() if value is not None},
    )


@queues.command("remove")
def queue_remove(queue: QueueId, tenant: Tenant = None, data_dir: DataDir = None) -> None:
    """Remove a queue; who waits in it goes on waiting."""
    from workers.commands.house.queues import remove

    remove(_settings(data_dir), queue, tenant=tenant)


# ---------------------------------------------------------------- hours


@hours.command("show")
def hours_show(data_dir: DataDir = None, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """Show the week, Ramadan, the holidays, and when people are called."""
    from workers.commands.house.hours import show

    show(_settings(data_dir), tenant=tenant, as_json=as_json)


@hours.command("set")
def hours_set(
    days: Annotated[str | None, typer.Argument(metavar="DAYS", help="monday,friday or all.")] = None,
    stretches: Annotated[
        list[str] | None, typer.Argument(metavar="HOURS", help="09:00-13:00 16:00-21:00, or closed.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="The whole plan, with the tables of a tenant's file.")] = None,
    tenant: Tenant = None,
    data_dir: DataDir = None,
) -> None:
    """Change the hours of some days of the week, or the whole plan from a file."""
    from workers.commands.house.hours import set_days, set_from_file

    if file is not None and days is None:
        set_from_file(_settings(data_dir), file, tenant=tenant)
    elif file is None and days is not None and stretches:
        set_days(_settings(data_dir), days, stretches, tenant=tenant)
    else:
        raise Refused("bad_value", "Say days and their hours, like monday 09:00-17:00, or a --file.")


# ---------------------------------------------------------------- tenant


@tenants.command("list")
def tenant_list(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the tenants."""
    from workers.commands.house.profiles import list_tenants

    list_tenants(_settings(data_dir), as_json=as_json)


@tenants.command("show")
def tenant_show(tenant: Slug, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show what a tenant says of itself, and what was changed since its file was read."""
    from workers.commands.house.profiles import show

    show(_settings(data_dir), tenant, as_json=as_json)


@tenants.command("set")
def tenant_set(
    tenant: Slug,
    field: Annotated[str, typer.Argument(metavar="FIELD", help="greeting.ar, persona.en, voice.en, recording, …")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A text; on or off for a switch.")],
    data_dir: DataDir = None,
) -> None:
    """Change one thing that a tenant says, or one switch."""
    from workers.commands.house.profiles import set_field

    set_field(_settings(data_dir), tenant, field, value)


@tenants.command("add")
def tenant_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Like those in deploy/tenants.")],
    again: Annotated[bool, typer.Option("--again", help="Also a known one: what was changed since is undone.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a tenant from its file, with a site key and its first people."""
    from workers.commands.house.profiles import add

    add(_settings(data_dir), file, again=again)


# ---------------------------------------------------------------- voice


@voices.command("clone")
def voice_clone(
    tenant: Slug,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters and digits, like sara.")],
    sample: Annotated[Path, typer.Argument(metavar="SAMPLE", help="Audio: 6 to 30 s of one person, 13 is good.")],
    consent_of: Annotated[str, typer.Option(help="Whose voice it is, and who consents to its being copied.")],
    consent_on: Annotated[str, typer.Option(help="The day of the consent, like 2026-11-20.")],
    recorded_by: Annotated[str, typer.Option(help="Who answers for this record.")],
    data_dir: DataDir = None,
) -> None:
    """Keep a person's voice for XTTS, with the consent for exactly this sample."""
    from workers.commands.house.voices import clone

    settings = _settings(data_dir)
    clone(settings, tenant, name, sample, person=consent_of, given_on=consent_on, recorded_by=recorded_by)


@voices.command("list")
def voice_list(tenant: Slug, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List a tenant's cloned voices with their consents."""
    from workers.commands.house.voices import list_voices

    list_voices(_settings(data_dir), tenant, as_json=as_json)


@voices.command("forget")
def voice_forget(
    tenant: Slug,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    data_dir: DataDir = None,
) -> None:
    """Delete a voice's sample and its consent, as when the consent is withdrawn."""
    from workers.commands.house.voices import forget

    forget(_settings(data_dir), tenant, name)
