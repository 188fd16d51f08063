"""First start and every start after it: the tenants of deploy/tenants, each with a site key, an admin and its team."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Sequence
from pathlib import Path

from domain.accounts import SAME_ORIGIN, Accounts, Role, SiteKey, User
from domain.acting.orders import OrderImport
from domain.desk.people import Team
from domain.errors import Rejected, SetupError
from domain.ports import Tenants
from domain.tenant import TenantProfile
from domain.tenant_file.profile import TenantFile, parse_file
from domain.tenant_file.team import Colleague
from gateway.passwords import hash_password
from storage.accounts import PostgresAccounts
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from storage.tools.orders import PostgresOrders
from workers.embedded_postgres import app_url
from workers.launch.first_sign_in import FirstPassword
from workers.settings import Settings

TENANTS_DIR = Path(__file__).resolve().parent.parent / "deploy" / "tenants"
MAX_CONCURRENT_CALLS = 20
"""Of one site key: a stranger with the page open can't take every line of the house."""
PASSWORD_BYTES = 12
"""96 random bits, 16 characters: nobody guesses it, and it can be typed off a screen once."""

_NAMESPACE = uuid.UUID("6f1d7a5e-0c59-5b0e-9a3c-68617469662e")


def tenant_id_of(slug: str) -> str:
    """The same for a slug on every machine and at every start."""
    return str(uuid.uuid5(_NAMESPACE, f"tenant/{slug}"))


async def provision(settings: Settings) -> list[FirstPassword]:
    """Bring the files' tenants into the migrated database of `settings`.

    Returns the passwords of those people only who were made just now.
    Raises SetupError for a bad file, Unavailable for a database that is away.
    """
    files = read_files(TENANTS_DIR)
    database = Database(app_url(settings))
    try:
        keys = PostgresKeyRing(database, master_key(settings.keys_dir))
        tenants, orders = PostgresTenants(database, keys), PostgresOrders(database, keys)
        return await bring(files, tenants, PostgresAccounts(database), PostgresTeam(database), orders)
    finally:
        await database.close()


def read_tenants(folder: Path) -> list[TenantProfile]:
    """The profiles in the files of the folder; see `read_files`."""
    return [file.profile for file in read_files(folder)]


def read_files(folder: Path) -> list[TenantFile]:
    """Every *.toml of the folder, in order of name. Raises SetupError for the first mistake."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise SetupError(f"There is no tenant: {folder} has no *.toml file.")
    files: dict[str, TenantFile] = {}
    for path in paths:
        file = read_file(path)
        if file.profile.slug in files:
            raise SetupError(f"{path.name}: slug: another file has {file.profile.slug!r} already")
        files[file.profile.slug] = file
    return list(files.values())


def read_file(path: Path) -> TenantFile:
    """Raises SetupError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path.name}: not readable as UTF-8 text: {error}") from error
    return parse_file(text, path.name, tenant_id_of)


async def bring(
    files: Sequence[TenantFile], tenants: Tenants, accounts: Accounts, team: Team, orders: OrderImport
) -> list[FirstPassword]:
    """See `provision`. What people changed since the first start stays as they changed it."""
    listed = {key.tenant_id for key in await accounts.listed_site_keys()}
    first_passwords: list[FirstPassword] = []
    for file in files:
        profile = file.profile
        await tenants.save(profile)
        await orders.bring(profile.tenant_id, file.orders, all_of_them=False)
        if profile.tenant_id not in listed:
            await accounts.save_site_key(_site_key(profile))
        known = {user.email.lower() for user in await accounts.users(profile.tenant_id)}
        if not known.intersection(colleague.email for colleague in file.team.people):
            for queue in file.team.queues:
                await team.save_queue(profile.tenant_id, queue)
        for colleague in (_administrator(profile), *file.team.people):
            if colleague.email in known:
                continue
            password = await _made(colleague, profile, accounts)
            if password is not None:
                first_passwords.append(FirstPassword(company=profile.slug, email=colleague.email, password=password))
    return first_passwords


def _site_key(profile: TenantProfile) -> SiteKey:
    return SiteKey(
        site_key_id=str(uuid.uuid5(_NAMESPACE, f"site-key/{profile.slug}")),
        tenant_id=profile.tenant_id,
        key=f"site_{secrets.token_urlsafe(18)}",
        allowed_origins=(SAME_ORIGIN,),
        max_concurrent_calls=MAX_CONCURRENT_CALLS,
        listed=True,
    )


def _administrator(profile: TenantProfile) -> Colleague:
    return Colleague(email=f"admin@{profile.slug}.local", name="Administrator", role=Role.ADMIN)


async def _made(colleague: Colleague, profile: TenantProfile, accounts: Accounts) -> str | None:
    """Their password; None when somebody has the e-mail address already."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = User(
        user_id=str(uuid.uuid5(_NAMESPACE, f"user/{profile.slug}/{colleague.email}")),
        tenant_id=profile.tenant_id,
        email=colleague.email,
        name=colleague.name,
        role=colleague.role,
        languages=colleague.languages,
        skills=colleague.skills,
        queues=colleague.queues,
    )
    try:
        await accounts.create_user(user, await asyncio.to_thread(hash_password, password))
    except Rejected:  # another start made them in this moment, and shows the password
        return None
    return password
