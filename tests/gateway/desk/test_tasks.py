"""Actions that need a person, at the desk: over the real procedure and a vendor that runs."""

import time
import uuid

import pytest

from domain.accounts import Role
from domain.acting.action import ActionStart, ActionState, ActResult
from domain.acting.connection import ConnectionRow
from domain.actions import action_key
from domain.speech import Language, Speaker, Turn
from storage.connections import PostgresConnections, PostgresSecrets
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.gateway.house import CLINIC, SHOP
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.crm_action import CrmActionWorkflow
from workflows.queues import DURABLE, action_workflow_id

pytestmark = pytest.mark.servers

WORDS = {"trouble": "My fridge is leaking.", "phone": "+966501234567"}


@pytest.fixture(scope="module")
def vendor(open_gateway):
    """The shop's CRM."""
    house, fake = open_gateway, FakeZendesk()
    fake.credentials.add("Bearer token")
    serving = fake.serving()
    url = house.run(serving.__aenter__())
    house.run(PostgresSecrets(house.database, house.deps.keys, SHOP).write("crm.key", "token"))
    row = ConnectionRow(tenant_id=SHOP, connection_id="crm", system="zendesk", url=url)
    house.run(PostgresConnections(house.database).save(row))
    yield fake
    house.run(serving.__aexit__(None, None, None))


def a_start(call_id):
    return ActionStart(
        tenant_id=SHOP,
        call_id=call_id,
        key=action_key(call_id, "create_ticket", {"subject": uuid.uuid4().hex}),
        action="create_ticket",
        slots=WORDS,
        lease=1,
        language=Language.EN,
        needs_approval=True,
    )


@pytest.fixture
def waiting(house, call_in, vendor):
    """An action beyond its limit, of a call that goes on."""
    start = a_start(call_in().call_id)

    async def begin():
        codec = EncryptionCodec(house.deps.keys)
        client = await connect(house.settings.temporal_address, house.settings.temporal_namespace, codec)
        codec.know(SHOP, start.call_id)
        name = action_workflow_id(start.call_id, start.key)
        await client.start_workflow(CrmActionWorkflow.run, start, id=name, task_queue=DURABLE)

    house.run(begin())
    house.until(lambda: row_of(house, start))
    return start


@pytest.fixture
def unknown(house, call_in):
    """An action of which nobody can tell whether it was done."""
    start = a_start(call_in().call_id)
    house.run(house.deps.actions.begin(start, ActionState.RUNNING))
    result = ActResult(key=start.key, action=start.action, state=ActionState.UNKNOWN)
    house.run(house.deps.actions.settle(SHOP, result, start.call_id))
    return start


def row_of(house, start):
    rows = house.run(house.deps.actions.of_call(SHOP, start.call_id))
    return next((row for row in rows if row.key == start.key), None)


def ask(http, start, act):
    return http.post(f"/v1/desk/tasks/{start.call_id}/{start.key}/{act}")


def listed(http, kind):
    answer = http.get("/v1/desk/tasks")
    assert answer.status_code == 200, answer.text
    return {task["key"]: task for task in answer.json()[kind]}


def test_what_is_allowed_is_done_at_the_vendor_once(house, vendor, waiting, refused, audited):
    http = house.as_person(Role.ADVISOR)
    said = Turn(seq=1, speaker=Speaker.CALLER, text="الثلاجة تسرب", language=Language.AR, started_ms=0, ended_ms=900)
    house.run(house.deps.store.record_turn(SHOP, waiting.call_id, said))
    task = listed(http, "approvals")[waiting.key]
    assert (task["call_id"], task["action"], task["language"]) == (waiting.call_id, "create_ticket", "ar")
    assert (task["what"], task["caller"]) == ({"trouble": WORDS["trouble"]}, WORDS["phone"])
    assert 0 <= time.time() - task["since"] < 600
    assert waiting.key not in vendor.effects

    assert ask(http, waiting, "approve").status_code == 204
    assert waiting.key not in listed(http, "approvals")
    row = house.until(lambda: row if (row := row_of(house, waiting)).state is ActionState.DONE else None)
    assert row.reference
    assert vendor.effects[waiting.key] == 1
    assert refused(ask(http, waiting, "approve")) == (409, "decided")
    assert refused(ask(http, waiting, "decline")) == (409, "decided")
    assert vendor.effects[waiting.key] == 1
    me, subject = f"{SHOP}-advisor", f"{waiting.call_id}/{waiting.key}"
    assert audited(subject) == [
        (me, "action_approve", ""),
        (me, "action_approve_refused", "decided"),
        (me, "action_decline_refused", "decided"),
    ]


