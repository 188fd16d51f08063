"""Tools of the MCP servers that tenants registered: asked and done while they are still what was approved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from connectors.mcp.client import McpTools, Registered
from connectors.mcp.server import SYSTEM
from domain.acting.tenant_tool import TenantTool
from domain.acting.tool_server import TEXT_ONLY, ListedTool, Listing, ToolServer, standing
from domain.errors import NotFound, Refused, Rejected
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.tool_servers import PostgresToolServers
from tools.references import inlined
from tools.schemas import check_schema

log = structlog.get_logger(__name__)

SLOT_TYPES = ("string", "integer")
"""What a caller can say as one value."""
LOOKED_S = 60.0
"""How long what a server said of its tools is believed for a read: a caller waits, and a list takes a round trip. What
writes is looked at each time."""


class ServerTools:
    """Implements domain.acting.tool_server.ServerReader."""

    def __init__(
        self,
        servers: PostgresToolServers,
        tools: PostgresTenantTools,
        mcp: McpTools,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._tools = tools
        self._mcp = mcp
        self._clock = clock
        self._looked: dict[Registered, tuple[float, Listing]] = {}

    def check(self, server: ToolServer) -> None:
        self._mcp.check(server)

    async def listing(self, tenant_id: str, server: ToolServer) -> Listing:
        at = await self._at(tenant_id, server)
        listing = await self._look(at)
        for tool in await self._tools.all(tenant_id):
            why = standing(tool, listing.tools) if tool.server == server.name and tool.off_because is None else None
            if why is not None:
                await self._switch_off(tenant_id, tool, why)
        return listing

    def unfit(self, listed: ListedTool) -> str | None:
        try:
            check_schema(inlined(listed.takes, "input"), "input")
            check_schema(inlined(gives_of(listed), "output"), "output")
        except Refused as refused:
            return str(refused)
        for field in listed.takes.get("required", ()):
            if not can_be_said(listed.takes, str(field)):
                return f"input: {str(field)[:40]} is neither a string nor an integer, and can't be asked for."
        return None

    async def read(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> Any:
        """Raises NotFound, Rejected, Unavailable."""
        if tool.writes:
            raise Rejected(SYSTEM, "it has an effect, and is not asked for a try")
        at = await self._of(tenant_id, tool)
        looked = self._looked.get(at)
        fresh = looked is not None and self._clock() - looked[0] < LOOKED_S
        listing = looked[1] if looked is not None and fresh else await self._look(at)
        return await self._mcp.read(at, await self._approved(tenant_id, tool, listing), slots, tool.timeout_ms)

    async def write(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> Any:
        """Raises as connectors.mcp.client.McpTools.write does."""
        at = await self._of(tenant_id, tool)
        return await self._mcp.write(at, await self._approved(tenant_id, tool, await self._look(at)), slots)

    async def _approved(self, tenant_id: str, tool: TenantTool, listing: Listing) -> ListedTool:
        why = standing(tool, listing.tools)
        if why is not None:
            await self._switch_off(tenant_id, tool, why)
            raise Rejected(SYSTEM, "the tool is no more what was approved, and is switched off")
        return next(each for each in listing.tools if each.name == tool.remote)

    async def _switch_off(self, tenant_id: str, tool: TenantTool, why: str) -> None:
        log.warning("tool_switched_off", tenant_id=tenant_id, tool=tool.name, why=why)
        await self._tools.switch_off(tenant_id, tool.name, why)

    async def _look(self, at: Registered) -> Listing:
        told = await self._mcp.listing(at)
        listing = replace(told, tools=[without_references(tool) for tool in told.tools])
        self._looked = {key: held for key, held in self._looked.items() if self._clock() - held[0] < LOOKED_S}
        self._looked[at] = (self._clock(), listing)
        return listing

    async def _of(self, tenant_id: str, tool: TenantTool) -> Registered:
        server = next((each for each in await self._servers.all(tenant_id) if each.name == tool.server), None)
        if server is None or not server.enabled:
            raise Rejected(SYSTEM, "its server is not registered, or switched off")
        return await self._at(tenant_id, server)

    async def _at(self, tenant_id: str, server: ToolServer) -> Registered:
        try:
            token = await self._servers.token(tenant_id, server)
        except NotFound:
            raise Rejected(SYSTEM, "its token is gone") from None
        # What has no part in reaching it makes no other server of it.
        return Registered(tenant_id=tenant_id, server=replace(server, enabled=True), token=token)


def without_references(listed: ListedTool) -> ListedTool:
    """As callers are asked for its input; one whose references lead nowhere stays as it is, and is unfit."""
    try:
        gives = None if listed.gives is None else inlined(listed.gives, "output")
        return replace(listed, takes=inlined(listed.takes, "input"), gives=gives)
    except Refused:
        return listed


def can_be_said(takes: Mapping[str, Any], field: str) -> bool:
    shape: Any = takes["properties"].get(field, {})
    return isinstance(shape, dict) and shape.get("type") in SLOT_TYPES  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def gives_of(listed: ListedTool) -> Mapping[str, Any]:
    return listed.gives if listed.gives is not None else TEXT_ONLY
