"""The phone behind the desk in a tenant's file."""

from __future__ import annotations

import re

from domain.errors import Refused
from domain.outbound.keys import split_keys
from domain.tenant import Transfer
from domain.tenant_file.tables import Table, TenantTables

_TARGET = re.compile(r"\+[1-9]\d{7,14}|[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
"""A number as ITU-T E.164 writes it, or an extension."""


def transfer(file: TenantTables, root: Table) -> Transfer | None:
    if "transfer" not in root:
        return None
    table = file.table(root["transfer"], "transfer")
    file.only(table, frozenset({"to", "refer"}), "transfer")
    dialled, refer = file.text(table, "to", "transfer"), file.switch(table, "refer", default=False)
    try:
        to, keys = split_keys(dialled)
    except Refused as refused:
        raise file.wrong("transfer.to", f"{dialled!r}: {refused}") from refused
    if not _TARGET.fullmatch(to):
        raise file.wrong("transfer.to", f"{to!r} is not allowed here")
    if keys and refer:
        raise file.wrong("transfer.refer", "false is expected: the caller's exchange would press no keys")
    return Transfer(to=to, keys=keys, refer=refer)
