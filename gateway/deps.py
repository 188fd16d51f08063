"""What the gateway is handed: ports, keys and configuration, put together in `workers/gateway.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from domain.accounts import Accounts
from domain.acting.action import ActionStore
from domain.acting.connection import ConnectionBook, Vendors
from domain.acting.orders import OrderShelf
from domain.acting.tenant_tool import TenantTools, ToolRunner
from domain.acting.tool_server import ServerReader, ToolServers
from domain.call import Outcome
from domain.campaigns.book import CampaignAct, CampaignBook
from domain.desk.acts import Acceptance, Accepted, CallbackClaimed, GiveBack, Requeue, Reschedule, WrapUp
from domain.desk.board import LiveCalls
from domain.desk.callbacks import Callbacks
from domain.desk.handoffs import Desk, HandoffWaker
from domain.desk.hooks import DeskHooks
from domain.desk.people import Presences, Team
from domain.handoff import HandoffAsked
from domain.knowledge.document import Document
from domain.knowledge.ports import Documents, Knowledge
from domain.line import CallStart, Connected, JoinAsked, PartyMode, SessionDescription
from domain.media.recording import Consents, RecordingShelf
from domain.messaging import MessagingAccounts
from domain.outbound.calling_out import OutboundStanding
from domain.outbound.dialling import DialLimits, NumberPlan
from domain.outbound.opening import Opening
from domain.ports import CallStore, KeyRing, LiveFeed, ReadingAudit, Tenants
from domain.texting.book import TextBook
from domain.threads.thread import ThreadActs, Threads
from domain.voices.cloning import ClonedVoices
from gateway.metrics import Metrics
from gateway.passwords import Passwords
from gateway.throttle import LoginThrottle
from gateway.tokens import Tokens


class Calls(Protocol):
    """The durable side of a call. All raise Unavailable("temporal", ...) when it can't be reached."""

    async def connect(self, start: CallStart, offer: SessionDescription) -> Connected:
        """Start the call's workflow and wait for its line. Raises LineBusy, or Refused("bad_offer")."""
        ...

    async def reconnect(self, tenant_id: str, call_id: str, offer: SessionDescription) -> Connected:
        """Ask a living call for another line. Raises LineLost when it is over, LineBusy, Refused("bad_offer")."""
        ...

    async def end(self, tenant_id: str, call_id: str, outcome: Outcome) -> None:
        """Ask for the call's end; a call that is over is left alone."""
        ...

    async def join(self, tenant_id: str, call_id: str, asked: JoinAsked) -> Connected:
        """Join a person's line to a call; an earlier line of the same person is closed.

        Raises LineBusy, LineLost when the call is over, Unavailable("line", ...), Refused("bad_offer").
        """
        ...

    async def leave(self, tenant_id: str, call_id: str, party_id: str) -> None:
        """Part a person from a call. Raises LineLost, Unavailable("line", ...)."""
        ...

    async def set_party_mode(self, tenant_id: str, call_id: str, party_id: str, mode: PartyMode) -> None:
        """Raises LineLost, Unavailable("line", ...), Refused("not_in_call")."""
        ...

    async def guide(self, tenant_id: str, call_id: str, text: str) -> None:
        """Give the agent a supervisor's words. Raises LineLost, Unavailable("line", ...), Refused("bad_guidance")."""
        ...

    async def request_handoff(self, tenant_id: str, call_id: str, asked: HandoffAsked) -> str:
        """Have a person brought into the call; the id of the handoff that is under way then. Raises LineLost."""
        ...

    async def reach(self) -> None:
        """Raises Unavailable("temporal", ...) when nothing of this can be asked at the moment."""
        ...


class DeskActs(Protocol):
    """The durable side of handoffs, callbacks and actions. All raise Refused with a code of domain.desk.acts."""

    async def accept(self, tenant_id: str, handoff_id: str, answer: Acceptance) -> Accepted: ...

    async def decline(self, tenant_id: str, handoff_id: str, answer: Acceptance) -> None: ...

    async def give_back(self, tenant_id: str, handoff_id: str, asked: GiveBack) -> None: ...

    async def requeue(self, tenant_id: str, handoff_id: str, asked: Requeue) -> None: ...

    async def finish(self, tenant_id: str, handoff_id: str, advisor_id: str) -> None: ...

    async def wrap_up(self, tenant_id: str, handoff_id: str, form: WrapUp) -> None: ...

    async def claim_callback(self, tenant_id: str, callback_id: str, advisor_id: str) -> CallbackClaimed: ...

    async def callback_done(self, tenant_id: str, callback_id: str, advisor_id: str) -> None: ...

    async def callback_failed(self, tenant_id: str, callback_id: str, advisor_id: str) -> None: ...

    async def reschedule_callback(self, tenant_id: str, callback_id: str, asked: Reschedule) -> float: ...

    async def cancel_callback(self, tenant_id: str, callback_id: str, user_id: str) -> None: ...

    async def decide(self, tenant_id: str, call_id: str, key: str, *, allow: bool) -> None: ...


