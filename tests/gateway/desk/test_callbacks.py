"""Promised callbacks at the desk, over the real procedure."""

import time
from dataclasses import replace

import pytest

from domain.accounts import Role
from domain.call import workflow_id
from domain.desk.callbacks import CallbackReason, CallbackState, CallbackVia
from domain.handoff import PromiseCallback
from domain.line import PhaseKind
from domain.outbound.calling_out import request_of
from domain.outbound.promised import TO_A_COLLEAGUE, WHY
from domain.post_call import Disposition
from domain.speech import Language
from domain.tenant import CallingHours
from storage.outbound import PostgresDialBook
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC, SHOP
from workflows.callback import CallbackWorkflow
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.queues import DURABLE, callback_workflow_id

pytestmark = pytest.mark.servers

NUMBER = "+971501234567"


@pytest.fixture
def day_and_night(house):
    """People may be called at any hour, whenever this test runs."""
    profile = house.run(house.deps.tenants.profile(SHOP))
    hours = CallingHours(earliest="00:00", latest="24:00")
    house.run(house.deps.tenants.save(replace(profile, calling_hours=hours)))
    yield
    house.run(house.deps.tenants.save(profile))


@pytest.fixture
def promised(house, call_in, day_and_night):
    """A callback that is due, of a call that is over."""
    caller = call_in()
    house.run(house.deps.callbacks.note_contact(SHOP, caller.call_id, NUMBER))
    caller.hang_up()
    house.until_ended(caller.call_id)
    return promise_to(house, caller.call_id)


@pytest.fixture
def promised_on_line(house, call_in, day_and_night):
    """A caller whose page is still open, and the callback to them, which is due."""
    caller = call_in()
    house.run(house.deps.callbacks.note_contact(SHOP, caller.call_id, NUMBER))
    # The call goes on: its next handoff, which keeps the promise, has a number of its own.
    callback_id = promise_to(house, caller.call_id, number=9)
    becomes_due(house, callback_id)
    return caller, callback_id


def promise_to(house, call_id, number=1) -> str:
    async def promise() -> None:
        codec = EncryptionCodec(house.deps.keys)
        client = await connect(house.settings.temporal_address, house.settings.temporal_namespace, codec)
        codec.know(SHOP, call_id)
        wanted = PromiseCallback(
            call_id=call_id, tenant_id=SHOP, number=number, reason="lost", language=Language.EN, due_at=None
        )
        await client.start_workflow(
            CallbackWorkflow.run, wanted, id=callback_workflow_id(call_id, number), task_queue=DURABLE
        )

    house.run(promise())
    row = house.until(lambda: house.run(house.deps.callbacks.callback(SHOP, f"{call_id}-{number}")))
    assert workflow_id(call_id)
    return row.callback_id


def ask(desk, callback_id, act, body=None):
    return desk.http.post(f"/v1/desk/callbacks/{callback_id}/{act}", json=body)


def state_of(house, callback_id):
    return house.run(house.deps.callbacks.callback(SHOP, callback_id)).state


def becomes_due(house, callback_id):
    house.until(lambda: state_of(house, callback_id) is CallbackState.DUE)


def test_a_supervisor_sees_all_and_an_advisor_what_is_due(house, open_desk, promised, refused):
    supervisor, advisor = open_desk(Role.SUPERVISOR), open_desk()
    rows = {row["callback_id"]: row for row in supervisor.http.get("/v1/callbacks").json()["callbacks"]}
    assert rows[promised]["contact"] == NUMBER
    assert refused(advisor.http.get("/v1/callbacks")) == (403, "forbidden")
    for row in advisor.shown()["callbacks"]:
        assert row["contact"] is None
    theirs = open_desk(Role.SUPERVISOR, CLINIC)
    assert promised not in str(theirs.http.get("/v1/callbacks").json())


def test_a_callback_is_cancelled_once(house, open_desk, promised, refused, audited):
    advisor = open_desk()
    assert ask(advisor, promised, "cancel").status_code == 204
    house.until(lambda: state_of(house, promised) is CallbackState.CANCELLED)
    assert refused(ask(advisor, promised, "cancel")) == (409, "callback_over")
    assert refused(ask(advisor, promised, "claim")) == (409, "callback_over")
    me = advisor.user.user_id
    assert audited(promised)[:2] == [(me, "callback_cancel", ""), (me, "callback_cancel_refused", "callback_over")]


def test_a_claim_shows_the_number_and_is_exclusive(house, open_desk, promised, refused):
    first, second = open_desk(), open_desk()
    becomes_due(house, promised)
    claimed = ask(first, promised, "claim").json()
    assert (claimed["callback"]["contact"], claimed["handoff_id"]) == (NUMBER, None)
    assert refused(ask(second, promised, "claim")) == (409, "claimed")
    assert refused(ask(second, promised, "done")) == (409, "not_yours")
    assert ask(first, promised, "done").status_code == 204
    house.until(lambda: state_of(house, promised) is CallbackState.DONE)


