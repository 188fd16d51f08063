"""Documents over HTTP: who may, what is refused, and what an administrator sees."""

from __future__ import annotations

import time

import pytest

from domain.accounts import Role
from domain.knowledge.document import MOST_FILE_BYTES, Document, DocumentState
from tests.gateway.house import CLINIC, SHOP, House

pytestmark = pytest.mark.servers

TERMS = b"Fourteen days."


def upload(house: House, name: str, content: bytes = TERMS, role: Role = Role.ADMIN, tenant_id: str = SHOP):
    client = house.as_person(role, tenant_id)
    return client.post("/v1/documents", params={"name": name}, content=content)


def test_an_upload_is_accepted_listed_and_removed(house: House):
    accepted = upload(house, "terms.txt")
    assert accepted.status_code == 202
    document = accepted.json()
    assert (document["state"], document["new"], document["size_bytes"]) == ("queued", True, len(TERMS))
    again = upload(house, "terms.txt").json()
    assert (again["id"], again["new"]) == (document["id"], False)

    admin = house.as_person(Role.ADMIN)
    assert document["id"] in [each["id"] for each in admin.get("/v1/documents").json()["documents"]]
    assert admin.get(f"/v1/documents/{document['id']}").json()["name"] == "terms.txt"

    removed = admin.delete(f"/v1/documents/{document['id']}")
    assert removed.status_code == 202
    assert removed.json()["state"] == "removing"
    lines = house.run(house.deps.audit.lines(SHOP))  # type: ignore[attr-defined]
    assert [line.action for line in lines if line.subject == document["id"]] == [
        "document_uploaded",
        "document_removed",
    ]


def test_a_failed_document_says_why_in_both_languages(house: House):
    document: Document = house.run(house.deps.documents.put(SHOP, an_upload("scan.txt")))[0]
    house.run(
        house.deps.documents.progress(
            SHOP, document.document_id, document.revision, DocumentState.FAILED, problem="scanned"
        )
    )
    shown = house.as_person(Role.ADMIN).get(f"/v1/documents/{document.document_id}").json()
    assert shown["problem"]["code"] == "scanned"
    assert set(shown["problem"]["text"]) == {"en", "ar"}


def an_upload(name: str):
    from domain.knowledge.kinds import upload_of

    return upload_of(name, f"{name} {time.time()}".encode())


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "unsupported_type"),
        ("a.pdf", b"words", 415, "wrong_type"),
        ("a.txt", b"  ", 422, "empty"),
        ("a.txt", b"", 422, "empty"),
        ("a/b.txt", b"words", 422, "bad_name"),
        ("", b"words", 422, "invalid"),
        ("a.txt", b"x" * (MOST_FILE_BYTES + 1), 413, "too_large"),
    ],
)
def test_a_file_that_is_none_is_refused(house: House, name: str, content: bytes, status: int, code: str):
    refused = upload(house, name, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_only_an_administrator_may(house: House):
    for role in (Role.SUPERVISOR, Role.ADVISOR, Role.VIEWER):
        assert upload(house, "a.txt", role=role).status_code == 403
        person = house.as_person(role)
        assert person.get("/v1/documents").status_code == 403
        assert person.delete("/v1/documents/x").status_code == 403
        assert person.post("/v1/knowledge/search", json={"question": "x"}).status_code == 403
    stranger = house.client()
    assert stranger.post("/v1/documents", params={"name": "a.txt"}, content=TERMS).status_code == 401
    assert stranger.get("/v1/documents").status_code == 401


def test_another_tenants_document_is_as_unknown_as_none(house: House):
    document = upload(house, "ours.txt", b"Ours alone.").json()
    admin = house.as_person(Role.ADMIN, CLINIC)
    assert admin.get(f"/v1/documents/{document['id']}").status_code == 404
    assert admin.delete(f"/v1/documents/{document['id']}").status_code == 404
    assert document["id"] not in [each["id"] for each in admin.get("/v1/documents").json()["documents"]]


def test_a_search_without_the_knowledge_process_is_told_so(house: House):
    admin = house.as_person(Role.ADMIN)
    away = admin.post("/v1/knowledge/search", json={"question": "How long?"})
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    for wrong in ({}, {"question": ""}, {"question": "x" * 501}, {"question": "x", "limit": 11}):
        assert admin.post("/v1/knowledge/search", json=wrong).status_code == 422
