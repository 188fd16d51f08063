"""Where the agent looks things up for a caller: put together over the store and what tenants connected."""

from __future__ import annotations

from dataclasses import dataclass

from domain.acting.orders import OrderBook
from domain.acting.tenant_tool import TenantTools, ToolRunner
from domain.acting.visits import VisitBook
from realtime.course.errands import CrmOf
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.orders import PostgresOrders
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.visits import PostgresVisits
from workers.settings import Settings
from workers.vendors.crm import ConnectedCrms
from workers.vendors.orders import TenantOrders
from workers.vendors.tenant_tools import asked_tools_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    orders: OrderBook
    tools: TenantTools
    runner: ToolRunner
    visits: VisitBook
    crm_of: CrmOf


def sources_of(settings: Settings, database: Database, keys: PostgresKeyRing, crms: ConnectedCrms) -> Sources:
    runner, _ = asked_tools_of(settings, database, keys)
    return Sources(
        orders=TenantOrders(PostgresOrders(database, keys), crms),
        tools=PostgresTenantTools(database, keys),
        runner=runner,
        visits=PostgresVisits(database),
        crm_of=crms.of,
    )
