"""Asking the tools that tenants added: what goes in and what comes out fits their schemas, or nothing is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.tenant_tool import SYSTEM, ToolHttp
from domain.acting.tenant_tool import TenantTool, fields_of
from domain.errors import Refused, Rejected
from storage.tools.tenant_tools import PostgresTenantTools
from tools.schemas import check_schema, fits
from workers.settings import Settings
from workers.vendors.foreign_desks import hosts_in

SLOT_TYPES = ("string", "integer")
"""What a caller can say as one value."""


class AskedTools:
    """Implements domain.acting.tenant_tool.ToolRunner."""

    def __init__(self, tools: PostgresTenantTools, http: ToolHttp) -> None:
        self._tools = tools
        self._http = http

    def check(self, tool: TenantTool) -> None:
        check_schema(tool.takes, "input")
        check_schema(tool.gives, "output")
        given = set(tool.gives["properties"])
        if not fields_of(tool.answer) <= given:
            raise Refused("bad_schema", "answer: it names a field that is not in the output.")
        for field in tool.takes.get("required", ()):
            if field not in tool.asks or tool.takes["properties"].get(field, {}).get("type") not in SLOT_TYPES:
                raise Refused("bad_schema", f"asks: {field[:40]} is a string or an integer, with a question for it.")
        if tool.proof is not None and (tool.proof not in given or tool.proof in fields_of(tool.answer)):
            raise Refused("bad_schema", "proof: it is a field of the output that the answer does not say.")
        self._http.check(tool)

    async def run(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> dict[str, Any]:
        if not fits(dict(slots), tool.takes):
            raise Rejected(SYSTEM, "the input does not fit its schema")
        output = await self._http.ask(tool, slots, await self._tools.token(tenant_id, tool))
        if not isinstance(output, dict) or not fits(output, tool.gives):
            raise Rejected(SYSTEM, "the output does not fit its schema")
        return output  # pyright: ignore[reportUnknownVariableType]


def tool_http_of(settings: Settings) -> ToolHttp:
    return ToolHttp(hosts_in(settings.private_hook_hosts), hosts_in(settings.tool_hosts))
