"""Who may bring phone legs, and how many."""

from ipaddress import ip_network

import pytest

from domain.errors import Refused
from realtime.phone.door import MINUTE_S, REMEMBERED_SOURCES, Door

PBX = "10.1.0.7"
TENANT, OTHER_TENANT = "t1", "t2"


def door(most_legs: int = 2, most_a_minute: int = 3, most_of_tenant: int = 9) -> Door:
    networks = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    return Door(sources=networks, most_legs=most_legs, most_a_minute=most_a_minute, most_of_tenant=most_of_tenant)


def refused(at: Door, source: str, now_s: float) -> str:
    with pytest.raises(Refused) as refusal:
        at.enter(source, TENANT, now_s)
    return refusal.value.code


def test_only_named_networks_come_in() -> None:
    at = door()
    at.enter(PBX, TENANT, 0)
    at.enter("fd00::7", TENANT, 0)
    for stranger in ("192.0.2.1", "2001:db8::1", "127.0.0.1"):
        assert refused(at, stranger, 0) == "unknown_source"


def test_one_source_has_so_many_legs_and_another_its_own() -> None:
    at = door()
    at.enter(PBX, TENANT, 0)
    at.enter(PBX, TENANT, 1)
    assert refused(at, PBX, 2) == "too_many_legs"
    at.enter("10.1.0.8", TENANT, 2)
    at.leave(PBX, TENANT)
    at.enter(PBX, TENANT, 3)


def test_legs_that_come_and_go_too_fast_are_refused_until_the_minute_is_over() -> None:
    at = door()
    for second in range(3):
        at.enter(PBX, TENANT, second)
        at.leave(PBX, TENANT)
    assert refused(at, PBX, 3) == "too_many_legs"
    at.enter(PBX, TENANT, MINUTE_S)


def test_a_flood_of_addresses_is_forgotten_oldest_first() -> None:
    at = door(most_a_minute=1)
    for number in range(REMEMBERED_SOURCES + 1):
        source = f"10.2.{number // 256}.{number % 256}"
        at.enter(source, TENANT, 0)
        at.leave(source, TENANT)
    assert refused(at, "10.2.0.1", 1) == "too_many_legs"
    at.enter("10.2.0.0", TENANT, 1)


def test_one_tenant_has_so_many_legs_wherever_they_come_from() -> None:
    at = door(most_of_tenant=2)
    at.enter(PBX, TENANT, 0)
    at.enter("10.1.0.8", TENANT, 0)
    assert refused(at, "10.1.0.9", 1) == "tenant_full"
    at.enter("10.1.0.9", OTHER_TENANT, 1)
    at.leave(PBX, TENANT)
    at.enter("10.1.0.9", TENANT, 2)
