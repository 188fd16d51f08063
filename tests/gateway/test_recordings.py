"""Recordings played over HTTP: who may, what they get, piece by piece, and what stands in the audit afterwards."""

from __future__ import annotations

import io
import os
import uuid
import wave

import httpx
import numpy as np
import pytest

from domain.accounts import Role
from domain.media.recording import ConsentChanged, ConsentState, RecordingLeg
from domain.speech import FRAME_MS, FRAME_SAMPLES, Language
from gateway.access import RECORDING_COOKIE
from gateway.recordings import HEADER_BYTES, SAMPLE_BYTES
from realtime.recorder import CallRecorder
from storage.audit import PostgresAudit
from storage.recordings.sealed_file import call_folder
from storage.recordings.writer import RecordingWriter
from tests.gateway.house import CLINIC, SHOP, House
from tests.storage.recordings.voices import frame, frames

pytestmark = pytest.mark.servers
CALLER, AGENT, ADVISOR = RecordingLeg
FRAMES = 175


async def record(house: House, call_id: str, *, tenant_id: str = SHOP, frames: int = FRAMES) -> None:
    await house.deps.store.create_call(tenant_id, call_id, "web", None)
    writer = RecordingWriter(house.deps.consents, house.deps.keys, house.settings.recordings_folder)
    writer.start()
    recorder = CallRecorder(writer, tenant_id=tenant_id, call_id=call_id, lease=1, now_ms=lambda: 0)
    assert await recorder.start()
    for number in range(frames):
        recorder.take(CALLER, frame(CALLER, number), number * FRAME_MS)
        answering = AGENT if number < 100 else ADVISOR
        recorder.take(answering, frame(answering, number), number * FRAME_MS)
    recorder.stop()
    await writer.close()


@pytest.fixture
def recorded(house: House) -> str:
    call_id = str(uuid.uuid4())
    house.run(record(house, call_id))
    return call_id


@pytest.fixture
def supervisor(house: House) -> httpx.Client:
    return house.as_person(Role.SUPERVISOR)


def address(call_id: str) -> str:
    return f"/v1/calls/{call_id}/recording"


def audit(house: House, call_id: str) -> list[tuple[str, str, dict[str, str]]]:
    lines = house.run(PostgresAudit(house.database, house.deps.keys).lines(SHOP))
    return [(line.actor, line.action, line.detail) for line in lines if line.subject == call_id]


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_supervisor_hears_the_caller_left_and_the_others_right(house, recorded, supervisor):
    answer = supervisor.get(address(recorded))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)
    with wave.open(io.BytesIO(answer.content)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (2, 2, 16_000)
        assert wav.getnframes() == FRAMES * FRAME_SAMPLES
        both = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2)
    assert both[:, 0].tobytes() == frames(CALLER, 0, FRAMES)
    assert both[:, 1].tobytes() == frames(AGENT, 0, 100) + frames(ADVISOR, 100, FRAMES)
    assert audit(house, recorded) == [
        (f"{SHOP}-supervisor", "recording_played", {"from_ms": "0", "to_ms": str(FRAMES * FRAME_MS)})
    ]


TOTAL = HEADER_BYTES + FRAMES * FRAME_SAMPLES * SAMPLE_BYTES


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-", 0, TOTAL),
        ("bytes=0-0", 0, 1),
        ("bytes=0-43", 0, 44),
        ("bytes=10-60", 10, 61),
        ("bytes=44-", 44, TOTAL),
        ("bytes=45-46", 45, 47),
        ("bytes=64043-64045", 64_043, 64_046),
        ("bytes=100001-", 100_001, TOTAL),
        ("bytes=-3", TOTAL - 3, TOTAL),
        ("bytes=-99999999", 0, TOTAL),
        ("bytes=200000-99999999", 200_000, TOTAL),
        (f"bytes={TOTAL - 1}-", TOTAL - 1, TOTAL),
    ],
)
def test_a_range_is_that_piece_of_the_whole(supervisor, played, asked, first, end):
    call_id, whole = played
    answer = supervisor.get(address(call_id), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{TOTAL}"
    assert answer.content == whole[first:end]


@pytest.fixture(scope="module")
def played(open_gateway: House) -> tuple[str, bytes]:
    """A recording, and the whole of it."""
    call_id = str(uuid.uuid4())
    open_gateway.run(record(open_gateway, call_id))
    with httpx.Client(base_url=open_gateway.url) as client:
        user = open_gateway.run(open_gateway.deps.accounts.user(SHOP, f"{SHOP}-supervisor"))
        bearer = {"Authorization": f"Bearer {open_gateway.deps.tokens.access(user)}"}
        return call_id, client.get(address(call_id), headers=bearer).content


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=a-b", "seconds=1-2", "bytes=1-2,5-6", "bytes=9" + "9" * 40 + "-"])
def test_a_range_that_says_nothing_to_us_gets_the_whole(supervisor, played, asked):
    answer = supervisor.get(address(played[0]), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, played[1])


@pytest.mark.parametrize("asked", [f"bytes={TOTAL}-", "bytes=99999999-", "bytes=5-4", "bytes=-0"])
def test_a_range_outside_of_the_file_is_refused(supervisor, played, asked):
    answer = supervisor.get(address(played[0]), headers={"Range": asked})
    assert refused(answer) == (416, "no_such_range")
    assert answer.headers["content-range"] == f"bytes */{TOTAL}"


def test_every_piece_that_is_played_is_a_line_in_the_audit(house, recorded, supervisor):
    supervisor.get(address(recorded), headers={"Range": "bytes=0-1"})
    supervisor.get(address(recorded), headers={"Range": f"bytes={HEADER_BYTES + 64_000}-"})
    assert [detail for _, action, detail in audit(house, recorded) if action == "recording_played"] == [
        {"from_ms": "0", "to_ms": "0"},
        {"from_ms": "1000", "to_ms": str(FRAMES * FRAME_MS)},
    ]


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.VIEWER])
def test_below_a_supervisor_nobody_hears_it(house, recorded, role):
    person = house.as_person(role)
    for answer in (
        person.get(address(recorded)),
        person.post(f"{address(recorded)}/listen"),
        person.get(f"/v1/calls/{recorded}/consent"),
    ):
        assert refused(answer) == (403, "forbidden")
    assert audit(house, recorded) == []
    assert house.as_person(Role.ADMIN).get(address(recorded)).status_code == 200