class OutboundRequests(Protocol):
    """Calls that we make. All raise Unavailable("temporal", …), and NotFound for a request that nobody made."""

    async def begin(self, tenant_id: str, key: str, number: str, tries: int, opening: Opening | None = None) -> str:
        """The request's id, which the call of its first try has, too. The same key is the same request.

        Raises Refused("bad_number"), and Refused("key_taken") for a key of another number's.
        """
        ...

    async def standing(self, tenant_id: str, call_id: str) -> OutboundStanding: ...

    async def stop(self, tenant_id: str, call_id: str) -> None: ...


class CampaignRequests(Protocol):
    """Campaigns as they are run. Raises Unavailable("temporal", …), and NotFound for one that is not under way."""

    async def ask(self, tenant_id: str, campaign_id: str, act: CampaignAct) -> None: ...


class Ingests(Protocol):
    async def begin(self, document: Document) -> None:
        """Have the document's present revision indexed, or all of it removed where it is REMOVING. Idempotent.

        Raises Unavailable("temporal", …).
        """
        ...


class PayloadDecoder(Protocol):
    """Temporal's remote codec, for the calls of one tenant."""

    async def decode(self, tenant_id: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
        """`{"payloads": […]}` as Temporal's JSON, decrypted, and the ids of the calls that were read.

        Raises Refused("not_decodable") for nonsense, for another tenant's payload, and for an erased key.
        """
        ...


Check = Callable[[], Awaitable[None]]
"""Raises when the part can't be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    own_origins: frozenset[str]
    """Under which browsers reach us; empty means whatever address the request was sent to."""
    codec_origins: frozenset[str] = frozenset()
    """The Temporal UI's."""
    ice_servers: tuple[dict[str, Any], ...] = ()
    pages_dir: Path
    """The built pages, `web/dist`; may be missing."""
    hook_origin: str | None = None
    """Under which messaging services call our webhooks; None: whatever address the request was sent to."""
    tls: bool = False
    dials_for: frozenset[str] = frozenset()
    """Slugs of the tenants that have a trunk by which people may be called."""
    phone_limits: Mapping[str, tuple[DialLimits, ...]] = field(default_factory=dict[str, tuple[DialLimits, ...]])
    """By a tenant's slug: what each of its trunks may ring."""
    private_vendor_hosts: frozenset[str] = frozenset()
    """Hosts, as "host" or "host:port", at which a connection may be although they are none of its vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayDeps:
    accounts: Accounts
    team: Team
    presences: Presences
    desk: Desk
    callbacks: Callbacks
    live_calls: LiveCalls
    desk_acts: DeskActs
    outbound: OutboundRequests
    campaigns: CampaignBook
    campaign_requests: CampaignRequests
    number_plan: NumberPlan
    desk_hooks: DeskHooks
    check_hook_url: Callable[[str], None]
    """Raises Rejected for an address that no foreign desk may have."""
    connection_book: ConnectionBook
    vendors: Vendors
    waker: HandoffWaker
    feed: LiveFeed
    store: CallStore
    actions: ActionStore
    tenants: Tenants
    keys: KeyRing
    audit: ReadingAudit
    recordings: RecordingShelf
    consents: Consents
    calls: Calls
    threads: Threads
    thread_acts: ThreadActs
    messaging: MessagingAccounts
    texts: TextBook
    documents: Documents
    ingests: Ingests
    knowledge: Knowledge
    tools: TenantTools
    tool_runner: ToolRunner
    orders: OrderShelf
    tool_servers: ToolServers
    server_reader: ServerReader
    voices: ClonedVoices
    can_clone: Callable[[], Awaitable[bool | None]]
    """Whether the speech process can copy voices; None while it is away."""
    decoder: PayloadDecoder
    tokens: Tokens
    config: GatewayConfig
    wall_clock: Callable[[], float]
    """Unix seconds."""
    throttle: LoginThrottle
    hook_throttle: LoginThrottle
    """Of wrong signatures."""
    passwords: Passwords = field(default_factory=Passwords)
    metrics: Metrics = field(default_factory=Metrics)
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    """By the part's name, for `/readyz`."""
    closing: tuple[Check, ...] = ()
    """Connections that end with the app."""


def deps_of(connection: HTTPConnection) -> GatewayDeps:
    """Of a request, or of a socket."""
    deps = connection.app.state.deps
    assert isinstance(deps, GatewayDeps)
    return deps


Deps = Annotated[GatewayDeps, Depends(deps_of)]
