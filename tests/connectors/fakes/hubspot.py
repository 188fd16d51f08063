"""HubSpot's documented CRM HTTP: unique properties, a search that lags, associations, a limit without Retry-After."""

from __future__ import annotations

import datetime
import re
from typing import Any

from tests.connectors.fakes.consent import Consent
from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route

SEARCH_LAG_S = 30
UNIQUE = "hatif_key"
REQUIRED = {
    "tickets": ("hs_pipeline_stage",),
    "notes": ("hs_timestamp",),
    "calls": ("hs_timestamp",),
}
KNOWN = {
    "tickets": {"subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hatif_workflow"},
    "notes": {"hs_note_body", "hs_timestamp"},
    "calls": {"hs_call_title", "hs_call_body", "hs_call_duration", "hs_call_status", "hs_timestamp"},
}
STAGES = {"1", "2", "3", "4"}
PRIORITIES = {"LOW", "MEDIUM", "HIGH", "URGENT"}
TYPES = {16: "contacts", 202: "contacts", 194: "contacts", 228: "tickets", 220: "tickets"}
CLIENT = {"client_id": "hatif", "client_secret": "app-secret"}


class FakeHubSpot(Consent, Fake):
    """A HubSpot account with two contacts and one order."""

    system = "hubspot"
    documented_wait_ms = 10_000
    needs_pkce = False
    open_paths = ("/oauth/",)

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.lag_s = SEARCH_LAG_S
        self.objects: dict[str, dict[str, dict[str, Any]]] = {
            "contacts": {},
            "tickets": {},
            "notes": {},
            "calls": {},
            "orders": {},
        }
        self.changed_at: dict[str, float] = {}
        self.links: set[tuple[str, str, str, str]] = set()
        self._ids = 100
        self._tokens = 0
        self.refresh_tokens = {"refresh-1"}
        for first, email in (("Mona", "mona@example.com"), ("Omar", "omar@example.com")):
            self._seed("contacts", {"firstname": first, "lastname": "Saleh", "email": email, "phone": "+966501234567"})
        order = {
            "hs_external_order_id": "4572",
            "hs_external_order_status": "shipped",
            "hs_shipping_address_phone": "+966501234567",
        }
        self._link("orders", self._seed("orders", order), "contacts", "101")

    def _seed(self, kind: str, properties: dict[str, Any]) -> str:
        self._ids += 1
        self.objects[kind][str(self._ids)] = properties
        self.changed_at[str(self._ids)] = self.clock() - 86_400
        return str(self._ids)

    def _link(self, kind: str, one: str, other_kind: str, other: str) -> None:
        self.links |= {(kind, one, other_kind, other), (other_kind, other, kind, one)}

    # ------------------------------------------------------------ errors

    def unauthorised(self) -> Answer:
        return Answer(401, {"status": "error", "category": "EXPIRED_AUTHENTICATION"})

    def limited(self) -> Answer:
        body = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
        return Answer(429, body)

    def unknown(self) -> Answer:
        return Answer(404, {"status": "error", "category": "OBJECT_NOT_FOUND"})

    def _invalid(self, message: str) -> Refused:
        return Refused(400, {"status": "error", "message": message, "category": "VALIDATION_ERROR"})

    # ------------------------------------------------------------ the account

    def denied(self) -> Answer:
        return Answer(403, {"status": "error", "category": "MISSING_SCOPES", "message": "missing scopes"})

    @route("POST", "/oauth/v3/token")
    def token(self, request: Request) -> Answer:
        asked = request.form()
        if any(asked.get(name) != value for name, value in CLIENT.items()):
            return Answer(400, {"status": "BAD_CLIENT_SECRET"})
        if asked.get("grant_type") == "authorization_code":
            if not self.redeemed(asked):
                return Answer(400, {"status": "BAD_AUTH_CODE"})
            asked["refresh_token"] = f"refresh-{len(self.refresh_tokens) + 1}"
            self.refresh_tokens.add(asked["refresh_token"])
        elif asked.get("refresh_token") not in self.refresh_tokens:
            return Answer(400, {"status": "BAD_REFRESH_TOKEN"})
        self._tokens += 1
        self.credentials.add(f"Bearer fresh-{self._tokens}")
        token = {"access_token": f"fresh-{self._tokens}", "refresh_token": asked["refresh_token"], "expires_in": 1800}
        return Answer(200, token)

    @route("GET", "/account-info/v3/details")
    def details(self, request: Request) -> Answer:
        return Answer(200, {"portalId": 77, "uiDomain": "hatif.hubspot.com", "accountType": "STANDARD"})

    # ------------------------------------------------------------ objects

    @route("POST", "/crm/v3/objects/(tickets|notes|calls)")
    def create(self, request: Request, kind: str) -> Answer:
        asked = request.json()
        properties = {name: value for name, value in asked["properties"].items() if value is not None}
        self._check(kind, properties)
        for name in REQUIRED[kind]:
            if name not in properties:
                raise self._invalid(f"{name} is required")
        key = properties.get(UNIQUE)
        if key and any(one.get(UNIQUE) == key for one in self.objects[kind].values()):
            raise self._invalid("Property values were not valid: propertyValue: already has that value")
        links = [(TYPES[kinds["associationTypeId"]], link["to"]["id"]) for link, kinds in _types(asked)]
        for other_kind, other in links:
            if other not in self.objects[other_kind]:
                raise self._invalid("No object with that id")
        identity = self._seed(kind, properties)
        self.changed_at[identity] = self.clock()
        for other_kind, other in links:
            self._link(kind, identity, other_kind, other)
        self.effects[key or ""] += 1
        return Answer(201, self._shown(kind, identity, None))

    @route("GET", "/crm/v3/objects/(contacts|tickets|notes|calls|orders)/([^/]+)")
    def read(self, request: Request, kind: str, identity: str) -> Answer:
        if "idProperty" in request.query:
            name = request.query["idProperty"]
            found = [one for one, held in self.objects[kind].items() if held.get(name) == identity]
            identity = found[0] if found else ""
        self._found(kind, identity)
        shown = self._shown(kind, identity, request.query.get("properties"))
        if "associations" in request.query:
            other = request.query["associations"]
            linked = [{"id": one, "type": f"{kind}_to_{other}"} for one in self._linked(kind, identity, other)]
            if linked:
                shown["associations"] = {other: {"results": linked}}
        return Answer(200, shown)

    @route("PATCH", r"/crm/v3/objects/(tickets)/(\d+)")
    def change(self, request: Request, kind: str, identity: str) -> Answer:
        held, properties = self._found(kind, identity), request.json()["properties"]
        self._check(kind, properties)
        workflow = properties.get("hatif_workflow")
        if workflow and held.get("hatif_workflow") != workflow:
            self.effects[f"{identity}:{workflow}"] += 1
        held.update(properties)
        self.changed_at[identity] = self.clock()
        return Answer(200, self._shown(kind, identity, None))

    @route("GET", r"/crm/v3/objects/(\w+)/(\d+)/associations/(\w+)")
    def associations(self, request: Request, kind: str, identity: str, other: str) -> Answer:
        linked = [{"id": one, "type": f"{kind}_to_{other}"} for one in self._linked(kind, identity, other)]
        return Answer(200, self._page(linked, int(request.query.get("limit", 500)), request.query.get("after")))

    @route("POST", r"/crm/v3/objects/(\w+)/batch/read")
    def batch(self, request: Request, kind: str) -> Answer:
        asked = request.json()
        if len(asked["inputs"]) > 100:
            raise self._invalid("Batch size exceeds 100")
        ids = [one["id"] for one in asked["inputs"] if one["id"] in self.objects[kind]]
        return Answer(200, {"results": [self._shown(kind, one, ",".join(asked["properties"])) for one in ids]})

    @route("POST", r"/crm/v3/objects/(\w+)/search")
    def search(self, request: Request, kind: str) -> Answer:
        asked = request.json()
        if not 1 <= asked.get("limit", 10) <= 200:
            raise self._invalid("limit is invalid")
        seen = [one for one in self.objects[kind] if self.visible(self.changed_at[one])]
        groups = asked["filterGroups"]
        found = [one for one in seen if any(all(self._fits(kind, one, f) for f in g["filters"]) for g in groups)]
        if asked.get("sorts"):
            found.sort(key=lambda one: self.changed_at[one])
        shown = [self._shown(kind, one, ",".join(asked.get("properties", []))) for one in found]
        return Answer(
            200, {"total": len(found)} | self._page(shown, min(asked.get("limit", 10), 2), asked.get("after"))
        )

    def _page(self, everything: list[Any], size: int, after: str | None) -> dict[str, Any]:
        start = int(after or 0)
        page: dict[str, Any] = {"results": everything[start : start + size]}
        if start + size < len(everything):
            page["paging"] = {"next": {"after": str(start + size)}}
        return page

    def _fits(self, kind: str, identity: str, wanted: dict[str, str]) -> bool:
        held, name, value = self.objects[kind][identity], wanted["propertyName"], wanted["value"]
        match wanted["operator"]:
            case "EQ":
                return held.get(name) == value
            case "GTE":
                return self.changed_at[identity] * 1000 >= int(value)
            case "CONTAINS_TOKEN":
                plain = name.removeprefix("hs_searchable_calculated_").replace("_number", "").replace("_", "")
                number = held.get({"phone": "phone", "mobile": "mobilephone"}[plain]) or ""
                return bool(number) and re.sub(r"\D", "", number).endswith(value.removeprefix("*"))
            case other:
                raise self._invalid(f"{other} is not an operator")

    def _linked(self, kind: str, identity: str, other: str) -> list[str]:
        return sorted(four for one, two, three, four in self.links if (one, two, three) == (kind, identity, other))

    def _found(self, kind: str, identity: str) -> dict[str, Any]:
        if identity not in self.objects[kind]:
            raise Refused(404, {"status": "error", "category": "OBJECT_NOT_FOUND"})
        return self.objects[kind][identity]

    def _check(self, kind: str, properties: dict[str, Any]) -> None:
        unknown = set(properties) - KNOWN[kind] - {UNIQUE}
        if unknown:
            raise self._invalid(f"Property values were not valid: PROPERTY_DOESNT_EXIST {unknown}")
        if properties.get("hs_pipeline_stage", "1") not in STAGES:
            raise self._invalid("hs_pipeline_stage is not a stage")
        if properties.get("hs_ticket_priority", "LOW") not in PRIORITIES:
            raise self._invalid("hs_ticket_priority was not one of the allowed options")

    def _shown(self, kind: str, identity: str, names: str | None) -> dict[str, Any]:
        at = datetime.datetime.fromtimestamp(self.changed_at[identity], datetime.UTC).isoformat()
        held = self.objects[kind][identity] | {"hs_lastmodifieddate": at}
        wanted = names.split(",") if names else list(held)
        return {"id": identity, "properties": {name: held.get(name) for name in wanted}, "archived": False}


def _types(asked: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(link, kinds) for link in asked.get("associations", []) for kinds in link["types"]]


if __name__ == "__main__":
    fake = FakeHubSpot(Clock(runs=True))
    fake.credentials.add("Bearer private-app-token")
    main(fake)
