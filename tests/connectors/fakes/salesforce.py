"""Salesforce's documented HTTP: upsert by external id, composite transactions, SOQL and SOSL as far as Hatif asks."""

from __future__ import annotations

import copy
import datetime
import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.connectors.fakes.consent import Consent
from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route
from tests.connectors.fakes.tls import authority

ROOT = r"/services/data/v\d+\.\d+/"
QUERY_PAGE = 2
SEARCH_LAG_S = 60
"""Of SOSL, which reads an index; SOQL reads the records."""
UNIQUE = {"Case": "Hatif_Key__c", "Hatif_Action__c": "Key__c"}
FIELDS = {
    "Case": {
        "Subject",
        "Description",
        "Status",
        "Priority",
        "Origin",
        "ContactId",
        "SuppliedName",
        "SuppliedPhone",
        "SuppliedEmail",
        "Hatif_Workflow__c",
    },
    "CaseComment": {"ParentId", "CommentBody", "IsPublished"},
    "Task": {
        "Subject",
        "Description",
        "Status",
        "TaskSubtype",
        "CallDurationInSeconds",
        "ActivityDate",
        "WhoId",
        "WhatId",
    },
    "Hatif_Action__c": {"Key__c", "Reference__c"},
}
PREFIX = {
    "Case": "500",
    "CaseComment": "00a",
    "Task": "00T",
    "Contact": "003",
    "Order": "801",
    "Hatif_Action__c": "a00",
}
LINKS = {"ContactId": "Contact", "ParentId": "Case", "WhoId": "Contact", "WhatId": "Case"}
CLIENT = {"client_id": "hatif", "client_secret": "app-secret"}


