"""A tenant's own orders or appointments, for tenants whose orders are in no other system that Hatif can ask."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from domain.acting.orders import OrderStatus
from domain.speech import Language
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tools.tables import orders


class PostgresOrders:
    """Implements domain.acting.orders.OrderBook and OrderShelf."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def order(self, tenant_id: str, number: str) -> OrderStatus | None:
        query = select(orders.c.order_sealed).where(orders.c.number == number)
        async with self._database.tenant_transaction(tenant_id) as connection:
            sealed = await connection.scalar(query)
            if sealed is None:
                return None
            key = await self._keys.orders_key(connection, tenant_id)
        return _opened(key, sealed, tenant_id, number)

    async def count(self, tenant_id: str) -> int:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await connection.scalar(select(func.count()).select_from(orders)) or 0

    async def listed(self, tenant_id: str, limit: int, after: str) -> list[OrderStatus]:
        columns = select(orders.c.number, orders.c.order_sealed)
        query = columns.where(orders.c.number > after).order_by(orders.c.number).limit(limit)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
            key = await self._keys.orders_key(connection, tenant_id) if rows else b""
        return [_opened(key, sealed, tenant_id, number) for number, sealed in rows]

    async def remove(self, tenant_id: str, number: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return (await connection.execute(delete(orders).where(orders.c.number == number))).rowcount == 1

    async def bring(self, tenant_id: str, listed: Sequence[OrderStatus], *, all_of_them: bool) -> None:
        numbers = [order.number for order in listed]
        async with self._database.tenant_transaction(tenant_id) as connection:
            key = await self._keys.orders_key(connection, tenant_id)
            for order in listed:
                content = {"phone": order.phone, "status": dict(order.status)}
                at = place("orders", tenant_id, order.number)
                row = insert(orders).values(
                    tenant_id=tenant_id,
                    number=order.number,
                    order_sealed=seal(key, json.dumps(content).encode(), at),
                    saved_at=time.time(),
                )
                replaced = {"order_sealed": row.excluded.order_sealed, "saved_at": row.excluded.saved_at}
                await connection.execute(
                    row.on_conflict_do_update(index_elements=["tenant_id", "number"], set_=replaced)
                )
            if all_of_them:
                await connection.execute(delete(orders).where(orders.c.number.not_in(numbers)))


def _opened(key: bytes, sealed: bytes, tenant_id: str, number: str) -> OrderStatus:
    stored = json.loads(unseal(key, sealed, place("orders", tenant_id, number)))
    status = {Language(language): words for language, words in stored["status"].items()}
    return OrderStatus(number=number, phone=stored["phone"], status=status)
