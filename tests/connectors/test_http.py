"""The shared skeleton against a vendor that answers whatever a test wants."""

import ssl

import pytest

from connectors.auth import BearerKey
from connectors.http import (
    MAX_ANSWER_BYTES,
    MAX_RETRY_AFTER_MS,
    Connection,
    Refusal,
    Unclear,
    VendorHttp,
    code_of,
    made,
    retry_after_ms,
)
from domain.errors import NotFound, Rejected, Unavailable
from tests.connectors.fakes.server import Answer, Fake, Fault, Request
from tests.connectors.memory import Box, FileAttempts

NOW_S = 1_000_000.0
SAID = "my fridge is leaking"


class Parrot(Fake):
    """Answers what it was told to."""

    def __init__(self) -> None:
        super().__init__()
        self.credentials.add("Bearer k")
        self.answer = Answer(200, {"ok": True})

    def handle(self, request: Request) -> Answer:
        return self.answer if self.signed_in(request) else self.unauthorised()


@pytest.fixture
async def parrot():
    fake = Parrot()
    async with fake.serving() as url:
        fake.url = url
        yield fake


@pytest.fixture
async def http(parrot):
    secrets = Box(key="k")
    connection = Connection(
        url=parrot.url,
        auth=BearerKey(secrets, "key"),
        attempts=FileAttempts(),
        timeout_ms=500,
        clock=lambda: NOW_S,
    )
    http = VendorHttp("vendor", connection)
    http.secrets = secrets
    yield http
    await http.close()


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (400, Rejected, Refusal),
        (401, Rejected, Rejected),
        (403, Rejected, Refusal),
        (404, NotFound, NotFound),
        (408, Unavailable, Unavailable),
        (409, Rejected, Refusal),
        (410, NotFound, NotFound),
        (422, Rejected, Refusal),
        (429, Unavailable, Unavailable),
        (302, Unavailable, Unclear),
        (500, Unavailable, Unclear),
        (502, Unavailable, Unclear),
        (503, Unavailable, Unclear),
        (504, Unavailable, Unclear),
    ],
)
async def test_every_status_means_one_thing(parrot, http, status, read, write):
    parrot.answer = Answer(status, {"error": "SomeCode", "description": SAID}, {"location": "http://127.0.0.1:9/"})
    with pytest.raises(read) as failed:
        await http.read("GET", "/x")
    assert SAID not in str(failed.value)
    with pytest.raises(write) as failed:
        await http.write("POST", "/x", body={"text": SAID})
    assert SAID not in str(failed.value)
    assert len(parrot.requests) == 2 if status != 401 else 4


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.HANG_BEFORE, Fault.GARBAGE])
async def test_a_write_without_a_clear_answer_is_unclear_and_a_read_may_be_repeated(parrot, http, fault):
    parrot.fail(fault, at=1)
    with pytest.raises(Unclear):
        await http.write("POST", "/x", body={})
    parrot.fail(fault, at=1)
    with pytest.raises(Unavailable):
        await http.read("GET", "/x")


async def test_an_answer_without_end_is_cut_off(parrot, http):
    parrot.answer = Answer(200, '"' + "x" * MAX_ANSWER_BYTES + '"')
    with pytest.raises(Unavailable, match="too large"):
        await http.read("GET", "/x")


async def test_json_nested_without_end_is_garbage(parrot, http):
    parrot.answer = Answer(200, "[" * 200_000)
    with pytest.raises(Unavailable, match="JSON"):
        await http.read("GET", "/x")


async def test_an_empty_answer_is_none(parrot, http):
    parrot.answer = Answer(204)
    assert await http.write("DELETE", "/x") is None


async def test_nobody_there_means_that_nothing_was_done(parrot, http):
    closed = VendorHttp(
        "vendor", Connection(url="http://127.0.0.1:9", auth=BearerKey(Box(key="k"), "key"), attempts=FileAttempts())
    )
    with pytest.raises(Unavailable):
        await closed.write("POST", "/x", body={})
    await closed.close()


async def test_a_key_that_was_replaced_meanwhile_is_taken(parrot, http):
    class Rotating(Box):
        async def read(self, reference: str) -> str:
            return "k" if parrot.requests else "old"

    http._auth._secrets = Rotating()
    assert await http.read("GET", "/x") == {"ok": True}
    assert len(parrot.requests) == 2


async def test_a_secret_that_nobody_filled_is_told(http):
    http.secrets.secrets.clear()
    with pytest.raises(NotFound, match="key is empty"):
        await http.read("GET", "/x")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("2", 2_000),
        (" 0.5 ", 500),
        ("0", 0),
        ("999999999", MAX_RETRY_AFTER_MS),
        ("Mon, 12 Jan 1970 13:46:50 GMT", 10_000),
        ("Mon, 12 Jan 1970 13:46:00 GMT", 0),
        ("-1", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 400, None),
    ],
)
def test_retry_after(header, expected):
    assert retry_after_ms(header, NOW_S) == expected


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "RecordInvalid"}, "RecordInvalid"),
        ([{"errorCode": "DUPLICATE_VALUE", "message": SAID}], "DUPLICATE_VALUE"),
        ({"category": "VALIDATION_ERROR"}, "VALIDATION_ERROR"),
        ({"code": 20404}, "20404"),
        ({"error": f"{SAID}: not a code!"}, ""),
        ({"error": {"title": SAID}}, ""),
        ({"error": {"code": 131047, "message": SAID}}, "131047"),
        ({"error": {"error": {"error": {}}}}, ""),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_a_code_is_told_and_prose_is_not(answer, code):
    assert code_of(answer) == code


@pytest.mark.parametrize(
    "answer", [None, {}, [], "x", {"a": []}, {"a": [{}]}, {"a": [{"id": ""}]}, {"a": [{"id": True}]}]
)
def test_an_answer_that_does_not_say_what_was_made_is_unclear(answer):
    with pytest.raises(Unclear):
        made(answer, "a", 0, "id")


@pytest.mark.parametrize(("identity", "told"), [(1, "1"), (0, "0"), ("500A", "500A")])
def test_an_id_is_told_as_text(identity, told):
    assert made({"a": [{"id": identity}]}, "a", 0, "id") == told


async def test_a_stranger_with_another_authority_is_not_spoken_to(tmp_path):
    from tests.connectors.fakes.tls import authority

    ours, theirs = authority(tmp_path / "ours"), authority(tmp_path / "theirs")
    fake = Parrot()
    async with fake.serving(tls=theirs.server()) as url:
        connection = Connection(
            url=url, auth=BearerKey(Box(key="k"), "key"), attempts=FileAttempts(), ca_file=ours.ca_file
        )
        http = VendorHttp("vendor", connection)
        with pytest.raises(Unavailable):
            await http.write("POST", "/x", body={})
        await http.close()
    assert fake.requests == []
    assert isinstance(theirs.server(), ssl.SSLContext)
