"""People of the team as tests need them, made and signed in by hand."""

from __future__ import annotations

from typing import Any

import httpx

from tests.calls.product import Product

OWN_PASSWORD = "seven green kettles"
WITHIN_S = 30
"""On a machine that is busy with other tests."""


def access(product: Product, email: str, password: str | None = None) -> httpx.Client:
    """Signed in, for what no page of ours would ask; whoever is of the demo signs in with their first password."""
    slug = email.partition("@")[2].removesuffix(".local")
    asked = {"tenant": slug, "email": email, "password": password or product.passwords[email]}
    with httpx.Client(base_url=product.address, trust_env=False, timeout=WITHIN_S) as door:
        signed = door.post("/v1/auth/login", json=asked, headers={"Origin": product.address})
    assert signed.status_code == 200, signed.text
    headers = {"Authorization": f"Bearer {signed.json()['access_token']}"}
    return httpx.Client(base_url=product.address, trust_env=False, headers=headers, timeout=WITHIN_S)


def told(staff: httpx.Client, call_id: str) -> dict[str, Any]:
    """What the staff's pages are told of a call; nothing was said in one that is not there yet."""
    answer = staff.get(f"/v1/calls/{call_id}")
    return answer.json() if answer.status_code == 200 else {"turns": [], "call": {"state": None, "outcome": None}}


def invite(product: Product, slug: str, role: str, name: str) -> str:
    """The e-mail of a new person whose password is OWN_PASSWORD."""
    email = f"{name.casefold().replace(' ', '.')}@{slug}.local"
    with access(product, f"admin@{slug}.local") as admin:
        made = admin.post("/v1/team/users", json={"email": email, "name": name, "role": role})
    assert made.status_code == 201, made.text
    with access(product, email, made.json()["password"]) as person:
        own = {"current": made.json()["password"], "new": OWN_PASSWORD}
        assert person.post("/v1/auth/password", json=own, headers={"Origin": product.address}).status_code == 204
    return email
