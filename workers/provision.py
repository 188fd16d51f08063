"""First start and every start after it: the tenants of deploy/tenants, a site key and a first admin for each."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from domain.accounts import SAME_ORIGIN, Accounts, Role, SiteKey, User
from domain.errors import Rejected, SetupError
from domain.ports import Tenants
from domain.tenant import TenantProfile
from domain.tenant_file.profile import parse_tenant
from gateway.passwords import hash_password
from storage.accounts import PostgresAccounts
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.tenants import PostgresTenants
from workers.embedded_postgres import app_url
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


async def provision(settings: Settings) -> list[tuple[str, str]]:
    """Bring the files' tenants into the migrated database of `settings`.

    Returns who signs in and the password, for those admins only that were made just now: it is shown once.
    Raises SetupError for a bad file, Unavailable for a database that is away.
    """
    profiles = read_tenants(TENANTS_DIR)
    database = Database(app_url(settings))
    try:
        tenants = PostgresTenants(database, PostgresKeyRing(database, master_key(settings.keys_dir)))
        return await bring(profiles, tenants, PostgresAccounts(database))
    finally:
        await database.close()


def read_tenants(folder: Path) -> list[TenantProfile]:
    """Every *.toml of the folder, in order of name. Raises SetupError for the first mistake."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SetupError(f"There is no tenant: {folder} has no *.toml file.")
    profiles: dict[str, TenantProfile] = {}
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"{path.name}: not readable as UTF-8 text: {error}") from error
        profile = parse_tenant(text, path.name, tenant_id_of)
        if profile.slug in profiles:
            raise SetupError(f"{path.name}: slug: another file has {profile.slug!r} already")
        profiles[profile.slug] = profile
    return list(profiles.values())


async def bring(profiles: list[TenantProfile], tenants: Tenants, accounts: Accounts) -> list[tuple[str, str]]:
    """See `provision`."""
    listed = {key.tenant_id for key in await accounts.listed_site_keys()}
    first_passwords: list[tuple[str, str]] = []
    for profile in profiles:
        await tenants.save(profile)
        if profile.tenant_id not in listed:
            await accounts.save_site_key(_site_key(profile))
        made = await _first_admin(profile, accounts)
        if made is not None:
            first_passwords.append(made)
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


async def _first_admin(profile: TenantProfile, accounts: Accounts) -> tuple[str, str] | None:
    """None when the tenant has its admin already, whatever the password is by now."""
    email = f"admin@{profile.slug}.local"
    if await accounts.user_by_email(profile.tenant_id, email) is not None:
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    admin = User(
        user_id=str(uuid.uuid5(_NAMESPACE, f"admin/{profile.slug}")),
        tenant_id=profile.tenant_id,
        email=email,
        name="Administrator",
        role=Role.ADMIN,
    )
    try:
        await accounts.create_user(admin, hash_password(password))
    except Rejected:  # another start made it in this moment, and shows its password
        return None
    return email, password