def test_the_agent_dials_it_once_for_each_try_where_the_company_has_a_trunk(
    house, open_desk, promised, refused, audited
):
    first, second = open_desk(), open_desk()
    becomes_due(house, promised)
    assert refused(ask(first, promised, "dial")) == (409, "not_yours")
    assert ask(first, promised, "claim").status_code == 200
    summary = (promised.rpartition("-")[0], "Asked for a home visit.", Disposition.UNRESOLVED)
    house.run(house.deps.store.set_summary(SHOP, *summary))
    assert (first.shown()["dials"], open_desk(tenant_id=CLINIC).shown()["dials"]) == (True, False)

    def dialled():
        """Nobody has the trunk, so nothing is dialled in the end."""
        told = ask(first, promised, "dial").json()
        return told if told["result"] else None

    assert dialled() is None
    assert refused(ask(second, promised, "dial")) == (409, "not_yours")
    assert house.until(dialled) == {"result": "no_line", "handoff_id": None}
    book = PostgresDialBook(house.database, house.deps.keys)
    said = house.run(book.opening(SHOP, request_of(SHOP, f"callback/{promised}/0")))
    assert WHY[CallbackReason.LOST][Language.EN] in said.text
    assert said.text.endswith(TO_A_COLLEAGUE[Language.EN])
    assert said.about == "Asked for a home visit."
    me = first.user.user_id
    assert [act for who, act, _ in audited(promised) if who == me].count("callback_dial") == 1


def test_over_a_page_that_is_still_open_it_rings_at_the_desk_and_connects(house, open_desk, promised_on_line):
    caller, callback_id = promised_on_line
    advisor, other = open_desk(), open_desk()
    advisor.stand()
    other.stand()
    claimed = ask(advisor, callback_id, "claim").json()
    handoff_id = claimed["handoff_id"]
    assert (claimed["callback"]["via"], claimed["callback"]["state"]) == ("page", "claimed")
    assert advisor.rings()["handoff_id"] == handoff_id
    assert other.shown()["offer"] is None
    phase = house.until(lambda: house.host.phases.get(caller.call_id))
    assert (phase.kind, phase.handoff_id) == (PhaseKind.HELD, handoff_id)
    advisor.done(handoff_id, "accept")
    advisor.done(handoff_id, "join", offer=OFFERED)
    house.until(lambda: house.host.phases[caller.call_id].kind is PhaseKind.BRIDGED)
    assert list(house.host.people[caller.call_id]) == [advisor.user.user_id]
    assert advisor.shown()["handoff"]["brief"]["reason"] == "callback"
    assert ask(advisor, callback_id, "done").status_code == 204
    house.until(lambda: state_of(house, callback_id) is CallbackState.DONE)


def test_an_advisor_who_declines_it_after_all_leaves_the_promise_to_be_kept(
    house, open_desk, promised_on_line, refused, audited
):
    caller, callback_id = promised_on_line
    advisor = open_desk()
    me = advisor.user.user_id
    advisor.stand()
    handoff_id = ask(advisor, callback_id, "claim").json()["handoff_id"]
    assert advisor.rings()["handoff_id"] == handoff_id
    advisor.done(handoff_id, "decline")
    house.until(lambda: advisor.shown()["offer"] is None)
    [offer] = advisor.http.get(f"/v1/desk/handoffs/{handoff_id}").json()["offers"]
    assert (offer["advisor_id"], offer["result"]) == (me, "declined")
    caller.hang_up()
    house.until_ended(caller.call_id)
    # Whoever claimed it says what became of it; then it comes again, to be called by hand.
    assert refused(ask(open_desk(), callback_id, "failed")) == (409, "not_yours")
    assert ask(advisor, callback_id, "failed").status_code == 204
    row = house.until(lambda: house.run(house.deps.callbacks.callback(SHOP, callback_id)))
    assert (row.state, row.tries, row.via) == (CallbackState.PROMISED, 1, CallbackVia.BY_HAND)
    assert [act for who, act, _ in audited(callback_id) if who == me] == ["callback_claim", "callback_failed"]
    assert (me, "handoff_decline", "") in audited(handoff_id)


def test_a_callback_is_put_off_to_a_time_at_which_calling_is_allowed(house, open_desk, promised):
    advisor = open_desk()
    wanted = time.time() + 2 * 86_400

    def moved():
        """Refused while it comes due in this very moment: then it is asked again."""
        answer = ask(advisor, promised, "reschedule", {"at": wanted})
        assert answer.status_code == 200 or answer.json()["code"] == "claimed", answer.text
        return answer.json() if answer.status_code == 200 else None

    assert house.until(moved)["at"] >= wanted - 1


@pytest.mark.parametrize("at", [0, -5, 1.0, time.time() + 90 * 86_400, "tomorrow", None, True])
def test_no_time_at_which_to_call(open_desk, promised, refused, at):
    assert refused(ask(open_desk(), promised, "reschedule", {"at": at})) == (422, "invalid")


def test_another_companys_callback_is_not_there(open_desk, promised, refused):
    theirs = open_desk(tenant_id=CLINIC)
    for act, body in [("claim", None), ("dial", None), ("done", None), ("failed", None), ("cancel", None)]:
        assert refused(ask(theirs, promised, act, body)) == (404, "not_found"), act
    soon = {"at": time.time() + 3600}
    assert refused(ask(theirs, promised, "reschedule", soon)) == (404, "not_found")
    assert refused(ask(theirs, "%00", "claim")) == (404, "not_found")


def test_a_viewer_calls_nobody_back(house, promised, refused):
    viewer = house.as_person(Role.VIEWER)
    assert refused(viewer.post(f"/v1/desk/callbacks/{promised}/claim")) == (403, "forbidden")
