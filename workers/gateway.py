"""The gateway process: puts the app together over storage and Temporal, and serves it until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
import time
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from temporalio.client import Client
from temporalio.service import RPCError

from domain.addresses import is_loopback
from domain.call import Outcome
from domain.errors import SetupError, Unavailable
from domain.handoff import HandoffAsked
from domain.knowledge.document import Document
from domain.line import CallStart, Connected, JoinAsked, PartyMode, SessionDescription
from domain.outbound.dialling import DialLimits
from gateway import origins
from gateway.app import create_app
from gateway.deps import GatewayConfig, GatewayDeps
from gateway.throttle import LoginThrottle
from gateway.tokens import KEY_FILE, Tokens, new_key_pem, signing_key
from storage.accounts import PostgresAccounts
from storage.actions import PostgresActions
from storage.audit import PostgresAudit
from storage.calls import PostgresCalls
from storage.campaigns.campaigns import PostgresCampaigns
from storage.connections import PostgresConnectionBook
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.hooks import PostgresDeskHooks
from storage.desk.presence import PostgresPresences
from storage.desk.reading import PostgresDesk
from storage.documents import PostgresDocuments
from storage.feed import PostgresFeed
from storage.keys import PostgresKeyRing, master_key
from storage.outbound import PostgresDialBook
from storage.recordings.reader import SealedRecordings
from storage.recordings.rows import PostgresRecordings
from storage.secret_files import read_or_make
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from storage.threads.sending import PostgresThreads
from storage.threads.texts import PostgresTexts
from storage.tools.orders import PostgresOrders
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.tool_servers import PostgresToolServers
from storage.voices import PostgresVoices
from workers.embedded_postgres import app_url
from workers.knowledge.access import knowledge_of
from workers.phone.number_plan import facts_of
from workers.process import notify
from workers.process.lifeline import leave
from workers.process.main import run
from workers.process.serving import listening_socket
from workers.settings import Settings, ice_server_list
from workers.speaking.link import cloning_of
from workers.vendors.correspondence import ConnectedMessaging
from workers.vendors.crm import ConnectedCrms, inside_of
from workers.vendors.foreign_desks import messenger_of
from workers.vendors.tenant_tools import asked_tools_of
from workers.vendors.trying import TriedVendors
from workflows.calls import Calls
from workflows.campaigns.requests import Campaigns
from workflows.codec import EncryptionCodec, PayloadReader
from workflows.converter import data_converter
from workflows.desk import DeskRequests, WaitingHandoffs
from workflows.ingests import Ingests
from workflows.outbound.requests import OutboundCalls
from workflows.threads import ThreadRequests

PAGES_DIR = Path(__file__).resolve().parent.parent / "web" / "dist"
STOP_WITHIN_S = 10
"""Requests in flight when told to stop: the longest, a connect, is answered or given up after eight seconds."""
REACH_WITHIN = timedelta(seconds=2)
"""A connection on a network takes milliseconds, and a lost packet is sent again after one second."""
MAX_CONNECTIONS = 512
"""Open sockets at a time; more are answered 503 at once. A page holds one or two."""


def gateway_config(settings: Settings) -> GatewayConfig:
    """Raises SetupError for what can't be served safely, or is no JSON."""
    tls = _tls_files(settings) is not None
    scheme = "https" if tls else "http"
    own = _origins("HATIF_PUBLIC_ORIGINS", settings.public_origins)
    # The UI runs beside us, on loopback, unless a deployment says where.
    codec = _origins("HATIF_TEMPORAL_UI_ORIGINS", settings.temporal_ui_origins)
    phones = _phone_limits(settings)
    return GatewayConfig(
        own_origins=own or origins.of_address(scheme, settings.host, settings.gateway_port),
        codec_origins=codec or origins.of_address("http", "127.0.0.1", settings.temporal_ui_port),
        ice_servers=tuple(ice_server_list(settings.ice_servers)),
        pages_dir=PAGES_DIR,
        hook_origin=settings.hook_origin,
        tls=tls or any(origin.startswith("https://") for origin in own),
        private_vendor_hosts=inside_of(settings).hosts,
        dials_for=frozenset(slug for slug, limits in phones.items() if any(trunk.regions for trunk in limits)),
        phone_limits=phones,
    )


