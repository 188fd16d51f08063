"""Where an account of a vendor may be: its own hosts, what the operator allows, and nothing else."""

import pytest

from domain.acting.vendors import VENDORS, SignIn, address_of
from domain.errors import Refused

INSIDE = frozenset({"127.0.0.1:9001", "zendesk.internal"})


@pytest.mark.parametrize(
    ("system", "site", "address"),
    [
        ("zendesk", "shop", "https://shop.zendesk.com"),
        ("zendesk", " SHOP.zendesk.com/agent?x=1 ", "https://shop.zendesk.com"),
        ("freshdesk", "https://shop.freshdesk.com/", "https://shop.freshdesk.com"),
        ("salesforce", "shop--dev.sandbox.my.salesforce.com", "https://shop--dev.sandbox.my.salesforce.com"),
        ("hubspot", None, "https://api.hubapi.com"),
        ("hubspot", "https://api.hubapi.com/x", "https://api.hubapi.com"),
        ("zendesk", "http://127.0.0.1:9001/x", "http://127.0.0.1:9001"),
        ("hubspot", "https://zendesk.internal", "https://zendesk.internal"),
    ],
)
def test_an_account_is_at(system, site, address):
    assert address_of(VENDORS[system], site, INSIDE) == address


@pytest.mark.parametrize(
    ("system", "site"),
    [
        ("zendesk", None),
        ("zendesk", "a b"),
        ("zendesk", "-shop"),
        ("zendesk", "shop.zendesk.com.evil.example"),
        ("zendesk", "evilzendesk.com"),
        ("zendesk", "https://shop.zendesk.com@evil.example"),
        ("zendesk", "ftp://shop.zendesk.com"),
        ("zendesk", "http://127.0.0.1:9002"),
        ("zendesk", "http://zendesk.internal"),
        ("zendesk", "https://shop.zendesk.com:99999"),
        ("salesforce", "https://shop.salesforce.com"),
        ("hubspot", "api"),
        ("twilio", "https://10.0.0.1"),
        ("whatsapp", "https://169.254.169.254"),
    ],
)
def test_nothing_is_at(system, site):
    with pytest.raises(Refused) as refused:
        address_of(VENDORS[system], site, INSIDE)
    assert refused.value.code == "bad_address"


def test_every_vendor_is_signed_in_to_somehow_and_is_somewhere():
    for vendor in VENDORS.values():
        assert vendor.sign_ins
        assert bool(vendor.home) != bool(vendor.suffix)
    assert VENDORS["salesforce"].sign_ins == (SignIn.OAUTH,)
