"""The phone behind the desk, as a tenant's file names it."""

from __future__ import annotations

import pytest

from domain.errors import SetupError
from domain.tenant import Transfer
from domain.tenant_file.tables import TenantTables
from domain.tenant_file.transfer import transfer

FILE = TenantTables("shop.toml")


def test_a_number_or_an_extension() -> None:
    assert transfer(FILE, {}) is None
    assert transfer(FILE, {"transfer": {"to": "200"}}) == Transfer(to="200", refer=False)
    assert transfer(FILE, {"transfer": {"to": "+97145550100", "refer": True}}) == Transfer(
        to="+97145550100", refer=True
    )


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("200", "transfer: a table"),
        ({}, "transfer.to: a text"),
        ({"to": "200@evil.example"}, "transfer.to: '200@evil.example'"),
        ({"to": "200;transport=tcp"}, "transfer.to"),
        ({"to": "+0501234567"}, "transfer.to"),
        ({"to": "2 00"}, "transfer.to"),
        ({"to": "200", "refer": "yes"}, "refer: true or false"),
        ({"to": "200", "how": "refer"}, "transfer.how: nothing of this name"),
    ],
)
def test_anything_else_is_a_mistake_at_its_place(table: object, place: str) -> None:
    with pytest.raises(SetupError) as mistake:
        transfer(FILE, {"transfer": table})
    assert str(mistake.value).startswith(f"shop.toml: {place}")
