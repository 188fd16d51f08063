"""What tenants' own tools do: once for each action, and where nobody can tell, a person looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.mcp.server import SYSTEM
from connectors.once import Once, Write
from domain.acting.tenant_tool import TenantTool
from domain.errors import OutcomeUnknown, Rejected
from storage.actions import PostgresAttempts
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.tenant_tools import PostgresTenantTools
from tools.schemas import fits
from workers.settings import Settings
from workers.vendors.server_tools import ServerTools
from workers.vendors.tenant_tools import asked_tools_of

MOST_REFERENCE_CHARACTERS = 60


class OwnWrites:
    """Implements domain.acting.tenant_tool.ToolWriter."""

    def __init__(self, database: Database, tools: PostgresTenantTools, servers: ServerTools) -> None:
        self._database = database
        self._tools = tools
        self._servers = servers

    async def write(self, tenant_id: str, name: str, slots: Mapping[str, str], key: str) -> str:
        tool = next((each for each in await self._tools.all(tenant_id) if each.name == name), None)
        if tool is None or not tool.enabled or not tool.writes:
            raise Rejected(SYSTEM, "there is no such tool, or it is switched off")
        arguments = {field: _value(tool, field, text) for field, text in slots.items()}
        if not fits(arguments, tool.takes):
            raise Rejected(SYSTEM, "the input does not fit its schema")

        async def send() -> str:
            output = await self._servers.write(tenant_id, tool, arguments)
            if not isinstance(output, dict) or not fits(output, tool.gives):
                raise OutcomeUnknown(SYSTEM, "the output does not fit its schema")
            return _reference(tool, output)  # pyright: ignore[reportUnknownArgumentType]

        once = Once(SYSTEM, PostgresAttempts(self._database, tenant_id))
        return await once.do(Write(key=key, send=send, look=None, enforced=tool.idempotent))


def own_writes_of(settings: Settings, database: Database, keys: PostgresKeyRing) -> OwnWrites:
    _, servers = asked_tools_of(settings, database, keys)
    return OwnWrites(database, PostgresTenantTools(database, keys), servers)


def _value(tool: TenantTool, field: str, text: str) -> str | int:
    shape: Any = tool.takes["properties"].get(field, {})
    # Only what rules took for a number gets here as digits; anything else is left for the schema to refuse.
    return int(text) if shape.get("type") == "integer" and text.isdecimal() else text


def _reference(tool: TenantTool, output: Mapping[str, Any]) -> str:
    found = output.get(tool.reference) if tool.reference is not None else None
    text = str(found) if isinstance(found, str | int) else ""
    return "".join(letter for letter in text if letter.isprintable())[:MOST_REFERENCE_CHARACTERS]
