"""The phone behind the desk in a tenant's file."""

from __future__ import annotations

import re

from domain.errors import Refused
from domain.outbound.keys import split_keys
from domain.tenant import Transfer
from domain.tenant_file.tables import Table, TenantTables

_TARGET = re.compile(r"\+[1-9]\d{7,14}|[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
"""A number as ITU-T E.164 writes it, or an extension."""


def transfer(file: TenantTables, root: Table) -> Transfer | None:
    if "transfer" not in root:
        return None
    table = file.table(root["transfer"], "transfer")
    file.only(table, frozenset({"to", "refer"}), "transfer")
    dialled = file.text(table, "to", "transfer")
    try:
        return transfer_to(dialled, refer=file.switch(table, "refer", default=False))
    except Refused as refused:
        raise file.wrong("transfer.to", f"{dialled!r} is not allowed here. {refused}") from refused


def transfer_to(dialled: str, *, refer: bool) -> Transfer:
    """Raises Refused("bad_phone" | "bad_keys" | "keys_with_refer")."""
    to, keys = split_keys(dialled)
    if not _TARGET.fullmatch(to):
        raise Refused("bad_phone", "A number with + and its country's code, or an extension, is expected.")
    if keys and refer:
        raise Refused("keys_with_refer", "The caller's exchange would press no keys: they do not go with refer.")
    return Transfer(to=to, keys=keys, refer=refer)