class FakeSalesforce(Consent, Fake):
    """A Salesforce organisation with two contacts and one order."""

    system = "salesforce"
    documented_wait_ms = 900_000
    open_paths = ("/services/oauth2/", "/oauth/decided")

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.lag_s = SEARCH_LAG_S
        self.tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in PREFIX}
        self.refresh_tokens = {"refresh-1"}
        self._tokens = 0
        self._ids = 0
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        for name, email in (("Mona Saleh", "mona@example.com"), ("Omar Saleh", "omar@example.com")):
            contact = {"Name": name, "Email": email, "Phone": "+966 50 123 4567", "MobilePhone": None}
            self._insert("Contact", contact)
        phone = {"Phone": "+966501234567"}
        order = {"OrderNumber": "4572", "Status": "Shipped", "BillToContactId": self._id("Contact", 1)}
        self._insert("Order", order | {"BillToContact": phone})

    # ------------------------------------------------------------ errors

    def unauthorised(self) -> Answer:
        return Answer(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])

    def limited(self) -> Answer:
        return Answer(403, [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}])

    def denied(self) -> Answer:
        return Answer(403, [{"message": "insufficient access", "errorCode": "INSUFFICIENT_ACCESS"}])

    def unknown(self) -> Answer:
        return Answer(404, [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}])

    def _invalid(self, code: str, status: int = 400) -> Refused:
        return Refused(status, [{"message": "refused", "errorCode": code, "fields": []}])

    # ------------------------------------------------------------ the organisation

    @route("POST", "/services/oauth2/token")
    def token(self, request: Request) -> Answer:
        asked = request.form()
        if any(asked.get(name) != value for name, value in CLIENT.items()):
            return Answer(400, {"error": "invalid_client"})
        token = {"access_token": f"fresh-{self._tokens + 1}", "token_type": "Bearer"}
        if asked.get("grant_type") == "authorization_code":
            if not self.redeemed(asked):
                return Answer(400, {"error": "invalid_grant", "error_description": "invalid authorization code"})
            token["refresh_token"] = f"refresh-{len(self.refresh_tokens) + 1}"
            self.refresh_tokens.add(token["refresh_token"])
        elif asked.get("refresh_token") not in self.refresh_tokens:
            return Answer(400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})
        self._tokens += 1
        self.credentials.add(f"Bearer fresh-{self._tokens}")
        return Answer(200, token)

    # ------------------------------------------------------------ records

    @route("GET", ROOT + "sobjects/(Case|Hatif_Action__c)/([^/]+)")
    def read(self, request: Request, table: str, identity: str) -> Answer:
        return Answer(200, self._shown(self._found(table, identity), request.query.get("fields")))

    @route("GET", ROOT + "sobjects/(Case|Hatif_Action__c)/([^/]+)/([^/]+)")
    def read_by_key(self, request: Request, table: str, name: str, value: str) -> Answer:
        held = self._by_key(table, name, value)
        if held is None:
            return self.unknown()
        return Answer(200, self._shown(held, request.query.get("fields")))

    @route("PATCH", ROOT + "sobjects/(Case)/([^/]+)/([^/]+)")
    def upsert(self, request: Request, table: str, name: str, value: str) -> Answer:
        held, asked = self._by_key(table, name, value), request.json()
        if held is not None:
            self._change(table, held["Id"], asked)
            return Answer(200, {"id": held["Id"], "success": True, "errors": [], "created": False})
        made = self._create(table, asked | {name: value})
        self.effects[value] += 1
        return Answer(201, {"id": made["Id"], "success": True, "errors": [], "created": True})

    @route("PATCH", ROOT + "sobjects/(Case)/([^/]+)")
    def update(self, request: Request, table: str, identity: str) -> Answer:
        self._change(table, identity, request.json())
        return Answer(204)

    @route("POST", ROOT + "composite")
    def composite(self, request: Request) -> Answer:
        """In order, and all or none of them."""
        asked, before = request.json(), (copy.deepcopy(self.tables), Counter(self.effects), self._ids)
        answers: list[dict[str, Any]] = []
        bodies: dict[str, Any] = {}
        for part in asked["compositeRequest"]:
            try:
                status, body = self._part(part, bodies)
            except Refused as refused:
                self.tables, self.effects, self._ids = before
                halted = [{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back"}]
                return Answer(
                    200,
                    {
                        "compositeResponse": [
                            {
                                "referenceId": one["referenceId"],
                                "httpStatusCode": refused.answer.status if one is part else 400,
                                "body": refused.answer.body if one is part else halted,
                            }
                            for one in asked["compositeRequest"]
                        ]
                    },
                )
            bodies[part["referenceId"]] = body
            answers.append({"referenceId": part["referenceId"], "httpStatusCode": status, "body": body})
        return Answer(200, {"compositeResponse": answers})

    def _part(self, part: dict[str, Any], bodies: dict[str, Any]) -> tuple[int, Any]:
        text = json.dumps(part["body"])
        body = json.loads(re.sub(r"@\{(\w+)\.id\}", lambda found: bodies[found[1]]["id"], text))
        found = re.fullmatch(ROOT + r"sobjects/(\w+)(?:/(\w+))?", part["url"])
        if not found:
            raise self._invalid("NOT_FOUND", 404)
        table, identity = found.groups()
        if part["method"] == "PATCH":
            self._change(table, identity, body)
            return 204, None
        made = self._create(table, body)
        if table == "Hatif_Action__c":
            self.effects[body["Key__c"]] += 1
        return 201, {"id": made["Id"], "success": True, "errors": []}

    # ------------------------------------------------------------ queries

    @route("GET", ROOT + "query/?")
    def query(self, request: Request) -> Answer:
        soql = request.query["q"]
        if soql.startswith("SELECT Name, Id FROM Organization"):
            return self._page([{"Name": "Hatif Test", "Id": "00D000000000001AAA"}])
        found = re.fullmatch(
            r"SELECT (?P<names>[\w., ]+) FROM (?P<table>\w+) WHERE (?P<field>\w+) (?P<operator>=|>=) "
            r"(?P<value>'(?:[^'\\]|\\.)*'|[\dTZ:-]+)"
            r"(?: ORDER BY (?P<order>\w+)(?P<down> DESC)?)?(?: LIMIT (?P<limit>\d+))?",
            soql,
        )
        if not found or found["table"] not in self.tables:
            raise self._invalid("MALFORMED_QUERY")
        value = re.sub(r"\\(.)", r"\1", found["value"].strip("'"))
        rows = list(self.tables[found["table"]].values())
        if found["operator"] == "=":
            rows = [row for row in rows if str(row.get(found["field"]) or "") == value]
        else:
            rows = [row for row in rows if row[found["field"]] >= value.replace("Z", ".000+0000")]
        if found["order"]:
            rows.sort(key=lambda row: (row[found["order"]], row["Id"]), reverse=bool(found["down"]))
        names = [name.strip().split(".")[0] for name in found["names"].split(",")]
        shown = [{name: row.get(name) for name in names} for row in rows[: int(found["limit"] or 2000)]]
        return self._page(shown)

    @route("GET", ROOT + r"query/([\w-]+)")
    def query_more(self, request: Request, cursor: str) -> Answer:
        return self._page(self._cursors.pop(cursor))

    def _page(self, rows: list[dict[str, Any]]) -> Answer:
        page: dict[str, Any] = {"totalSize": len(rows), "done": len(rows) <= QUERY_PAGE, "records": rows[:QUERY_PAGE]}
        if not page["done"]:
            cursor = f"01g{len(self._cursors):012d}-{len(rows)}"
            self._cursors[cursor] = rows[QUERY_PAGE:]
            page["nextRecordsUrl"] = f"/services/data/v62.0/query/{cursor}"
        return Answer(200, page)

    @route("GET", ROOT + "search/?")
    def search(self, request: Request) -> Answer:
        found = re.fullmatch(
            r"FIND \{\*(\d{2,})\} IN PHONE FIELDS RETURNING Contact\(([\w, ]+)\) LIMIT \d+", request.query["q"]
        )
        if not found:
            raise self._invalid("MALFORMED_SEARCH")
        names = [name.strip() for name in found[2].split(",")]
        seen = [row for row in self.tables["Contact"].values() if self.visible(row["_at"])]
        hits = [row for row in seen if re.sub(r"\D", "", row["Phone"] or "").endswith(found[1])]
        return Answer(200, {"searchRecords": [{name: row.get(name) for name in names} for row in hits]})

    # ------------------------------------------------------------ tables

    def _id(self, table: str, number: int) -> str:
        return f"{PREFIX[table]}{number:012d}AAA"

    def _stamp(self) -> str:
        at = datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def _insert(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        self._ids += 1
        identity = self._id(table, self._ids)
        made = row | {"Id": identity, "LastModifiedDate": self._stamp(), "_at": self.clock() - 86_400}
        self.tables[table][identity] = made
        return made

    def _create(self, table: str, asked: dict[str, Any]) -> dict[str, Any]:
        unique = UNIQUE.get(table)
        self._check(table, {name: value for name, value in asked.items() if name != unique})
        if unique and self._by_key(table, unique, asked.get(unique, "")) is not None:
            raise self._invalid("DUPLICATE_VALUE")
        number = {"CaseNumber": f"{len(self.tables['Case']) + 1001:08d}"} if table == "Case" else {}
        return self._insert(table, asked | number)

    def _change(self, table: str, identity: str, asked: dict[str, Any]) -> None:
        held = self._found(table, identity)
        self._check(table, asked)
        workflow = asked.get("Hatif_Workflow__c")
        if workflow and held.get("Hatif_Workflow__c") != workflow:
            self.effects[f"{identity}:{workflow}"] += 1
        held.update(asked | {"LastModifiedDate": self._stamp()})

    def _check(self, table: str, asked: dict[str, Any]) -> None:
        if set(asked) - FIELDS[table]:
            raise self._invalid("INVALID_FIELD")
        for name in set(asked) & set(LINKS):
            if asked[name] not in self.tables[LINKS[name]]:
                raise self._invalid("INVALID_CROSS_REFERENCE_KEY")

    def _found(self, table: str, identity: str) -> dict[str, Any]:
        if identity not in self.tables[table]:
            raise self._invalid("NOT_FOUND", 404)
        return self.tables[table][identity]

    def _by_key(self, table: str, name: str, value: str) -> dict[str, Any] | None:
        if UNIQUE.get(table) != name:
            raise self._invalid("NOT_FOUND", 404)
        found = [row for row in self.tables[table].values() if row.get(name) == value]
        return found[0] if found else None

    def _shown(self, row: dict[str, Any], names: str | None) -> dict[str, Any]:
        wanted = names.split(",") if names else [name for name in row if name != "_at"]
        return {name: row.get(name) for name in [*wanted, "Id"]}


if __name__ == "__main__":
    fake = FakeSalesforce(Clock(runs=True))
    fake.credentials.add("Bearer session")
    folder = Path(tempfile.mkdtemp(prefix="fake-salesforce-"))
    tls = authority(folder)
    print(tls.ca_file, flush=True)
    main(fake, tls.server)
