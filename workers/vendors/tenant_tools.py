"""Asking the tools that tenants added: what goes in and what comes out fits their schemas, or nothing is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.mcp.client import McpTools
from connectors.tenant_tool import SYSTEM, ToolHttp
from domain.acting.tenant_tool import REFERENCE, TenantTool, fields_of
from domain.errors import Refused, Rejected
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.tool_servers import PostgresToolServers
from tools.schemas import check_schema, fits
from workers.settings import Settings, hosts_in
from workers.vendors.server_tools import ServerTools, can_be_said


class AskedTools:
    """Implements domain.acting.tenant_tool.ToolRunner."""

    def __init__(self, tools: PostgresTenantTools, http: ToolHttp, servers: ServerTools) -> None:
        self._tools = tools
        self._http = http
        self._servers = servers

    def check(self, tool: TenantTool) -> None:
        check_tool(tool)
        if tool.server is None:
            self._http.check(tool)

    async def run(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> dict[str, Any]:
        if not fits(dict(slots), tool.takes):
            raise Rejected(SYSTEM, "the input does not fit its schema")
        if tool.server is None:
            output = await self._http.ask(tool, slots, await self._tools.token(tenant_id, tool))
        else:
            output = await self._servers.read(tenant_id, tool, slots)
        if not isinstance(output, dict) or not fits(output, tool.gives):
            raise Rejected(SYSTEM, "the output does not fit its schema")
        return output  # pyright: ignore[reportUnknownVariableType]


def check_tool(tool: TenantTool) -> None:
    """Raises Refused("bad_schema") for one that no caller could be asked for, or told of."""
    check_schema(tool.takes, "input")
    check_schema(tool.gives, "output")
    given = set(tool.gives["properties"])
    if not fields_of(tool.answer) <= (given if not tool.writes else {REFERENCE}):
        raise Refused("bad_schema", "answer: it names a field that is not in the output.")
    if tool.reference is not None and tool.reference not in given:
        raise Refused("bad_schema", "reference: it is a field of the output.")
    for field in tool.takes.get("required", ()):
        if field not in tool.asks or not can_be_said(tool.takes, field):
            raise Refused("bad_schema", f"asks: {field[:40]} is a string or an integer, with a question for it.")
    if tool.proof is not None and (tool.proof not in given or tool.proof in fields_of(tool.answer)):
        raise Refused("bad_schema", "proof: it is a field of the output that the answer does not say.")


def tool_http_of(settings: Settings) -> ToolHttp:
    return ToolHttp(hosts_in(settings.private_hook_hosts), hosts_in(settings.tool_hosts))


def asked_tools_of(settings: Settings, database: Database, keys: PostgresKeyRing) -> tuple[AskedTools, ServerTools]:
    """Both over one store; what is agreed on with a server is kept for this process."""
    tools = PostgresTenantTools(database, keys)
    mcp = McpTools(hosts_in(settings.private_hook_hosts), hosts_in(settings.tool_hosts))
    servers = ServerTools(PostgresToolServers(database, keys), tools, mcp)
    return AskedTools(tools, tool_http_of(settings), servers), servers
