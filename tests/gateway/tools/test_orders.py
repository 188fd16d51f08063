"""Orders over HTTP: brought in, replaced, removed, each tenant its own, and no whole telephone number comes back."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts import Role
from gateway.tools.orders import MOST_AT_ONCE
from tests.gateway.house import CLINIC, SHOP, House

pytestmark = pytest.mark.servers


def order(number: str = "4572", **changed: Any) -> dict[str, Any]:
    status = {"en": "It is on its way.", "ar": "في الطريق."}
    return {"number": number, "phone": "+971 50 123 4567", "status": status, **changed}


def bring(house: House, *orders: dict[str, Any], tenant_id: str = SHOP) -> Any:
    return house.as_person(Role.ADMIN, tenant_id).post("/v1/orders", json={"orders": list(orders)})


def test_orders_are_brought_in_replaced_paged_and_removed_by_their_own_tenant(house: House) -> None:
    admin, clinic = house.as_person(Role.ADMIN), house.as_person(Role.ADMIN, CLINIC)
    many = [order(str(number)) for number in range(1000, 1000 + MOST_AT_ONCE)]
    assert bring(house, *many).json() == {"count": MOST_AT_ONCE}
    assert bring(house, order("4572"), order("1000", phone=None)).json() == {"count": MOST_AT_ONCE + 1}
    first = admin.get("/v1/orders").json()
    assert (first["count"], len(first["orders"])) == (MOST_AT_ONCE + 1, MOST_AT_ONCE)
    assert first["orders"][0] == {"number": "1000", "phone_ends": None, "status": order()["status"]}
    (last,) = admin.get("/v1/orders", params={"after": first["orders"][-1]["number"]}).json()["orders"]
    assert (last["number"], last["phone_ends"]) == ("4572", "567")
    assert "123 4567" not in admin.get("/v1/orders").text
    assert clinic.get("/v1/orders").json() == {"count": 0, "orders": []}
    assert clinic.delete("/v1/orders/4572").status_code == 404
    # The clinic's own of the same number is another one.
    assert bring(house, order(), tenant_id=CLINIC).json() == {"count": 1}
    assert clinic.delete("/v1/orders/4572").status_code == 204
    assert admin.delete("/v1/orders/4572").status_code == 204
    assert admin.delete("/v1/orders/4572").status_code == 404
    lines = house.run(house.deps.audit.lines(SHOP))  # type: ignore[attr-defined]
    assert {"orders_brought", "order_removed"} <= {line.action for line in lines}


@pytest.mark.parametrize(
    "orders",
    [
        [],
        [order("12")],
        [order("4572-A")],
        [order(phone="call me")],
        [order(phone="")],
        [order(status={"en": "It is on its way."})],
        [order(status={"en": " ", "ar": "في الطريق."})],
        [order(surprise=1)],
        [order(), order()],
        [order(str(number)) for number in range(1000, 1001 + MOST_AT_ONCE)],
    ],
)
def test_what_is_no_list_of_orders_is_refused_as_a_whole(house: House, orders: list[dict[str, Any]]) -> None:
    before = house.as_person(Role.ADMIN).get("/v1/orders").json()["count"]
    refused = bring(house, *orders)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert house.as_person(Role.ADMIN).get("/v1/orders").json()["count"] == before
    assert house.as_person(Role.ADMIN).get("/v1/orders", params={"after": "x"}).status_code == 422


def test_only_an_administrator_sees_orders(house: House) -> None:
    for role in (Role.VIEWER, Role.ADVISOR, Role.SUPERVISOR):
        person = house.as_person(role)
        assert person.get("/v1/orders").status_code == 403
        assert person.post("/v1/orders", json={"orders": [order()]}).status_code == 403
        assert person.delete("/v1/orders/4572").status_code == 403
    assert house.client().get("/v1/orders").status_code == 401
