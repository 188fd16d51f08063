"""The key ring: a data key per call, wrapped by its tenant's key, wrapped by the master key in a file.

Erasing a call's key erases what was said in it. The row stays without its key, so that none is made again.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound, SetupError, Unavailable
from storage.sealing import KEY_BYTES, place, seal, unseal
from storage.secret_files import read_or_make
from storage.session import Database
from storage.tables import call_keys, tenant_keys

_Name = TypeVar("_Name")
_Value = TypeVar("_Value")

CACHE_KEYS = 4096
"""256 KiB of keys: the calls of a day on one host."""
CACHE_S = 600.0
"""How long a key erased by another process may still open words here."""


def master_key(keys_dir: Path) -> bytes:
    """32 bytes from `keys_dir/master.key`, made at first start. Without this file nothing sealed can be read again."""
    path = keys_dir / "master.key"
    key, _ = read_or_make(path, lambda: os.urandom(KEY_BYTES))
    if len(key) != KEY_BYTES:
        raise SetupError(f"{path} must hold exactly {KEY_BYTES} bytes: restore it from a backup.")
    return key


class PostgresKeyRing:
    """Implements domain.ports.KeyRing."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._master = master
        self._tenant_keys: OrderedDict[str, bytes] = OrderedDict()
        self._call_keys: OrderedDict[tuple[str, str], tuple[bytes, float]] = OrderedDict()

    async def create_key(self, tenant_id: str, call_id: str) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            wrapping = await self._tenant_key(connection, tenant_id)
            wrapped = seal(wrapping, os.urandom(KEY_BYTES), place("call_keys", tenant_id, call_id))
            values = {"tenant_id": tenant_id, "call_id": call_id, "wrapped": wrapped, "created_at": time.time()}
            await connection.execute(insert(call_keys).values(values).on_conflict_do_nothing())

    async def key(self, tenant_id: str, call_id: str) -> bytes | None:
        known, read_at = self._call_keys.get((tenant_id, call_id), (None, 0.0))
        if known is not None and time.monotonic() - read_at < CACHE_S:
            return known
        try:
            found = await self._read(tenant_id, call_id)
        except Unavailable:
            # A living call must be able to seal its words while the store is away.
            if known is None:
                raise
            return known
        self._call_keys.pop((tenant_id, call_id), None)
        if found is not None:
            _remember(self._call_keys, (tenant_id, call_id), (found, time.monotonic()))
        return found

    async def erase_key(self, tenant_id: str, call_id: str) -> None:
        self._call_keys.pop((tenant_id, call_id), None)
        erase = update(call_keys).values(wrapped=None, erased_at=time.time())
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(erase.where(call_keys.c.call_id == call_id, call_keys.c.erased_at.is_(None)))
        self._call_keys.pop((tenant_id, call_id), None)

    async def create_tenant_key(self, connection: AsyncConnection, tenant_id: str) -> None:
        """Idempotent, inside the transaction that makes the tenant."""
        wrapped = seal(self._master, os.urandom(KEY_BYTES), place("tenant_keys", tenant_id))
        values = {"tenant_id": tenant_id, "wrapped": wrapped, "created_at": time.time()}
        await connection.execute(insert(tenant_keys).values(values).on_conflict_do_nothing())

    async def audit_key(self, connection: AsyncConnection, tenant_id: str) -> bytes:
        """What the tenant's audit lines are authenticated with: no use for reading anything."""
        return await self._derived(connection, tenant_id, b"hatif audit")

    async def secrets_key(self, connection: AsyncConnection, tenant_id: str) -> bytes:
        """What the tenant's credentials for other systems are sealed with."""
        return await self._derived(connection, tenant_id, b"hatif secrets")

    async def orders_key(self, connection: AsyncConnection, tenant_id: str) -> bytes:
        """What the tenant's own orders are sealed with."""
        return await self._derived(connection, tenant_id, b"hatif orders")

    async def _derived(self, connection: AsyncConnection, tenant_id: str, purpose: bytes) -> bytes:
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose)
        return derive.derive(await self._tenant_key(connection, tenant_id))

    async def number_key(self, connection: AsyncConnection, tenant_id: str) -> bytes:
        """What telephone numbers are digested with, so that a list of them can be asked but not read."""
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"hatif numbers")
        return derive.derive(await self._tenant_key(connection, tenant_id))

    async def _read(self, tenant_id: str, call_id: str) -> bytes | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            wrapped = await connection.scalar(select(call_keys.c.wrapped).where(call_keys.c.call_id == call_id))
            if wrapped is None:
                return None
            wrapping = await self._tenant_key(connection, tenant_id)
            return unseal(wrapping, wrapped, place("call_keys", tenant_id, call_id))

    async def _tenant_key(self, connection: AsyncConnection, tenant_id: str) -> bytes:
        if (known := self._tenant_keys.get(tenant_id)) is not None:
            return known
        wrapped = await connection.scalar(select(tenant_keys.c.wrapped))
        if wrapped is None:
            raise NotFound("postgres", f"tenant {tenant_id} has no key")
        key = unseal(self._master, wrapped, place("tenant_keys", tenant_id))
        _remember(self._tenant_keys, tenant_id, key)
        return key


def _remember(cache: OrderedDict[_Name, _Value], name: _Name, value: _Value) -> None:
    """Overflow rule: the one remembered first is forgotten, and read from the store when it is needed again."""
    cache[name] = value
    while len(cache) > CACHE_KEYS:
        cache.popitem(last=False)