def test_what_is_declined_is_not_done(house, vendor, waiting, refused):
    http = house.as_person(Role.ADVISOR)
    assert ask(http, waiting, "decline").status_code == 204
    row = house.until(lambda: row if (row := row_of(house, waiting)).state is ActionState.REJECTED else None)
    assert row.reason == "not_allowed"
    assert refused(ask(http, waiting, "approve")) == (409, "decided")
    assert waiting.key not in vendor.effects


def test_a_task_comes_to_every_open_desk_and_goes_from_it_by_itself(house, open_desk, call_in):
    mine, theirs = open_desk(), open_desk(tenant_id=CLINIC)
    start = a_start(call_in().call_id)
    changed = {"type": "changed", "what": "desk"}
    result = ActResult(key=start.key, action=start.action, state=ActionState.UNKNOWN)

    def told(act):
        before = len(mine.heard)
        house.run(act)
        house.until(lambda: changed in mine.heard[before:])

    told(house.deps.actions.begin(start, ActionState.WAITING_APPROVAL))
    assert start.key in listed(mine.http, "approvals")
    told(house.deps.actions.settle(SHOP, result, start.call_id))
    assert start.key in listed(mine.http, "unknown")
    told(house.deps.actions.note_looked_after(SHOP, start.call_id, start.key))
    assert start.key not in listed(mine.http, "unknown")
    assert changed not in theirs.heard


def test_a_decision_is_told_to_every_desk(house, open_desk, waiting):
    one, other = open_desk(), open_desk()
    told = len(other.heard)
    assert ask(one.http, waiting, "decline").status_code == 204
    house.until(lambda: {"type": "changed", "what": "desk"} in other.heard[told:])


def test_what_somebody_has_looked_at_is_listed_no_more(house, unknown, refused):
    http = house.as_person(Role.ADVISOR)
    assert listed(http, "unknown")[unknown.key]["what"] == {"trouble": WORDS["trouble"]}
    assert refused(ask(http, unknown, "approve")) == (409, "decided")
    assert ask(http, unknown, "done").status_code == 204
    assert unknown.key not in listed(http, "unknown")
    assert refused(ask(http, unknown, "done")) == (409, "decided")


def test_what_waits_for_a_decision_is_not_merely_looked_at(house, waiting, refused):
    http = house.as_person(Role.ADVISOR)
    assert refused(ask(http, waiting, "done")) == (409, "decided")
    assert waiting.key in listed(http, "approvals")


def test_a_viewer_decides_nothing(house, waiting, refused):
    viewer = house.as_person(Role.VIEWER)
    assert refused(viewer.get("/v1/desk/tasks")) == (403, "forbidden")
    for act in ("approve", "decline", "done"):
        assert refused(ask(viewer, waiting, act)) == (403, "forbidden")
    assert row_of(house, waiting).state is ActionState.WAITING_APPROVAL


def test_another_companys_task_is_not_there(house, waiting, unknown, refused):
    theirs = house.as_person(Role.ADMIN, CLINIC)
    assert theirs.get("/v1/desk/tasks").json() == {"approvals": [], "unknown": []}
    for act in ("approve", "decline"):
        assert refused(ask(theirs, waiting, act)) == (404, "not_found")
    assert refused(ask(theirs, unknown, "done")) == (404, "not_found")
    assert row_of(house, waiting).state is ActionState.WAITING_APPROVAL


@pytest.mark.parametrize("place", ["%00/%00", "nobody/nothing", "{call_id}/nothing", "nobody/{key}", "{call_id}/%00"])
def test_nonsense_for_a_task(house, unknown, refused, place):
    http = house.as_person(Role.ADVISOR)
    place = place.format(call_id=unknown.call_id, key=unknown.key)
    for act in ("approve", "decline", "done"):
        assert refused(http.post(f"/v1/desk/tasks/{place}/{act}")) == (404, "not_found")