def _phone_limits(settings: Settings) -> dict[str, tuple[DialLimits, ...]]:
    """By the slug of whose trunks they are. Raises SetupError."""
    if settings.sip_trunks is None or not settings.sip_port:
        return {}
    # The SIP stack comes along with it.
    from workers.phone.trunks import trunk_entries

    limits: dict[str, tuple[DialLimits, ...]] = {}
    for entry in trunk_entries(settings.sip_trunks):
        limits[entry.tenant] = (*limits.get(entry.tenant, ()), entry.limits())
    return limits


def _tls_files(settings: Settings) -> tuple[Path, Path] | None:
    if settings.tls_cert is None and settings.tls_key is None:
        if is_loopback(settings.host):
            return None
        raise SetupError(
            f"The gateway listens on {settings.host} only with TLS: set HATIF_TLS_CERT and HATIF_TLS_KEY, "
            "or leave HATIF_HOST on 127.0.0.1."
        )
    if settings.tls_cert is None or settings.tls_key is None:
        raise SetupError("TLS needs both HATIF_TLS_CERT and HATIF_TLS_KEY.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:
        reason = error.strerror or "they are not a certificate and its key in PEM"
        raise SetupError(f"{settings.tls_cert} and {settings.tls_key} can't be used for TLS: {reason}.") from error
    return settings.tls_cert, settings.tls_key


def _origins(name: str, listed: str) -> frozenset[str]:
    found = [origin.strip().rstrip("/").lower() for origin in listed.split(",") if origin.strip()]
    for origin in found:
        if not origins.is_origin(origin):
            raise SetupError(f'{name}: "{origin}" is not an origin such as https://voice.example.com.')
    return frozenset(found)


class CallsWhenReachable:
    """Opens Temporal's connection at first need: the gateway starts, and serves pages, while Temporal is away."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._calls = Calls(client, codec)
        self._reached = False

    async def connect(self, start: CallStart, offer: SessionDescription) -> Connected:
        await self.reach()
        return await self._calls.connect(start, offer)

    async def reconnect(self, tenant_id: str, call_id: str, offer: SessionDescription) -> Connected:
        await self.reach()
        return await self._calls.reconnect(tenant_id, call_id, offer)

    async def end(self, tenant_id: str, call_id: str, outcome: Outcome) -> None:
        await self.reach()
        await self._calls.end(tenant_id, call_id, outcome)

    async def join(self, tenant_id: str, call_id: str, asked: JoinAsked) -> Connected:
        await self.reach()
        return await self._calls.join(tenant_id, call_id, asked)

    async def leave(self, tenant_id: str, call_id: str, party_id: str) -> None:
        await self.reach()
        await self._calls.leave(tenant_id, call_id, party_id)

    async def set_party_mode(self, tenant_id: str, call_id: str, party_id: str, mode: PartyMode) -> None:
        await self.reach()
        await self._calls.set_party_mode(tenant_id, call_id, party_id, mode)

    async def guide(self, tenant_id: str, call_id: str, text: str) -> None:
        await self.reach()
        await self._calls.guide(tenant_id, call_id, text)

    async def request_handoff(self, tenant_id: str, call_id: str, asked: HandoffAsked) -> str:
        await self.reach()
        return await self._calls.request_handoff(tenant_id, call_id, asked)

    async def reach(self, again: bool = False) -> None:
        """Raises Unavailable("temporal", …); with `again` it asks even when it had an answer before."""
        if self._reached and not again:
            return
        try:
            serving = await self._client.service_client.check_health(timeout=REACH_WITHIN)
        except (RuntimeError, RPCError) as error:
            # A first connection that fails is a bare RuntimeError.
            raise Unavailable("temporal", "no connection", 2_000) from error
        if not serving:
            raise Unavailable("temporal", "it is not serving", 2_000)
        self._reached = True


class IngestsWhenReachable:
    """See CallsWhenReachable, whose look at Temporal it shares."""

    def __init__(self, ingests: Ingests, calls: CallsWhenReachable) -> None:
        self._ingests = ingests
        self._calls = calls

    async def begin(self, document: Document) -> None:
        await self._calls.reach()
        await self._ingests.begin(document)


async def _temporal(settings: Settings, codec: EncryptionCodec) -> Client:
    """Which need not be up yet."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(codec),
        lazy=True,
    )


