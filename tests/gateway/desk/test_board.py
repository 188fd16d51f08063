"""The supervisor's board over living calls, and every act on one."""

import uuid

import pytest

from domain.accounts import Role
from domain.call import Outcome
from domain.line import PartyMode, PartyRole
from domain.speech import Language, Speaker, Turn, TurnKind
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

ACTS = [
    ("POST", "join", {"offer": OFFERED, "mode": "listen"}),
    ("PATCH", "mode", {"mode": "talk"}),
    ("POST", "leave", None),
    ("POST", "guide", {"text": "Offer them a refund."}),
    ("POST", "take-over", None),
    ("POST", "handoff", {}),
    ("POST", "end", None),
]


@pytest.fixture
def supervisor(open_desk):
    return open_desk(Role.SUPERVISOR)


def act(desk, call_id, method, name, body):
    return desk.http.request(method, f"/v1/board/calls/{call_id}/{name}", json=body)


def row_of(desk, call_id):
    return next(each for each in desk.http.get("/v1/board").json()["calls"] if each["call_id"] == call_id)


def test_a_call_is_shown_with_its_mood_and_its_last_answers_time(house, supervisor, call_in):
    caller = call_in()
    said = [
        (Speaker.CALLER, "This is unacceptable, I am really angry!", None, {"endpoint": 400, "asr": 200}),
        (Speaker.AGENT, "I am sorry to hear that.", TurnKind.ANSWER, {"brain": 300, "tts": 100}),
    ]
    for seq, (speaker, text, kind, stages_ms) in enumerate(said):
        turn = Turn(
            seq=seq,
            speaker=speaker,
            text=text,
            language=Language.EN,
            started_ms=1000 * seq,
            ended_ms=1000 * seq + 500,
            kind=kind,
            stages_ms=stages_ms,
        )
        house.run(house.deps.store.record_turn(SHOP, caller.call_id, turn))
    row = row_of(supervisor, caller.call_id)
    assert (row["turns"], row["reply_ms"], row["handoff"]) == (2, 1000, None)
    assert (row["language"], row["mood"]["mood"]) == ("en", "angry")
    assert row["mood"]["evidence"]
    assert row["seconds"] >= 0
    assert "unacceptable" not in str(row)


def test_a_call_without_words_has_no_mood(supervisor, call_in):
    row = row_of(supervisor, call_in().call_id)
    assert (row["mood"], row["reply_ms"], row["turns"]) == (None, None, 0)


def test_who_waits_and_who_is_there(house, supervisor, open_desk, call_in):
    advisor, caller = open_desk(), call_in()
    advisor.stand()
    handoff_id = caller.wants_a_person().json()["handoff_id"]
    advisor.rings()
    board = supervisor.http.get("/v1/board").json()
    row = next(each for each in board["calls"] if each["call_id"] == caller.call_id)
    assert row["handoff"]["handoff_id"] == handoff_id
    assert row["handoff"]["advisor"] == {"id": advisor.user.user_id, "name": "Aisha"}
    assert board["waiting"][0]["count"] >= 1
    states = {each["id"]: each["state"] for each in board["advisors"]}
    assert (states[advisor.user.user_id], states[f"{SHOP}-advisor"]) == ("ringing", "offline")


def test_listen_whisper_barge_guide_and_leave(house, supervisor, call_in, audited):
    caller, me = call_in(), supervisor.user.user_id
    joined = act(supervisor, caller.call_id, "POST", "join", {"offer": OFFERED}).json()
    assert (joined["call_id"], joined["answer"]["type"]) == (caller.call_id, "answer")
    party = house.host.people[caller.call_id][me]
    assert (party.role, party.mode) == (PartyRole.SUPERVISOR, PartyMode.LISTEN)
    for mode in ("whisper", "talk"):
        assert act(supervisor, caller.call_id, "PATCH", "mode", {"mode": mode}).status_code == 204
        assert house.host.people[caller.call_id][me].mode is PartyMode(mode)
    assert act(supervisor, caller.call_id, "POST", "guide", {"text": "Offer a refund."}).status_code == 204
    assert house.host.guidance[-1] == "Offer a refund."
    assert act(supervisor, caller.call_id, "POST", "leave", None).status_code == 204
    assert house.host.people[caller.call_id] == {}
    actions = [action for actor, action, _ in audited(caller.call_id) if actor == me]
    assert actions == ["call_join", "call_mode", "call_mode", "call_guide", "call_leave"]
    assert "refund" not in str(house.run(house.deps.audit.lines(SHOP)))


def test_a_supervisor_takes_over(house, supervisor, open_desk, call_in):
    advisor, caller = open_desk(), call_in()
    advisor.stand()
    handoff_id = act(supervisor, caller.call_id, "POST", "take-over", None).json()["handoff_id"]
    assert supervisor.rings()["handoff_id"] == handoff_id
    assert advisor.shown()["offer"] is None
    supervisor.done(handoff_id, "accept")
    supervisor.done(handoff_id, "join", offer=OFFERED)