def test_another_tenants_recording_and_none_at_all_are_not_found(house, recorded):
    stranger = house.as_person(Role.ADMIN, CLINIC)
    assert refused(stranger.get(address(recorded))) == (404, "not_found")
    assert refused(stranger.get(f"/v1/calls/{recorded}/consent")) == (404, "not_found")
    supervisor = house.as_person(Role.SUPERVISOR)
    silent = str(uuid.uuid4())
    house.run(house.deps.store.create_call(SHOP, silent, "web", None))
    for call_id in (silent, str(uuid.uuid4())):
        assert refused(supervisor.get(address(call_id))) == (404, "not_found")
    assert supervisor.get(address("no-call")).status_code == 422
    assert supervisor.get(f"/v1/calls/{silent}/consent").json() == {"consents": [], "recording": None}


def test_an_erased_recording_is_not_found(house, recorded, supervisor):
    house.run(house.deps.keys.erase_key(SHOP, recorded))
    assert refused(supervisor.get(address(recorded))) == (404, "not_found")
    assert supervisor.get(f"/v1/calls/{recorded}/consent").json()["recording"] is None


def test_the_cookie_opens_this_recording_and_nothing_else(house, recorded, supervisor):
    other = str(uuid.uuid4())
    house.run(record(house, other, frames=10))
    answer = supervisor.post(f"{address(recorded)}/listen")
    assert answer.status_code == 204
    told = answer.headers["set-cookie"]
    assert all(part in told for part in ("HttpOnly", "SameSite=strict", f"Path={address(recorded)}"))
    cookie = answer.cookies[RECORDING_COOKIE]
    element = house.client(Cookie=f"{RECORDING_COOKIE}={cookie}")
    assert element.get(address(recorded), headers={"Range": "bytes=0-99"}).status_code == 206
    assert audit(house, recorded)[0][0] == f"{SHOP}-supervisor"
    assert refused(element.get(address(other))) == (401, "unauthenticated")
    assert refused(element.get(f"/v1/calls/{recorded}/consent")) == (401, "unauthenticated")
    bearer = house.client(Authorization=f"Bearer {cookie}")
    assert refused(bearer.get(f"/v1/calls/{recorded}")) == (401, "unauthenticated")
    assert refused(bearer.get(address(recorded))) == (401, "unauthenticated")


def test_an_old_cookie_no_longer_opens_it(house, recorded):
    user = house.run(house.deps.accounts.user(SHOP, f"{SHOP}-supervisor"))
    old = house.tokens_at(-700).access(user, f"hatif-recording/{recorded}")
    assert refused(house.client(Cookie=f"{RECORDING_COOKIE}={old}").get(address(recorded))) == (401, "unauthenticated")


def test_a_recording_that_was_altered_is_refused_and_put_on_record(house, recorded, supervisor):
    (path,) = call_folder(house.settings.recordings_folder, SHOP, recorded).glob("*caller*")
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    assert refused(supervisor.get(address(recorded))) == (409, "recording_altered")
    os.truncate(path, 20_000)
    assert refused(supervisor.get(address(recorded))) == (409, "recording_altered")
    assert [action for _, action, _ in audit(house, recorded)] == ["recording_altered"] * 2
    assert supervisor.get(f"/v1/calls/{recorded}/consent").json()["recording"] == {"altered": True}


def test_what_is_altered_further_on_breaks_off_there(house, recorded, supervisor):
    (path,) = call_folder(house.settings.recordings_folder, SHOP, recorded).glob("*caller*")
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    path.write_bytes(content)
    received = bytearray()
    with pytest.raises(httpx.RemoteProtocolError), supervisor.stream("GET", address(recorded)) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            received += piece
    assert HEADER_BYTES + 64_000 <= len(received) < TOTAL - 32_000


def test_what_the_caller_said_to_it_is_shown_with_its_proof(house, recorded, supervisor):
    asked = ConsentChanged(number=1, state=ConsentState.ASKED, seq=2, at_ms=900, lease=1, language=Language.AR)
    granted = ConsentChanged(number=2, state=ConsentState.GRANTED, seq=3, at_ms=2500, lease=1, language=Language.AR)
    for fact in (asked, granted):
        house.run(house.deps.consents.record_consent(SHOP, recorded, fact))
    told = supervisor.get(f"/v1/calls/{recorded}/consent").json()
    assert [(fact["state"], fact["seq"], fact["language"]) for fact in told["consents"]] == [
        ("asked", 2, "ar"),
        ("granted", 3, "ar"),
    ]
    assert told["recording"] == {
        "altered": False,
        "complete": True,
        "duration_ms": FRAMES * FRAME_MS,
        "legs": ["advisor", "agent", "caller"],
        "starts_ms": 0,
    }
