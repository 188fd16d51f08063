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


@pytest.mark.parametrize("keys", [",5", ",,567#", ",1,,*23", f",{'1' * 31}", f"{',' * 10}1"])
def test_keys_after_a_comma_are_pressed_once_it_is_answered(keys: str) -> None:
    assert transfer(FILE, {"transfer": {"to": f"200{keys}"}}) == Transfer(to="200", keys=keys)
    assert transfer(FILE, {"transfer": {"to": f"+97145550100{keys}"}}) == Transfer(to="+97145550100", keys=keys)


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("200", "transfer: a table"),
        ({}, "transfer.to: a text"),
        ({"to": "200@evil.example"}, "transfer.to: '200@evil.example'"),
        ({"to": "200;transport=tcp"}, "transfer.to"),
        ({"to": "+0501234567"}, "transfer.to"),
        ({"to": "2 00"}, "transfer.to"),
        ({"to": ",5"}, "transfer.to: ',5' is not allowed here. A number"),
        ({"to": "200,"}, "transfer.to: '200,' is not allowed here. After a comma"),
        ({"to": "200,,"}, "transfer.to"),
        ({"to": "200,5x"}, "transfer.to"),
        ({"to": "200, 5"}, "transfer.to"),
        ({"to": "200,٥"}, "transfer.to"),
        ({"to": f"200,{'1' * 32}"}, "transfer.to"),
        ({"to": f"200{',' * 11}1"}, "transfer.to"),
        ({"to": "200,5", "refer": True}, "transfer.to: '200,5' is not allowed here. The caller's exchange"),
        ({"to": "200", "refer": "yes"}, "refer: true or false"),
        ({"to": "200", "how": "refer"}, "transfer.how: nothing of this name"),
    ],
)
def test_anything_else_is_a_mistake_at_its_place(table: object, place: str) -> None:
    with pytest.raises(SetupError) as mistake:
        transfer(FILE, {"transfer": table})
    assert str(mistake.value).startswith(f"shop.toml: {place}")
