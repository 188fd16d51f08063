"""The entrance for streams of telephony services and of FreeSWITCH, from the settings.

HATIF_STREAMS_ACCOUNTS names a TOML file:

[[account]]
service = "twilio"
tenant = "demo-clinic"
secret_file = "/run/secrets/twilio-clinic"

[[account]]
service = "freeswitch"
tenant = "demo-shop"
user = "pbx"
secret_file = "/run/secrets/pbx"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from domain.errors import SetupError
from domain.ports import CallStore
from realtime.phone.door import Door
from realtime.phone.reception import Reception
from realtime.phone.refusals import Refusals
from realtime.streams.accounts import Vendors
from realtime.streams.fork import ForkAccount, ForkEntrance
from realtime.streams.plivo import Plivo
from realtime.streams.server import StreamServer
from realtime.streams.twilio import Twilio
from realtime.streams.vendor import Vendor
from storage.accounts import PostgresAccounts
from workers.phone.toml_file import Strict, read_file, read_secret
from workers.settings import Settings, stream_number_list

_PUBLIC_URL = re.compile(r"https://[^\s?#/]+(/[A-Za-z0-9._/-]*)?")
_SERVICES: dict[str, Callable[[str], Vendor]] = {"twilio": Twilio, "plivo": Plivo}


class StreamAccount(Strict):
    service: Literal["twilio", "plivo", "freeswitch"]
    tenant: str
    """Its slug."""
    secret_file: Path
    """With the account's token, or with FreeSWITCH's password; relative to the file of accounts."""
    user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None

    @model_validator(mode="after")
    def _has_user(self) -> Self:
        if (self.user is not None) is not (self.service == "freeswitch"):
            raise ValueError("FreeSWITCH has a user, and a service has none")
        return self


class _File(Strict):
    account: tuple[StreamAccount, ...]


async def stream_server(
    settings: Settings,
    store: CallStore,
    accounts: PostgresAccounts,
    door: Door,
    refusals: Refusals,
    reception: Reception,
) -> StreamServer | None:
    """None where no port is set. Raises SetupError for what is set by half."""
    if not settings.streams_port:
        return None
    vendors, forks = await _accounts(settings, accounts)
    if not vendors and not forks:
        raise SetupError(
            "HATIF_STREAMS_PORT needs HATIF_TWILIO_AUTH_TOKEN, HATIF_PLIVO_AUTH_TOKEN or HATIF_STREAMS_ACCOUNTS."
        )
    if vendors and not _PUBLIC_URL.fullmatch(settings.streams_url):
        raise SetupError('HATIF_STREAMS_URL must be where the services reach us: "https://voice.example.com/phone".')
    numbers: dict[str, str] = {}
    for number, slug in stream_number_list(settings.streams_numbers).items():
        numbers[number] = await _tenant(accounts, slug, "HATIF_STREAMS_NUMBERS")
    if vendors and not numbers:
        raise SetupError("HATIF_STREAMS_PORT needs HATIF_STREAMS_NUMBERS.")

    async def ended(tenant_id: str, call_id: str) -> bool:
        row = await store.call(tenant_id, call_id)
        return row is not None and row.ended_at is not None

    return StreamServer(
        host=settings.host,
        port=settings.streams_port,
        public_url=settings.streams_url.rstrip("/"),
        vendors=vendors,
        numbers=numbers,
        door=door,
        refusals=refusals,
        receive=reception.receive,
        ended=ended,
        forks=ForkEntrance(accounts=forks, door=door, refusals=refusals, receive=reception.receive) if forks else None,
    )


async def _accounts(
    settings: Settings, accounts: PostgresAccounts
) -> tuple[dict[str, Vendors], tuple[ForkAccount, ...]]:
    """Raises SetupError."""
    ours = {"twilio": settings.twilio_auth_token, "plivo": settings.plivo_auth_token}
    tokens = {service: token.get_secret_value() for service, token in ours.items() if token is not None}
    if not all(tokens.values()):
        raise SetupError("HATIF_TWILIO_AUTH_TOKEN and HATIF_PLIVO_AUTH_TOKEN must not be empty where they are set.")
    theirs: dict[str, dict[str, Vendor]] = {service: {} for service in _SERVICES}
    forks: list[ForkAccount] = []
    for entry, secret in _listed(settings.streams_accounts):
        tenant_id = await _tenant(accounts, entry.tenant, "HATIF_STREAMS_ACCOUNTS")
        if entry.user is not None:
            forks.append(ForkAccount(user=entry.user, password=secret, tenant_id=tenant_id))
        elif tenant_id in theirs[entry.service]:
            raise SetupError(f"HATIF_STREAMS_ACCOUNTS: {entry.tenant} has two accounts at {entry.service}.")
        else:
            theirs[entry.service][tenant_id] = _SERVICES[entry.service](secret)
    if len({fork.user for fork in forks}) < len(forks):
        raise SetupError("HATIF_STREAMS_ACCOUNTS: two FreeSWITCHes have the same user.")
    vendors = {
        service: Vendors(ours=made(tokens[service]) if service in tokens else None, tenants=theirs[service])
        for service, made in _SERVICES.items()
        if service in tokens or theirs[service]
    }
    return vendors, tuple(forks)


def _listed(file: Path | None) -> list[tuple[StreamAccount, str]]:
    """Each account, with its secret. Raises SetupError."""
    if file is None:
        return []
    return [
        (entry, read_secret(file.parent / entry.secret_file, f"{entry.tenant} at {entry.service}"))
        for entry in read_file("HATIF_STREAMS_ACCOUNTS", file, _File).account
    ]


async def _tenant(accounts: PostgresAccounts, slug: str, setting: str) -> str:
    """Raises SetupError."""
    if (tenant_id := await accounts.tenant_id(slug)) is None:
        raise SetupError(f"{setting}: there is no tenant {slug}.")
    return tenant_id
