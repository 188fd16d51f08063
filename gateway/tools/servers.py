"""The MCP servers of the administrator's own tenant: registered, asked what they have, and which of it callers get."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from domain.acting.assurance import Assurance
from domain.acting.tenant_tool import MCP, NAME, TenantTool
from domain.acting.tool_server import MOST_SERVERS, TEXT_ONLY, ListedTool, Listing, ToolServer
from domain.errors import Rejected, Unavailable
from domain.speech import Language
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.words import BothNames
from gateway.tools.own import Examples, Name, Proof, Sentences, Timeout, ToolSecret, refuse_name, shown, token_stays

router = APIRouter(prefix="/v1/tool-servers")

ServerName = Annotated[str, Path(pattern=NAME.pattern)]


class ServerAsked(Body):
    url: Annotated[str, Field(min_length=1, max_length=500)]
    timeout_ms: Timeout = 3_000
    secret: ToolSecret = None
    keep_secret: bool = True
    enabled: bool = True


class OfferAsked(Body):
    remote: Annotated[str, Field(min_length=1, max_length=128)]
    approved: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """The digest of the description that was on the page when it was approved."""
    about: BothNames
    answer: Sentences
    examples: Examples
    asks: Annotated[dict[str, Sentences], Field(max_length=24)] = Field(default_factory=dict[str, Sentences])
    writes: bool
    proof: Proof = None
    """Of one that reads: the output's field with the phone that its caller has to tell."""
    reference: Proof = None
    needs_advisor: bool = False
    timeout_ms: Timeout = 3_000
    enabled: bool = True


@router.get("")
async def listed(admin: Admin, deps: Deps) -> dict[str, Any]:
    return {"servers": [_shown(server) for server in await deps.tool_servers.all(admin.tenant_id)]}


