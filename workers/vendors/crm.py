"""Which CRM a tenant has connected, opened once and kept while its connection stays as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from connectors.auth import Auth, BasicKey, BearerKey, OAuth2, OAuthApp
from connectors.consent import PLACES
from connectors.http import Connection
from domain.acting.afterwards import NOTHING, Wanted, wanted
from domain.acting.connection import ConnectionRow
from domain.addresses import is_loopback
from domain.credentials import Secrets
from domain.crm import Crm
from domain.errors import Rejected
from storage.actions import PostgresAttempts
from storage.connections import PostgresConnections, PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from workers.settings import Settings, hosts_in

CONNECTORS: Mapping[str, str] = {
    "freshdesk": "connectors.freshdesk:Freshdesk",
    "hubspot": "connectors.hubspot:HubSpot",
    "salesforce": "connectors.salesforce:Salesforce",
    "zendesk": "connectors.zendesk:Zendesk",
}
"""Where each is, by the name that a connection says; brought in by the first tenant who has one, for a vendor's own
library takes long to load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Hosts, as "host" or "host:port", that the operator allows beside the vendors' own."""

    hosts: frozenset[str] = frozenset()
    ca_file: Path | None = None
    """The only authority that is trusted there."""

    def ca_of(self, url: str) -> Path | None:
        parts = urlsplit(url)
        return self.ca_file if {parts.hostname or "", parts.netloc} & self.hosts else None


def inside_of(settings: Settings) -> Inside:
    return Inside(hosts=hosts_in(settings.private_vendor_hosts), ca_file=settings.private_vendor_ca)


class ConnectedCrms:
    """One for a process; `of` answers for any tenant."""

    def __init__(self, database: Database, keys: PostgresKeyRing, inside: Inside | None = None) -> None:
        self._database = database
        self._keys = keys
        self._inside = inside or Inside()
        self._connections = PostgresConnections(database)
        self._open: dict[str, tuple[ConnectionRow, Crm]] = {}

    async def of(self, tenant_id: str) -> Crm | None:
        """The tenant's first enabled CRM connection. Raises Rejected for one that can't be used as it is written."""
        row = await self.in_use(tenant_id)
        held = self._open.get(tenant_id)
        if held is not None and held[0] == row:
            return held[1]
        if held is not None:
            del self._open[tenant_id]
            await held[1].close()
        if row is None:
            return None
        await load(row)
        held = self._open.get(tenant_id)
        if held is None or held[0] != row:
            held = self._open[tenant_id] = (row, self.opened(row))
        return held[1]

    async def wanted(self, tenant_id: str) -> Wanted:
        """What the CRM that the agent works with wants to be told of calls."""
        row = await self.in_use(tenant_id)
        return NOTHING if row is None else wanted(row.settings)

    async def in_use(self, tenant_id: str) -> ConnectionRow | None:
        """The first enabled one."""
        rows = await self._connections.all(tenant_id)
        return next((row for row in rows if row.enabled and row.system in CONNECTORS), None)

    def opened(self, row: ConnectionRow) -> Crm:
        """A connector for this connection, also one that is only being tried out; `load` it before, close it after."""
        connection = self.connection(row)
        module, _, name = CONNECTORS[row.system].partition(":")
        connector: Callable[[Connection], Crm] = getattr(import_module(module), name)
        return connector(connection)

    def connection(self, row: ConnectionRow) -> Connection:
        """How any vendor of this tenant is reached. Raises Rejected for one that can't be used as it is written."""
        check_address(row.url)
        secrets = PostgresSecrets(self._database, self._keys, row.tenant_id)
        return Connection(
            url=row.url,
            auth=_auth(row, secrets, self._inside),
            attempts=PostgresAttempts(self._database, row.tenant_id),
            ca_file=self._inside.ca_of(row.url),
        )

    async def close(self) -> None:
        for _, crm in self._open.values():
            await crm.close()
        self._open.clear()


async def load(row: ConnectionRow) -> None:
    """Bring in a CRM's connector beside the event loop: Salesforce's own library takes a core's second and more."""
    await asyncio.to_thread(import_module, CONNECTORS[row.system].partition(":")[0])


def check_address(url: str) -> None:
    """Raises Rejected unless it is https, or http on this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(parts.hostname):
        return
    raise Rejected("connections", "the address of a connection begins with https://")


def secret_of(row: ConnectionRow, name: str) -> str:
    """The reference under which one secret of a connection is kept."""
    return f"{row.connection_id}.{name}"


def oauth_app(row: ConnectionRow, inside: Inside) -> OAuthApp:
    """Our application at this vendor. Raises Rejected where none is written down."""
    place, client_id = PLACES.get(row.system), row.settings.get("client_id")
    if place is None or not client_id:
        raise Rejected("connections", "there is no application to agree to")
    return OAuthApp(
        token_url=f"{row.url}{place.exchange}",
        client_id=client_id,
        client_secret_reference=secret_of(row, "client_secret"),
        tokens_reference=row.connection_id,
        body=place.body,
        ca_file=inside.ca_of(row.url),
    )


def _auth(row: ConnectionRow, secrets: Secrets, inside: Inside) -> Auth:
    match row.settings.get("sign_in", "bearer"):
        case "bearer":
            return BearerKey(secrets, secret_of(row, "key"))
        case "basic":
            return BasicKey(secrets, secret_of(row, "key"), user=row.settings.get("user"))
        case "oauth":
            return OAuth2(row.system, oauth_app(row, inside), secrets)
        case _:
            raise Rejected("connections", "a connection signs in by bearer, basic or oauth")