def _messaging(settings: Settings, database: Database, keys: PostgresKeyRing) -> ConnectedMessaging:
    crms = ConnectedCrms(database, keys, inside_of(settings))
    return ConnectedMessaging(database, keys, PostgresTenants(database, keys), crms, settings.hook_origin)


async def build(settings: Settings, config: GatewayConfig, database: Database) -> FastAPI:
    """The app over real stores and Temporal; neither has to be up yet. Raises SetupError for its secrets."""
    pem, _ = read_or_make(settings.keys_dir / KEY_FILE, new_key_pem)
    keys = PostgresKeyRing(database, master_key(settings.keys_dir))
    codec = EncryptionCodec(keys)
    client = await _temporal(settings, codec)

    async def postgres_answers() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    calls = CallsWhenReachable(client, codec)
    knowledge = knowledge_of(settings)
    feed = PostgresFeed(database)
    store = PostgresCalls(database, keys)
    recordings = PostgresRecordings(database)
    tool_runner, server_reader = asked_tools_of(settings, database, keys)

    return create_app(
        GatewayDeps(
            accounts=PostgresAccounts(database),
            team=PostgresTeam(database),
            presences=PostgresPresences(database),
            desk=PostgresDesk(database, keys),
            callbacks=PostgresCallbacks(database, keys),
            live_calls=store,
            desk_acts=DeskRequests(client, codec),
            outbound=OutboundCalls(client, codec, PostgresDialBook(database, keys)),
            campaigns=PostgresCampaigns(database, keys),
            campaign_requests=Campaigns(client, codec),
            number_plan=facts_of,
            desk_hooks=PostgresDeskHooks(database, keys),
            check_hook_url=messenger_of(settings).check,
            connection_book=PostgresConnectionBook(database, keys),
            vendors=TriedVendors(database, keys, inside_of(settings)),
            waker=WaitingHandoffs(client, PostgresHandoffs(database, keys)),
            feed=feed,
            store=store,
            actions=PostgresActions(database, keys),
            tenants=PostgresTenants(database, keys),
            keys=keys,
            audit=PostgresAudit(database, keys),
            recordings=SealedRecordings(recordings, keys, settings.recordings_folder),
            consents=recordings,
            calls=calls,
            threads=PostgresThreads(database, keys),
            texts=PostgresTexts(database, keys),
            thread_acts=ThreadRequests(client, codec),
            messaging=_messaging(settings, database, keys),
            documents=PostgresDocuments(database, keys),
            ingests=IngestsWhenReachable(Ingests(client, codec), calls),
            knowledge=knowledge,
            tools=PostgresTenantTools(database, keys),
            tool_runner=tool_runner,
            orders=PostgresOrders(database, keys),
            tool_servers=PostgresToolServers(database, keys),
            server_reader=server_reader,
            voices=PostgresVoices(database, keys),
            can_clone=cloning_of(settings),
            decoder=PayloadReader(keys),
            tokens=Tokens(signing_key(pem), time.time),
            config=config,
            wall_clock=time.time,
            throttle=LoginThrottle(time.monotonic),
            hook_throttle=LoginThrottle(time.monotonic),
            checks={"Postgres": postgres_answers, "Temporal": lambda: calls.reach(again=True)},
            closing=(knowledge.close, feed.close),
        )
    )


class _Server(uvicorn.Server):
    """Tells the supervisor when requests are taken, and ends by returning rather than by the signal itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify.ready()


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let requests in flight end. Raises SetupError."""
    config = gateway_config(settings)
    tls = _tls_files(settings)
    listener = listening_socket("The gateway", settings.host, settings.gateway_port)
    database = Database(app_url(settings))
    try:
        app = await build(settings, config, database)
        server = _Server(
            uvicorn.Config(
                app,
                # Its access log writes whole paths and queries; the app logs routes and ids itself.
                access_log=False,
                log_config=None,
                server_header=False,
                # A reverse proxy on this machine says who the client is; nobody else may.
                proxy_headers=True,
                forwarded_allow_ips="127.0.0.1",
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=STOP_WITHIN_S,
                ssl_certfile=tls[0] if tls else None,
                ssl_keyfile=tls[1] if tls else None,
            )
        )
        await server.serve([listener])
    finally:
        listener.close()
        await database.close()


def main() -> int:
    settings = Settings()
    return run(lambda: serve(settings))


if __name__ == "__main__":
    leave(main())