@router.put("/{name}")
async def save(name: ServerName, asked: ServerAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    there = {server.name: server for server in await deps.tool_servers.all(admin.tenant_id)}
    if name not in there and len(there) >= MOST_SERVERS:
        raise Problem(409, "too_many_servers", f"There may be at most {MOST_SERVERS} servers.")
    kept = token_stays(there.get(name), asked.url, asked.keep_secret)
    server = ToolServer(name=name, url=asked.url, timeout_ms=asked.timeout_ms, has_secret=kept, enabled=asked.enabled)
    try:
        deps.server_reader.check(server)
    except Rejected as rejected:
        raise Problem(422, "bad_address", str(rejected)) from rejected
    await deps.tool_servers.save(admin.tenant_id, server, asked.secret)
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_server_saved", name, {})
    return {"server": _shown(replace(server, has_secret=kept or asked.secret is not None))}


@router.delete("/{name}", status_code=204)
async def remove(name: ServerName, admin: Admin, deps: Deps) -> None:
    if not await deps.tool_servers.remove(admin.tenant_id, name):
        raise _no_server()
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_server_removed", name, {})


@router.post("/{name}/test")
async def tried(name: ServerName, admin: Admin, deps: Deps) -> dict[str, Any]:
    """The server's own answer of this moment: what it is, and what it has."""
    server = await _server(name, admin, deps)
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_server_tried", name, {})
    try:
        listing = await deps.server_reader.listing(admin.tenant_id, server)
    except (Rejected, Unavailable) as error:
        code = "rejected" if isinstance(error, Rejected) else "unavailable"
        return {"works": False, "trouble": {"code": code, "text": str(error)}}
    own = [tool for tool in await deps.tools.all(admin.tenant_id) if tool.server == name]
    tools = [_offerable(tool, own, deps) for tool in listing.tools]
    return {"works": True, "product": listing.product, "protocol": listing.protocol, "tools": tools}


@router.put("/{server_name}/tools/{name}")
async def offer(
    server_name: Annotated[str, Path(pattern=NAME.pattern)], name: Name, asked: OfferAsked, admin: Admin, deps: Deps
) -> dict[str, Any]:
    """What comes in and goes out is as the server says it, never as the page says that it did."""
    server = await _server(server_name, admin, deps)
    there = {tool.name: tool for tool in await deps.tools.all(admin.tenant_id)}
    refuse_name(name, there)
    earlier = there.get(name)
    if earlier is not None and earlier.server != server_name:
        raise Problem(409, "name_taken", "Another tool has that name.")
    if asked.writes and asked.proof is not None:
        raise Problem(422, "invalid", "One that writes has no proof: nothing is known of its caller before.")
    if not asked.writes and (asked.reference is not None or asked.needs_advisor):
        raise Problem(422, "invalid", "One that only reads has no reference, and needs nobody to allow it.")
    stands = earlier is not None and (earlier.approved, earlier.remote) == (asked.approved, asked.remote)
    if earlier is not None and stands and earlier.off_because is None:
        # It can be switched off, and its words changed, while its server is away.
        takes, gives, idempotent = earlier.takes, earlier.gives, earlier.idempotent
    else:
        found = await _approved(asked, server, admin, deps)
        takes, gives, idempotent = found.takes, found.gives or TEXT_ONLY, found.idempotent
    tool = TenantTool(
        name=name,
        about=asked.about.words(),
        method=MCP,
        takes=takes,
        gives=gives,
        answer=asked.answer.words(),
        examples={Language.EN: tuple(asked.examples.en), Language.AR: tuple(asked.examples.ar)},
        asks={field: question.words() for field, question in asked.asks.items()},
        assurance=Assurance.NOTHING if asked.proof is None else Assurance.SECOND_FACT,
        proof=asked.proof,
        timeout_ms=asked.timeout_ms,
        enabled=asked.enabled,
        server=server_name,
        remote=asked.remote,
        approved=asked.approved,
        writes=asked.writes,
        idempotent=asked.writes and idempotent,
        needs_advisor=asked.needs_advisor,
        reference=asked.reference,
    )
    deps.tool_runner.check(tool)
    await deps.tools.save(admin.tenant_id, tool, None)
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_saved", name, {})
    return {"tool": shown(tool)}


async def _approved(asked: OfferAsked, server: ToolServer, admin: Admin, deps: Deps) -> ListedTool:
    """Raises a Problem unless the server describes it as the administrator saw it."""
    try:
        listing: Listing = await deps.server_reader.listing(admin.tenant_id, server)
    except (Rejected, Unavailable) as error:
        raise Problem(409, "server_away", str(error)) from error
    found = next((tool for tool in listing.tools if tool.name == asked.remote), None)
    if found is None or found.digest != asked.approved:
        raise Problem(409, "tool_changed", "The server describes this tool otherwise by now; look at it again.")
    if (unfit := deps.server_reader.unfit(found)) is not None:
        raise Problem(422, "bad_schema", unfit)
    if found.only_reads and asked.writes:
        raise Problem(422, "invalid", "The server says that this tool only reads.")
    return found


async def _server(name: str, admin: Admin, deps: Deps) -> ToolServer:
    found = next((server for server in await deps.tool_servers.all(admin.tenant_id) if server.name == name), None)
    if found is None:
        raise _no_server()
    return found


def _offerable(tool: ListedTool, own: list[TenantTool], deps: Deps) -> dict[str, Any]:
    return {
        "remote": tool.name,
        "title": tool.title,
        "about": tool.about,
        "input": dict(tool.takes),
        "output": dict(tool.gives or TEXT_ONLY),
        "only_reads": tool.only_reads,
        "idempotent": tool.idempotent,
        "digest": tool.digest,
        "unfit": deps.server_reader.unfit(tool),
        "offered_as": [each.name for each in own if each.remote == tool.name],
    }


def _shown(server: ToolServer) -> dict[str, Any]:
    return {
        "name": server.name,
        "url": server.url,
        "timeout_ms": server.timeout_ms,
        "has_secret": server.has_secret,
        "enabled": server.enabled,
    }


def _no_server() -> Problem:
    return Problem(404, "not_found", "There is no such server.")