def test_taking_over_needs_an_open_desk(house, call_in, refused):
    closed = house.as_person(Role.SUPERVISOR)
    answer = closed.post(f"/v1/board/calls/{call_in().call_id}/take-over")
    assert refused(answer) == (409, "no_desk")


def test_a_supervisor_hands_a_call_to_an_advisor(supervisor, open_desk, call_in):
    advisor, caller = open_desk(), call_in()
    advisor.stand()
    handoff_id = act(supervisor, caller.call_id, "POST", "handoff", {}).json()["handoff_id"]
    offer = advisor.rings()
    assert (offer["handoff_id"], offer["reason"], offer["by"]) == (handoff_id, "supervisor", supervisor.user.user_id)


def test_a_supervisor_ends_a_call(house, supervisor, call_in, refused):
    caller = call_in()
    assert act(supervisor, caller.call_id, "POST", "end", None).status_code == 204
    assert house.until_ended(caller.call_id).outcome is Outcome.ENDED_BY_OPERATOR
    for method, name, body in ACTS:
        assert refused(act(supervisor, caller.call_id, method, name, body)) == (409, "call_ended"), name


def test_another_companys_supervisor_finds_no_such_call(open_desk, call_in, refused, audited):
    stranger, caller = open_desk(Role.SUPERVISOR, CLINIC), call_in()
    for method, name, body in ACTS:
        assert refused(act(stranger, caller.call_id, method, name, body)) == (404, "not_found"), name
    assert caller.call_id not in str(stranger.http.get("/v1/board").json())
    me = stranger.user.user_id
    refusals = [line for line in audited(caller.call_id, CLINIC) if line[0] == me]
    assert refusals == [(me, f"{refusal}_refused", "not_found") for refusal in REFUSALS]


REFUSALS = ["call_join", "call_mode", "call_leave", "call_guide", "call_take_over", "call_handoff", "call_end"]


def test_an_advisor_is_no_supervisor(house, open_desk, call_in, refused):
    advisor, caller = open_desk(), call_in()
    assert refused(advisor.http.get("/v1/board")) == (403, "forbidden")
    for method, name, body in ACTS:
        assert refused(act(advisor, caller.call_id, method, name, body)) == (403, "forbidden"), name
    lines = [line.subject for line in house.run(house.deps.audit.lines(SHOP)) if line.actor == advisor.user.user_id]
    assert len(lines) == len(ACTS)
    assert house.host.people.get(caller.call_id, {}) == {}


def test_a_mode_of_somebody_who_is_not_in_the_call(supervisor, call_in, refused):
    answer = act(supervisor, call_in().call_id, "PATCH", "mode", {"mode": "talk"})
    assert refused(answer) == (409, "not_in_call")


@pytest.mark.parametrize(
    ("method", "name", "body"),
    [
        ("POST", "join", {"offer": OFFERED, "mode": "shout"}),
        ("POST", "join", {"offer": {"type": "offer", "sdp": "v=0"}}),
        ("PATCH", "mode", {}),
        ("PATCH", "mode", {"mode": 1}),
        ("POST", "guide", {"text": " "}),
        ("POST", "guide", {"text": "x" * 1001}),
        ("POST", "guide", {"text": "a\x00"}),
        ("POST", "handoff", {"queue": "No Queue"}),
        ("POST", "handoff", {"queue": "nowhere"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused(supervisor, call_in, refused, method, name, body):
    status, code = refused(act(supervisor, call_in().call_id, method, name, body))
    assert status == 422
    assert code in ("invalid", "bad_offer", "unknown_queue")


def test_somebody_who_writes_has_no_line_to_listen_in_on(house, supervisor, refused, audited):
    call_id = str(uuid.uuid4())
    house.run(house.deps.store.create_call(SHOP, call_id, "sms", None))
    assert row_of(supervisor, call_id)["channel"] == "sms"
    for method, name, body in ACTS[:3]:
        assert refused(act(supervisor, call_id, method, name, body)) == (409, "no_line")
    refusals = [("call_join_refused", "no_line"), ("call_mode_refused", "no_line"), ("call_leave_refused", "no_line")]
    assert [line[1:] for line in audited(call_id)] == refusals
    house.run(house.deps.store.end_call(SHOP, call_id, Outcome.LOST))


def test_a_call_that_never_was(supervisor, refused):
    for method, name, body in ACTS:
        assert refused(act(supervisor, uuid.uuid4(), method, name, body)) == (404, "not_found")
        assert refused(act(supervisor, "not-an-id", method, name, body)) == (422, "invalid")
