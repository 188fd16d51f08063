"""The store as the commands open it: through the application role, tenant by tenant."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.errors import Refused, SetupError, Unavailable
from storage.accounts import PostgresAccounts
from storage.actions import PostgresActions
from storage.audit import PostgresAudit
from storage.calls import PostgresCalls
from storage.documents import PostgresDocuments
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from storage.threads.sending import PostgresThreads
from storage.threads.texts import PostgresTexts
from storage.tools.orders import PostgresOrders
from storage.voices import PostgresVoices
from workers.embedded_postgres import app_url
from workers.settings import Settings

OPERATOR = "operator"
"""Who an act of the command is audited as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    calls: PostgresCalls
    documents: PostgresDocuments
    keys: PostgresKeyRing
    accounts: PostgresAccounts
    team: PostgresTeam
    profiles: PostgresTenants
    audit: PostgresAudit
    orders: PostgresOrders
    threads: PostgresThreads
    texts: PostgresTexts
    actions: PostgresActions
    voices: PostgresVoices
    tenants: dict[str, str]
    """The slug by the id of each tenant that was asked for."""

    @property
    def one_tenant(self) -> str:
        """The id, for what is done to one tenant. Raises Refused when there are several to choose from."""
        if len(self.tenants) != 1:
            named = ", ".join(sorted(self.tenants.values())) or "none yet"
            raise Refused("which_tenant", f"Say which tenant is meant with --tenant: {named}.")
        return next(iter(self.tenants))


@asynccontextmanager
async def opened(settings: Settings, tenant: str | None) -> AsyncGenerator[Store]:
    """`tenant` is a slug; None means every tenant with a listed site key. Raises SetupError, Refused."""
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        raise SetupError(f"There is no database in {settings.data_dir} yet: run hatif up, or give its --data-dir.")
    database = Database(app_url(settings))
    keys = PostgresKeyRing(database, master_key(settings.keys_dir))
    accounts, profiles = PostgresAccounts(database), PostgresTenants(database, keys)
    try:
        yield Store(
            calls=PostgresCalls(database, keys),
            documents=PostgresDocuments(database, keys),
            keys=keys,
            accounts=accounts,
            team=PostgresTeam(database),
            profiles=profiles,
            audit=PostgresAudit(database, keys),
            orders=PostgresOrders(database, keys),
            threads=PostgresThreads(database, keys),
            texts=PostgresTexts(database, keys),
            actions=PostgresActions(database, keys),
            voices=PostgresVoices(database, keys),
            tenants=await _tenants(accounts, profiles, tenant),
        )
    except Unavailable as error:
        raise SetupError("The database does not answer: start the product with hatif up.") from error
    finally:
        await database.close()


async def _tenants(accounts: PostgresAccounts, tenants: PostgresTenants, slug: str | None) -> dict[str, str]:
    if slug is not None:
        tenant_id = await accounts.tenant_id(slug)
        if tenant_id is None:
            raise Refused("unknown_tenant", f"There is no tenant {slug}.")
        return {tenant_id: slug}
    found: dict[str, str] = {}
    for key in await accounts.listed_site_keys():
        if key.tenant_id not in found:
            profile = await tenants.profile(key.tenant_id)
            found[key.tenant_id] = key.tenant_id if profile is None else profile.slug
    return found
