"""The phone behind the desk in a tenant's file."""

from __future__ import annotations

import re

from domain.tenant import Transfer
from domain.tenant_file.tables import Table, TenantTables

_TARGET = re.compile(r"^(?:\+[1-9]\d{7,14}|[A-Za-z0-9][A-Za-z0-9._-]{0,31})$")
"""A number as ITU-T E.164 writes it, or an extension."""


def transfer(file: TenantTables, root: Table) -> Transfer | None:
    if "transfer" not in root:
        return None
    table = file.table(root["transfer"], "transfer")
    file.only(table, frozenset({"to", "refer"}), "transfer")
    return Transfer(to=file.text(table, "to", "transfer", _TARGET), refer=file.switch(table, "refer", default=False))
